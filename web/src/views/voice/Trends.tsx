/** Do more people ask for help than before, for as many as there are, and what is a spike about? */

import { useMemo } from 'react';
import { type Answer, extra, type Row, rows } from '../../api/answer';
import { Lines } from '../../charts/plain/Lines';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { dec, int, pct, signed1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Choices, Pick, useChoice } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { Num, usePeople } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { Every } from '../Every';
import { told } from '../groups';
import { asEvent } from '../maps';
import { type Contacts, contactsOf } from './contacts';
import type { Spoken } from './spoken';

type Bucket = Row & {
  bucket: string;
  over: boolean;
  tickets: number;
  people: number;
  active: number;
  per_100_active: number | null;
  per_100_active_low: number | null;
  per_100_active_high: number | null;
  expected: number | null;
  expected_per_100: number | null;
  z: number | null;
  spike: string;
};
type Grown = Row & { theme: string; more_than_expected: number; of_growth: number | null };
type Themed = Row & { theme: string; bucket: string; tickets: number; expected: number | null; spike: string };

export function Trends({ spoken }: { spoken: Spoken }) {
  const contacts = contactsOf(spoken, '');
  const [tickets] = useChoice('tickets', contacts?.tickets ?? '');
  if (!tickets || !contacts) return null;
  return <Asking spoken={spoken} contacts={contacts} tickets={tickets} />;
}

function Asking({ spoken, contacts, tickets }: { spoken: Spoken; contacts: Contacts; tickets: string }) {
  const whom = useWhom();
  const [, setTickets] = useChoice('tickets', contacts.tickets);
  const [every, setEvery] = useChoice('every', 'week');
  const usual = contacts.text ? `${contacts.text}.intent` : contacts.topic;
  const [theme, setTheme] = useChoice('ticketabout', usual);
  const fields = { tickets: asEvent(tickets, spoken.known.names), every, ...(theme ? { theme } : {}) };
  const load = useAsk('ticket_trends', fields, { against: '' });
  const asked: Asked = { question: 'ticket_trends', fields, whom: { ...whom, against: '' } };
  return (
    <section className="panel">
      <Shown load={load}>
        {(answer) => (
          <Figure
            title={t('How many ask for help')}
            hint={t('per 100 active people; dashed is what was to be expected')}
            source={{ answer, asked }}
            tools={<Every value={every} of={['day', 'week', 'month']} onPick={setEvery} />}
          >
            <p className="say">{told(answer, 3)}</p>
            <Choices
              said={
                <>
                  {t('Tickets:')}{' '}
                  <b>
                    <bdi>{tickets}</bdi>
                  </b>
                  {theme && (
                    <>
                      {' · '}
                      {t('about')}{' '}
                      <b>
                        <bdi>{theme}</bdi>
                      </b>
                    </>
                  )}
                </>
              }
            >
              <Pick
                label={t('Events that are tickets')}
                value={tickets}
                options={[contacts.tickets, ...spoken.known.names]}
                onPick={setTickets}
              />
              <Pick
                label={t('What they are about')}
                value={theme}
                options={[...(usual ? [usual] : []), ...spoken.known.properties]}
                onPick={setTheme}
              />
            </Choices>
            <Drawn answer={answer} asked={asked} />
            <Notes answer={answer} />
          </Figure>
        )}
      </Shown>
    </section>
  );
}

