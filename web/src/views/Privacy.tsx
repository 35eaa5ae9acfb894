/** What is kept of people and how long, who was erased, and what one person may ask: their data, or to be erased. */
import { useState } from 'react';
import type { JobShape, PrivacyShape } from '../api/schema';
import { int, moment } from '../lib/format';
import { plural, t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { Head } from '../ui/parts';
import { Shown } from '../ui/shown';
import { Ask } from './data/Ask';
import { useFresh } from './data/fresh';
import { Bar, bytes, Command, Scroll, Tag } from './data/parts';

export default function Privacy(_: { rest: string }) {
  const load = useFresh<PrivacyShape>('/api/privacy');
  return <Shown load={load}>{(told) => <Drawn told={told} again={load.again} />}</Shown>;
}

function said(told: PrivacyShape): string {
  const erased = told.erasures.length;
  return `${told.retention.says} ${erased ? plural(erased, '{n} person was erased so far.', '{n} people were erased so far.') : t('Nobody was erased so far.')}`;
}

function Drawn({ told, again }: { told: PrivacyShape; again: () => void }) {
  // what was under way when the view was opened is taken up again
  const [job, setJob] = useState<JobShape | null>(told.job);
  return (
    <>
      <Head title={t('Privacy')} say={said(told)} />
      {told.pending.length > 0 && (
        <div className="oops" role="alert">
          <b>{t('Erasure {numbers} was begun and is not finished.', { numbers: told.pending.join(', ') })}</b>{' '}
          {t('The next erasure finishes it, and so does this command:')}
          <Command label={t('finish erasures')} text="desirepath people replay-erasures" />
        </div>
      )}
      <div className="two w64">
        <Ask job={job} setJob={setJob} onErased={again} />
        <Kept told={told} />
      </div>
      <Log told={told} />
    </>
  );
}

function Kept({ told }: { told: PrivacyShape }) {
  const { workspace } = useSession();
  const { retention } = told;
  const most = Math.max(1, ...retention.years.map((one) => one.events));
  return (
    <section className="panel">
      <h2>{t('What is kept')}</h2>
      <p className="dim">
        {retention.first_event
          ? t('Events from {first} to {last}.', {
              first: moment(retention.first_event, workspace.time_zone, 'day'),
              last: moment(retention.last_event, workspace.time_zone, 'day'),
            })
          : t('There are no events yet.')}
      </p>
      <ul className="rows years">
        {retention.years.map((one) => (
          <li key={one.year}>
            <span>{one.year}</span>
            <Bar of={one.events} most={most} />
            <b>{int(one.events)}</b>
          </li>
        ))}
      </ul>
      <Scroll label={t('Where data of people lies')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('where')}</th>
              <th scope="col">{t('what')}</th>
              <th scope="col" className="n">
                {t('size')}
              </th>
            </tr>
          </thead>
          <tbody>
            {retention.places.map((one) => (
              <tr key={one.where}>
                <th scope="row">
                  <code>{one.where}</code>
                </th>
                <td>
                  {one.holds} {!one.names_people && <Tag kind="well">{t('names nobody')}</Tag>}
                </td>
                <td className="n">{bytes(one.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p className="foot">
        {t(
          'All of it lies in the folder of this workspace; nothing is sent anywhere. Backups and exports are yours to keep in order.',
        )}
      </p>
    </section>
  );
}

function Log({ told }: { told: PrivacyShape }) {
  const { workspace } = useSession();
  return (
    <section className="panel">
      <h2>
        {t('Erasures')} <small>{t('erasures.jsonl: proof that names nobody')}</small>
      </h2>
      {told.erasures.length === 0 ? (
        <p className="dim">{t('Nobody was erased yet.')}</p>
      ) : (
        <Scroll label={t('Erasures')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col" className="n">
                  {t('number')}
                </th>
                <th scope="col">{t('decided')}</th>
                <th scope="col">{t('by')}</th>
                <th scope="col">{t('why')}</th>
                <th scope="col">{t('what was there')}</th>
                <th scope="col">{t('done')}</th>
                <th scope="col">{t('digest')}</th>
              </tr>
            </thead>
            <tbody>
              {told.erasures.map((one) => (
                <tr key={one.number}>
                  <td className="n">{one.number}</td>
                  <td>{moment(one.at, workspace.time_zone)}</td>
                  <td>
                    <bdi>{one.author}</bdi>
                  </td>
                  <td className="means">
                    <bdi>{one.reason}</bdi>
                  </td>
                  <td>
                    {plural(one.counts.events ?? 0, '{n} event', '{n} events')},{' '}
                    {plural(one.counts.identities ?? 0, '{n} identity', '{n} identities')},{' '}
                    {plural(one.counts.raw_rows ?? 0, '{n} archived row', '{n} archived rows')}
                  </td>
                  <td>
                    {one.done_at ? (
                      moment(one.done_at, workspace.time_zone)
                    ) : (
                      <Tag kind="problem">{t('not finished')}</Tag>
                    )}
                  </td>
                  <td>{one.digest && <code title={one.digest}>{one.digest.slice(0, 12)}…</code>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <p className="foot">
        {t(
          'Keep erasures.jsonl and erasure.key outside the backups: with both, a restored backup is searched for who was erased since.',
        )}
      </p>
    </section>
  );
}
