/** Beside a person's story: why they are one person, and which segments they belong to. */
import { int, moment } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Go } from '../../ui/go';
import type { Person } from './model';

const STRENGTHS: Record<string, string> = {
  strong: 'names one person',
  semi: 'names one person as a rule',
  weak: 'a device, a session, a case',
};

export function Joined({ person }: { person: Person }) {
  const { workspace } = useSession();
  const n = person.why.reduce((a, one) => a + one.n, 0);
  const most = Math.max(1, ...(person.joined ?? []).map((one) => one.n));
  return (
    <section className="panel" aria-labelledby="why-one">
      <h2 id="why-one">
        {t('Why this is one person')}{' '}
        <small>
          {plural(n, '{n} identity', '{n} identities')}, {plural(person.why.length, '{n} kind', '{n} kinds')}
        </small>
      </h2>
      <ul className="kinds">
        {person.why.map((one) => (
          <li key={`${one.kind} ${one.strength}`}>
            <span>
              <bdi>{one.kind.replaceAll('_', ' ')}</bdi>{' '}
              {one.strength && <small>{t(STRENGTHS[one.strength] ?? one.strength)}</small>}
            </span>
            <b>{int(one.n)}</b>
          </li>
        ))}
      </ul>
      {person.joined && person.joined.length > 0 && (
        <>
          <h3 className="mt">{t('What joined them')}</h3>
          <ul className="kinds">
            {person.joined.map((one) => (
              <li key={one.by}>
                <span>
                  <bdi>{t(one.by)}</bdi>{' '}
                  {one.first && <small>{t('first {at}', { at: moment(one.first, workspace.time_zone, 'day') })}</small>}
                  <span className="rk" aria-hidden="true">
                    <i className="mid" style={{ width: `${(100 * one.n) / most}%` }} />
                  </span>
                </span>
                <b title={t('how often it was seen')}>×{int(one.n)}</b>
              </li>
            ))}
          </ul>
        </>
      )}
      {(person.conflicts ?? 0) > 0 && (
        <p className="foot t-bad">
          {plural(
            person.conflicts ?? 0,
            '{n} link was not believed: worth a look.',
            '{n} links were not believed: worth a look.',
          )}
        </p>
      )}
      <p className="foot">
        <Go to={{ page: 'data/identity' }}>{t('How people are told apart')}</Go>
      </p>
    </section>
  );
}

export function Belongs({ person }: { person: Person }) {
  return (
    <section className="panel" aria-labelledby="belongs">
      <h2 id="belongs">{t('Segments')}</h2>
      {person.segments.length === 0 ? (
        <p className="dim">{t('In none of the saved segments.')}</p>
      ) : (
        <ul className="pills">
          {person.segments.map((name) => (
            <li key={name}>
              <Go className="chip" to={{ page: 'people/segments', query: { segment: name } }}>
                <bdi>{name}</bdi>
              </Go>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
