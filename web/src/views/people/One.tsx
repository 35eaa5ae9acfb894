/** One person: since when, how often, what they did and said, on which channels, and why all of it is one person. */
import { useCallback, useMemo, useState } from 'react';
import { Lanes } from '../../charts/people/Lanes';
import type { Mark } from '../../charts/people/layout';
import { go, useAddress } from '../../lib/address';
import { useGet } from '../../lib/asking';
import { duration, int, moment, money, signed1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useMay, useSession } from '../../lib/session';
import { Go } from '../../ui/go';
import { Icon } from '../../ui/Icon';
import { Head, Menu, Switch } from '../../ui/parts';
import { Broken, Shown } from '../../ui/shown';
import { Belongs, Joined } from './Aside';
import { clock, type Event, longDay, type Order, type Person, shortDay, spotsOf, timeOf } from './model';
import { type Further, useStory } from './pages';
import { Reveal } from './Reveal';
import { rowId, Story } from './Story';

export function One({ handle }: { handle: string }) {
  const load = useGet<Person>(`/api/people/${encodeURIComponent(handle)}`);
  return <Shown load={load}>{(person) => <Drawn key={person.handle} person={person} />}</Shown>;
}

/** How often they said something, and how it sounds where a feeling can be read from the words. */
function saidText({ said, mood }: Person): string {
  const often = plural(said, 'Said something {n} time', 'Said something {n} times');
  if (!mood.length) return t('{often}, never in words that tell a feeling.', { often });
  const mean = signed1(mood.reduce((a, one) => a + one.value, 0) / mood.length);
  if (mood.length === said) return t('{often}, sounding {mean} (of −5 to +5).', { often, mean });
  return t('{often}, {n} of them in words that tell a feeling: {mean} (of −5 to +5).', {
    often,
    n: int(mood.length),
    mean,
  });
}

function Facts({ person }: { person: Person }) {
  const { workspace } = useSession();
  const known = person.since && person.last ? (timeOf(person.last) - timeOf(person.since)) / 1000 : null;
  return (
    <>
      {t('First seen {since}, last {last}', {
        since: moment(person.since, workspace.time_zone, 'day'),
        last: moment(person.last, workspace.time_zone, 'day'),
      })}
      {known !== null && known > 86_400 && ` (${duration(known)})`}. {plural(person.events, '{n} event', '{n} events')}
      {person.sessions !== null && ` ${plural(person.sessions, 'in {n} visit', 'in {n} visits')}`}
      {' · '}
      {plural(person.channels.length, '{n} channel', '{n} channels')}.{person.said > 0 && ` ${saidText(person)}`}
      {person.value !== null && (
        <>
          {' '}
          {t('Brought in')} <b>{money(person.value, person.currency ?? workspace.currency)}</b>.
        </>
      )}
    </>
  );
}

function Drawn({ person }: { person: Person }) {
  const { query } = useAddress();
  const { user } = useSession();
  const may = useMay('analyst');
  const [asking, setAsking] = useState(false);
  const only = query.get('on') ?? '';
  const order: Order = query.get('order') === 'oldest' ? 'oldest' : 'newest';
  const at = order === 'oldest' ? (query.get('at') ?? '') : '';
  return (
    <>
      <Head title={person.label} say={<Facts person={person} />}>
        <Go to={{ page: 'people' }}>{t('All people')}</Go>
        {may && (
          <button type="button" className="btn" onClick={() => setAsking(true)}>
            {t('Show identity…')}
          </button>
        )}
        {user.scopes.includes('erase') && (
          <Go className="btn" to={{ page: 'data/privacy' }}>
            {t('Export or erase…')}
          </Go>
        )}
      </Head>
      <div className="pgrid">
        <Timeline key={`${only}\n${order}\n${at}`} {...{ person, only, order, at }} />
        <div>
          <Belongs person={person} />
          <Joined person={person} />
        </div>
      </div>
      {asking && <Reveal handle={person.handle} label={person.label} onClose={() => setAsking(false)} />}
    </>
  );
}

const ORDERS = (): [Order, string][] => [
  ['newest', t('Newest first')],
  ['oldest', t('Oldest first')],
];

function More({ further, text }: { further: Further; text: string }) {
  return (
    <>
      {further.problem && <Broken problem={further.problem} again={further.more} />}
      {further.next && (
        <button type="button" className="btn" onClick={further.more} disabled={further.busy}>
          {further.busy ? t('Working…') : text}
        </button>
      )}
    </>
  );
}

