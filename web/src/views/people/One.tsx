/** One person: since when, how often, what they did and said, on which channels, and why all of it is one person. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { get, url } from '../../api/client';
import { Lanes } from '../../charts/people/Lanes';
import type { Mark } from '../../charts/people/layout';
import { go, useAddress } from '../../lib/address';
import { type Load, useGet } from '../../lib/asking';
import { duration, int, moment, money, signed1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useMay, useSession } from '../../lib/session';
import { Go } from '../../ui/go';
import { Icon } from '../../ui/Icon';
import { Head, Menu } from '../../ui/parts';
import { Broken, Shown } from '../../ui/shown';
import { Belongs, Joined } from './Aside';
import { clock, type Event, longDay, type Page, type Person, shortDay, spotsOf, timeOf } from './model';
import { Reveal } from './Reveal';
import { rowId, Story } from './Story';

const PAGE = 100;

export function One({ handle }: { handle: string }) {
  const load = useGet<Person>(`/api/people/${encodeURIComponent(handle)}`);
  return <Shown load={load}>{(person) => <Drawn key={person.handle} person={person} />}</Shown>;
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
      {plural(person.channels.length, '{n} channel', '{n} channels')}.
      {person.mood.length > 0 &&
        ` ${plural(
          person.mood.length,
          'Said something {n} time, sounding {mean} (of −5 to +5).',
          'Said something {n} times, sounding {mean} on average (of −5 to +5).',
          { mean: signed1(person.mood.reduce((a, one) => a + one.value, 0) / person.mood.length) },
        )}`}
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
        <Timeline key={only} person={person} only={only} />
        <div>
          <Belongs person={person} />
          <Joined person={person} />
        </div>
      </div>
      {asking && <Reveal handle={person.handle} label={person.label} onClose={() => setAsking(false)} />}
    </>
  );
}

type Pages = { pages: Page[]; busy: boolean; problem: Error | null };

/** The pages of the story read so far, each older than the one before. */
function usePages(handle: string, channel: string): Pages & { more: () => void; first: Load<Page> } {
  const path = (before?: string) =>
    url(`/api/people/${encodeURIComponent(handle)}/timeline`, { before, most: PAGE, channel });
  const first = useGet<Page>(path());
  const [older, setOlder] = useState<Pages>({ pages: [], busy: false, problem: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the newest are read anew, the older ones are too
  useEffect(() => setOlder({ pages: [], busy: false, problem: null }), [first.data]);
  const pages = first.data ? [first.data, ...older.pages] : [];
  const before = pages.at(-1)?.before;
  const more = () => {
    if (!before || older.busy) return;
    setOlder((was) => ({ ...was, busy: true, problem: null }));
    get<Page>(path(before)).then(
      (page) => setOlder((was) => ({ pages: [...was.pages, page], busy: false, problem: null })),
      (problem: Error) => setOlder((was) => ({ ...was, busy: false, problem })),
    );
  };
  return { pages, busy: older.busy, problem: older.problem, more, first };
}

function Timeline({ person, only }: { person: Person; only: string }) {
  const { pages, busy, problem, more, first } = usePages(person.handle, only);
  const rows = useMemo(() => pages.flatMap((page) => page.rows), [pages]);
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
          <Menu
            ghost
            label={t('Channel')}
            value={only}
            shown={only || t('All')}
            options={options}
            onPick={(value) => go({ query: { on: value || null } }, true)}
          />
        </header>
        <Shown load={first}>
          {() =>
            rows.length ? (
              <Both rows={rows} person={person} />
            ) : (
              <p className="dim">{t('Nothing happened on this channel.')}</p>
            )
          }
        </Shown>
        {problem && <Broken problem={problem} again={more} />}
        {pages.at(-1)?.before && (
          <div className="acts">
            <button type="button" className="btn" onClick={more} disabled={busy}>
              {busy ? t('Working…') : t('Load older events')}
            </button>
            <span className="dim">
              {t('{n} of {all} events are shown', {
                n: int(rows.reduce((a, row) => a + row.repeat, 0)),
                all: int(options.find((one) => one.value === only)?.hint ? eventsOf(person, only) : person.events),
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

/** Picture and list, each pointing at the other. */
function Both({ rows, person }: { rows: Event[]; person: Person }) {
  const { workspace } = useSession();
  const zone = workspace.time_zone;
  const [ref, width] = useWidth<HTMLDivElement>();
  const [hot, setHot] = useState<number | null>(null);
  const spots = useMemo(() => spotsOf(rows, zone, t('no channel')), [rows, zone]);
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
        {spots.some((spot) => spot.amount) && (
          <span className="kx">
            <i className="k-go" /> {t('with an amount')}
          </span>
        )}
        {said && (
          <span className="kx">
            <Icon n="voice" s={13} /> {t('feeling from −5 to +5, read from the words')}
          </span>
        )}
      </p>
      <Story rows={rows} hot={hot} onHot={setHot} />
    </>
  );
}
