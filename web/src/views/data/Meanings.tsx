/** What outcomes, journey maps and words mean here, and where each is written. */
import type { MapDefinition, OutcomeDefinition, WordDefinition } from '../../api/schema';
import { int } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { Go } from '../../ui/go';
import { placeOf } from './definitions';
import { NameList, Scroll, Tag } from './parts';

export function Outcomes({ outcomes }: { outcomes: OutcomeDefinition[] }) {
  return (
    <ul className="cards">
      {outcomes.map((one) => (
        <li key={one.name} className="panel">
          <h2>
            <bdi>{one.name}</bdi> {one.own && <span className="own">{t('defined here')}</span>}
          </h2>
          <p className="say">
            <bdi>{one.says}</bdi>
          </p>
          {one.wrong && (
            <p>
              <Tag kind="problem" /> {one.wrong}
            </p>
          )}
          <dl className="pairs">
            <Pair name={t('Is')}>
              <code>{one.goal}</code>
            </Pair>
            {one.start && (
              <Pair name={t('The clock starts with')}>
                <code>{one.start}</code>
              </Pair>
            )}
            <Pair name={t('Watched from')}>
              {t('{within} after the start, for {window}', { within: one.within, window: one.window })}
            </Pair>
            {one.metrics.length > 0 && (
              <Pair name={t('Beneath it')}>
                <NameList names={one.metrics} />
              </Pair>
            )}
            {one.maps.length > 0 && (
              <Pair name={t('Maps')}>
                <NameList names={one.maps} />
              </Pair>
            )}
            <Pair name={t('Stands in')}>
              {one.file ? <code>{placeOf(one)}</code> : t('the catalogue of desirepath')}
            </Pair>
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Pair({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

export function Maps({ maps }: { maps: MapDefinition[] }) {
  return (
    <ul className="cards">
      {maps.map((one) => (
        <li key={one.name} className="panel">
          <h2>
            <bdi>{one.title}</bdi> <small>{one.name}</small>
          </h2>
          {one.wrong ? (
            <p>
              <Tag kind="problem">{t('cannot be read')}</Tag> <bdi>{one.wrong}</bdi>
            </p>
          ) : (
            <p className="say">
              {t('{stages}, {touchpoints}. An instance is one passage of one person through it.', {
                stages: plural(one.stages.length, '{n} stage', '{n} stages'),
                touchpoints: plural(one.touchpoints, '{n} touchpoint', '{n} touchpoints'),
              })}
            </p>
          )}
          <dl className="pairs">
            {Object.entries(one.outcomes).map(([name, says]) => (
              <Pair key={name} name={t(name)}>
                {says}
              </Pair>
            ))}
            {one.stages.length > 0 && (
              <Pair name={t('Stages')}>
                <NameList names={one.stages} most={12} />
              </Pair>
            )}
            {one.feedback.length > 0 && (
              <Pair name={t('Heard from')}>
                <NameList names={one.feedback} most={3} />
              </Pair>
            )}
            {one.rules.length > 0 && (
              <Pair name={t('Rules')}>
                <NameList names={one.rules} />
              </Pair>
            )}
            <Pair name={t('Stands in')}>
              <code>{one.file}</code>
            </Pair>
          </dl>
          <p className="acts">
            <Go to={{ page: 'journeys/map', query: { journey: one.name } }}>{t('See the map')}</Go>
            <Go to={{ page: 'journeys/edit', query: { journey: one.name } }}>{t('Edit it')}</Go>
          </p>
        </li>
      ))}
    </ul>
  );
}

export function Words({ words }: { words: WordDefinition[] }) {
  return (
    <section className="panel">
      <p className="say">
        {t(
          'Metrics speak of $order or $signup; a word says which events of yours that is. Say it in metrics/words.yaml.',
        )}
      </p>
      <Scroll label={t('Words')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('word')}</th>
              <th scope="col">{t('means here')}</th>
              <th scope="col" className="n">
                {t('used by')}
              </th>
              <th scope="col">{t('stands in')}</th>
            </tr>
          </thead>
          <tbody>
            {words.map((one) => (
              <tr key={one.word}>
                <th scope="row">
                  <code>${one.word}</code>
                </th>
                <td className="means">
                  {one.means === null ? <Tag kind="note">{t('nobody has said it')}</Tag> : <bdi>{one.means}</bdi>}
                </td>
                <td className="n" title={one.used_by.join(', ')}>
                  {int(one.used_by.length)}
                </td>
                <td>{one.file ? <code>{placeOf(one)}</code> : <span className="dim">{t('catalogue')}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