function Drawn({ answer, asked }: { answer: Answer; asked: Asked }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const { buckets, lines, labels } = useMemo(() => drawnOf(answer), [answer]);
  if (buckets.length < 2) return <p className="dim">{t('Too short for a trend: fewer than two buckets.')}</p>;
  const spikes = buckets.filter((row) => row.spike === 'yes' || row.spike === 'perhaps');
  return (
    <>
      <div ref={ref}>
        {width > 0 && (
          <Lines
            lines={lines}
            labels={labels}
            width={width}
            write={dec}
            zero
            unfinished={t('not over yet')}
            name={t('Tickets per 100 active people in {n} buckets; {spikes} spikes.', {
              n: buckets.length,
              spikes: spikes.length,
            })}
            onPick={(at) => {
              const row = buckets[at];
              if (row)
                open({
                  title: t('With tickets in {bucket}', { bucket: row.bucket }),
                  asked,
                  which: { bucket: row.bucket, who: 'with tickets' },
                });
            }}
          />
        )}
      </div>
      {spikes.length > 0 && <Spikes spikes={spikes} asked={asked} />}
      <Grew answer={answer} last={buckets.findLast((row) => row.over)} />
    </>
  );
}

function drawnOf(answer: Answer) {
  const all = rows<Bucket>(answer.table);
  const first = all.findIndex((row) => row.tickets > 0);
  const buckets = first < 0 ? [] : all.slice(first);
  return {
    buckets,
    labels: buckets.map((row) => row.bucket),
    lines: [
      {
        key: 'found',
        label: t('tickets'),
        tone: 'main' as const,
        points: buckets.map((row) => ({
          y: row.per_100_active,
          low: row.per_100_active_low,
          high: row.per_100_active_high,
          open: !row.over,
        })),
      },
      {
        key: 'expected',
        label: t('expected'),
        tone: 'other' as const,
        points: buckets.map((row) => ({ y: row.expected_per_100 })),
      },
    ],
  };
}

function Spikes({ spikes, asked }: { spikes: Bucket[]; asked: Asked }) {
  return (
    <ul className="spikes" aria-label={t('Spikes')}>
      {spikes.map((row) => (
        <li key={row.bucket}>
          <b className={row.spike === 'yes' ? 't-bad' : ''}>
            {row.spike === 'yes' ? '▲ ' : '△ '}
            {row.bucket}
          </b>{' '}
          {t('{n} tickets, {expected} expected', { n: int(row.tickets), expected: int(row.expected) })} (z{' '}
          {signed1(row.z)}
          {row.spike === 'perhaps' && `, ${t('perhaps chance')}`}) ·{' '}
          <Num
            n={row.people}
            title={t('With tickets in {bucket}', { bucket: row.bucket })}
            asked={asked}
            which={{ bucket: row.bucket, who: 'with tickets' }}
          />{' '}
          {t('people')}
        </li>
      ))}
    </ul>
  );
}

/** What the spikes are about; without a spike, what the last bucket is about. */
function Grew({ answer, last }: { answer: Answer; last: Bucket | undefined }) {
  const grown = extra<Grown>(answer, 'growth').filter((row) => row.more_than_expected > 0);
  const themes = extra<Themed>(answer, 'themes').filter((row) => row.bucket === last?.bucket && row.tickets > 0);
  if (grown.length)
    return (
      <p className="foot">
        {t('More than expected in the spikes:')}{' '}
        {grown.slice(0, 6).map((row, i) => (
          <span key={row.theme}>
            {i > 0 && ', '}
            <b>
              <bdi>{row.theme}</bdi>
            </b>{' '}
            {int(row.more_than_expected)} ({pct(row.of_growth)})
          </span>
        ))}
        . {t('They go together; what brought it about only a look at the tickets can say.')}
      </p>
    );
  if (!last || themes.length < 2) return null;
  return (
    <p className="foot">
      {t('In {bucket} they were about:', { bucket: last.bucket })}{' '}
      {themes
        .sort((a, b) => b.tickets - a.tickets)
        .slice(0, 8)
        .map((row, i) => (
          <span key={row.theme}>
            {i > 0 && ', '}
            <b>
              <bdi>{row.theme}</bdi>
            </b>{' '}
            {int(row.tickets)}
            {row.expected != null && ` (${t('{n} expected', { n: int(row.expected) })})`}
          </span>
        ))}
      .
    </p>
  );
}