/** Where the story begins, when somebody came from a list; and what was before. */
function Began({ at, person, earlier }: { at: string; person: Person; earlier: Further }) {
  const { workspace } = useSession();
  const more = person.since !== null && timeOf(person.since) < timeOf(at);
  return (
    <div className="acts">
      <span className="dim">
        {t('From {moment} on, as the list had it.', { moment: moment(at, workspace.time_zone) })}
      </span>
      {more && <More further={earlier} text={t('Load what was before')} />}
      <Go className="link" to={{ query: { at: null } }}>
        {t('From the beginning')}
      </Go>
    </div>
  );
}

function Timeline({ person, only, order, at }: { person: Person; only: string; order: Order; at: string }) {
  const { first, rows, before, onward, earlier } = useStory(person.handle, only, order, at);
  const options = [
    { value: '', text: t('All'), hint: int(person.events) },
    ...person.channels.map((one) => ({ value: one.channel, text: one.channel, hint: int(one.events) })),
  ];
  return (
    <div>
      <section className="panel" aria-labelledby="timeline">
        <header className="phead">
          <h2 id="timeline">
            {t('Timeline')} <small>{t('quiet days are folded')}</small>
          </h2>
          <Switch
            label={t('Order')}
            value={order}
            options={ORDERS()}
            onPick={(value) => go({ query: { order: value === 'newest' ? null : value, at: null } }, true)}
          />
          <Menu
            ghost
            label={t('Channel')}
            value={only}
            shown={only || t('All')}
            options={options}
            onPick={(value) => go({ query: { on: value || null } }, true)}
          />
        </header>
        {at && <Began at={at} person={person} earlier={earlier} />}
        <Shown load={first}>
          {() =>
            rows.length ? (
              <Both rows={rows} person={person} order={order} here={at ? before : null} />
            ) : (
              <p className="dim">{t('Nothing happened on this channel.')}</p>
            )
          }
        </Shown>
        {(onward.next || onward.problem) && (
          <div className="acts">
            <More further={onward} text={order === 'newest' ? t('Load older events') : t('Load newer events')} />
            <span className="dim">
              {t('{n} of {all} events are shown', {
                n: int(rows.reduce((a, row) => a + row.repeat, 0)),
                all: int(eventsOf(person, only)),
              })}
            </span>
          </div>
        )}
      </section>
    </div>
  );
}

const eventsOf = (person: Person, only: string) =>
  only ? (person.channels.find((one) => one.channel === only)?.events ?? person.events) : person.events;

const AMOUNTS = () =>
  [
    ['income', 'k-go', t('brings in money')],
    ['cost', 'k-pa', t('costs us money')],
    ['amount', 'k-am', t('with an amount')],
  ] as const;

/** Picture and list, each pointing at the other. */
function Both({ rows, person, order, here }: { rows: Event[]; person: Person; order: Order; here: number | null }) {
  const { workspace } = useSession();
  const zone = workspace.time_zone;
  const [ref, width] = useWidth<HTMLDivElement>();
  const [hot, setHot] = useState<number | null>(null);
  const spots = useMemo(() => spotsOf(rows, zone, t('no channel'), order), [rows, zone, order]);
  const day = useCallback((time: number) => shortDay(time, zone), [zone]);
  const told = (mark: Mark) =>
    `${longDay(mark.time, zone)}, ${clock(mark.time, zone)}: ${mark.names.join(', ')}${mark.n > 1 ? ` ×${mark.n}` : ''}${
      mark.mood !== null ? ` · ${t('sounds {n}', { n: signed1(mark.mood) })}` : ''
    }`;
  const pick = (row: number) => {
    setHot(row);
    const line = document.getElementById(rowId(row));
    line?.scrollIntoView({ block: 'center' });
    line?.focus({ preventScroll: true });
  };
  const said = spots.some((spot) => spot.said);
  return (
    <>
      <div ref={ref}>
        {width > 0 && (
          <Lanes
            spots={spots}
            width={width - 96}
            hot={hot}
            onHot={setHot}
            onPick={pick}
            day={day}
            from={order}
            told={told}
            name={t('Events of {label} by channel over time, {n} of them; the list below has the same.', {
              label: person.label,
              n: int(spots.length),
            })}
          />
        )}
      </div>
      <p className="legend">
        <span className="kx">
          <i className="k-ev" /> {t('event')}
        </span>
        {said && (
          <>
            <span className="kx">
              <i className="k-sa" /> {t('said something')}
            </span>
            <span className="kx">
              <i className="k-fr" /> {t('sounds bad')}
            </span>
          </>
        )}
        {AMOUNTS().map(
          ([kind, mark, text]) =>
            spots.some((spot) => spot.amount === kind) && (
              <span key={kind} className="kx">
                <i className={mark} /> {text}
              </span>
            ),
        )}
        {said && (
          <span className="kx">
            <Icon n="voice" s={13} /> {t('feeling from −5 to +5, read from the words')}
          </span>
        )}
      </p>
      <Story rows={rows} order={order} here={here} hot={hot} onHot={setHot} />
    </>
  );
}
