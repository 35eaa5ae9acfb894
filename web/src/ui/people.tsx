/** Who is behind a number: every number that counts people opens them here. */
import { type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import type { Value } from '../api/answer';
import { send } from '../api/client';
import { type Change, useAddress } from '../lib/address';
import { useAsync } from '../lib/asking';
import { int, moment, money } from '../lib/format';
import { toast } from '../lib/hooks';
import { t } from '../lib/i18n';
import { useMay, useSession } from '../lib/session';
import { body } from '../lib/whom';
import { Dialog } from './dialog';
import { Go } from './go';
import { type Behind, Opener } from './opener';
import { Shown } from './shown';
import { columnOf, type Sort, SortHead, sortedSay } from './sorted';
import { titled, written } from './table';

type Unit = { handle: string; label: string } & Record<string, Value>;
type Found = { total: number; units: Unit[]; sums: Record<string, number> };

export const usePeople = () => useContext(Opener);

/** The list that was open when this entry of the history was left. */
const listed = () => (history.state as { behind?: Behind } | null)?.behind ?? null;

export function PeopleProvider({ children }: { children: ReactNode }) {
  const [behind, set] = useState<Behind | null>(null);
  const { page } = useAddress();
  const may = useMay('analyst');
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever goes to another page leaves the list, and finds it again by Back
  useEffect(() => set(listed()), [page]);
  const open = useCallback((behind: Behind | null) => {
    history.replaceState({ behind }, '');
    set(behind);
  }, []);
  return (
    <Opener value={open}>
      {children}
      {behind && may && <Drawer key={JSON.stringify(behind)} behind={behind} onClose={() => open(null)} />}
    </Opener>
  );
}

/** A number that opens its people. */
export function Num({ n, children, ...behind }: { n?: number | null; children?: ReactNode } & Behind) {
  const open = usePeople();
  const may = useMay('analyst');
  if (!may) return <>{children ?? int(n)}</>; // whoever sees numbers alone has no people to open
  return (
    <button
      type="button"
      className="num"
      aria-label={t('{n}: {title}. Show the people', { n: int(n), title: behind.title })}
      onClick={() => open(behind)}
    >
      {children ?? int(n)}
    </button>
  );
}

const PAGE = 50;

function Drawer({ behind, onClose }: { behind: Behind; onClose: () => void }) {
  const [offset, setOffset] = useState(0);
  const [sort, setSort] = useState<Sort>(behind.sort ?? '');
  const { asked, which } = behind;
  const onSort = (to: Sort) => {
    setSort(to);
    setOffset(0);
    history.replaceState({ behind: { ...behind, sort: to } }, '');
  };
  const request = {
    question: asked.question,
    metric: asked.metric,
    fields: asked.fields ?? {},
    ...body(asked.whom),
    which,
  };
  const load = useAsync<Found>(JSON.stringify({ ...request, sort, offset }), (signal) =>
    send('POST', '/api/people/behind', { ...request, sort, most: PAGE, offset }, signal),
  );
  const [name, setName] = useState('');
  const keep = (event: React.FormEvent) => {
    event.preventDefault();
    send('PUT', `/api/segments/${encodeURIComponent(name)}`, request)
      .then(() => toast(t('Saved as the segment {name}.', { name })))
      .catch((problem: Error) => toast(problem.message));
  };
  return (
    <Dialog title={behind.title} onClose={onClose} drawer>
      <Shown load={load}>
        {({ total, units, sums }) => (
          <>
            <p className="say">
              <b>{int(total)}</b> {t('behind this number')}
              {sort && <small className="dim"> {sortedSay(sort, columnName(columnOf(sort)))}</small>}
            </p>
            {behind.note && <p className="dim">{behind.note}</p>}
            <form className="row2" onSubmit={keep}>
              <label className="field">
                {t('Keep them as a segment')}
                <input
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                  required
                  pattern="[\w\- ]{1,60}"
                  placeholder={t('name of the segment')}
                />
              </label>
              <button type="submit" className="btn pri" style={{ alignSelf: 'center' }}>
                {t('Save')}
              </button>
            </form>
            <Units {...{ units, sums, total, sort, onSort }} />
            {total > PAGE && (
              <div className="acts">
                <button type="button" className="btn" disabled={offset === 0} onClick={() => setOffset(offset - PAGE)}>
                  {t('Previous')}
                </button>
                <span className="dim">
                  {t('{from} to {to} of {total}', {
                    from: int(offset + 1),
                    to: int(Math.min(total, offset + PAGE)),
                    total: int(total),
                  })}
                </span>
                <button
                  type="button"
                  className="btn"
                  disabled={offset + PAGE >= total}
                  onClick={() => setOffset(offset + PAGE)}
                >
                  {t('Next')}
                </button>
              </div>
            )}
          </>
        )}
      </Shown>
    </Dialog>
  );
}

const AMOUNTS = new Set(['after', 'before', 'brought_in', 'burden', 'cost', 'revenue']);
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** What a question says of somebody, as people read it: moments in the company's zone, lengths and amounts in units. */
function useWritten() {
  const { workspace } = useSession();
  return (name: string, value: Value): string => {
    if (typeof value === 'string' && MOMENT.test(value)) return moment(value, workspace.time_zone);
    if (typeof value === 'number' && AMOUNTS.has(name)) return money(value, workspace.currency);
    return written(name, value);
  };
}

/** Columns whose names say too little. */
const NAMES: Record<string, string> = { label: 'person', burden: 'net cost' };
const columnName = (column: string) => (NAMES[column] ? t(NAMES[column]) : titled(column));

type Listed = Found & { sort: Sort; onSort: (sort: Sort) => void };

/** The moment at which a story is opened from a list: when they said it, else when the journey or the steps began. */
const OPENS = ['said_at', 'entered_at', 'started_at', 'began_at'];
function storyOf(unit: Unit): Change {
  const at = OPENS.map((name) => unit[name]).find((value) => typeof value === 'string');
  return { page: `people/${unit.handle}`, query: typeof at === 'string' ? { order: 'oldest', at } : {} };
}

function Units({ units, sums, total, sort, onSort }: Listed) {
  const write = useWritten();
  // what all of them lack is left away; what the list is sorted by stays, or nobody could turn it back
  const by = columnOf(sort);
  const told = (name: string) => name === by || name in sums || units.some((unit) => unit[name] !== null);
  const columns = Object.keys(units[0] ?? {}).filter((name) => name !== 'handle' && name !== 'label' && told(name));
  const some = (name: string) => units.find((unit) => unit[name] !== null)?.[name];
  const head = (name: string) => {
    const value = name === 'label' ? '' : some(name);
    const text = typeof value === 'string' && !MOMENT.test(value);
    if (typeof value === 'object' && value !== null)
      return (
        <th key={name} scope="col">
          {columnName(name)}
        </th>
      );
    return (
      <SortHead key={name} column={name} sort={sort} onSort={onSort} down={!text}>
        {columnName(name)}
      </SortHead>
    );
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="tablewrap" tabIndex={0} aria-label={t('People')}>
      <table className="table">
        <thead>
          <tr>{['label', ...columns].map(head)}</tr>
        </thead>
        <tbody>
          {units.map((unit, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one person may stand there with several units
            <tr key={i}>
              <td>
                <Go to={storyOf(unit)}>{unit.label.replace('-', '\u2011')}</Go>
              </td>
              {columns.map((name) => (
                <td key={name} className={MOMENT.test(String(unit[name])) ? 'nw' : undefined}>
                  <bdi>{write(name, unit[name] ?? null)}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {total > 1 && columns.some((name) => AMOUNTS.has(name)) && (
          <tfoot>
            <tr>
              <th scope="row">{t('all {n} together', { n: int(total) })}</th>
              {columns.map((name) => (
                <td key={name}>{AMOUNTS.has(name) && name in sums ? write(name, sums[name] ?? null) : ''}</td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}
