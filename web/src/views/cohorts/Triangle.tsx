/** The triangle of cohorts: a real table that is coloured, one tab stop, arrows go from cell to cell, Enter opens the people. */
import {
  type FocusEvent,
  type KeyboardEvent,
  memo,
  type PointerEvent,
  useCallback,
  useMemo,
  useRef,
  useState,
} from 'react';
import { between, FEW, int, pct, pct1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Num, usePeople } from '../../ui/people';
import { bucketText, one } from './buckets';
import { type Asking, type Cell, type Period, when } from './retention';

type Asked = Parameters<typeof Num>[0]['asked'];
export type Show = 'share' | 'people';
const MOST = 26;

/** How dark a share is, of a hundred, and which ink stands on it. */
function shade(row: Period, most: number): { p: number; ink: string } {
  if (row.of_observable === null || row.observable < FEW) return { p: 0, ink: 'few' };
  const p = Math.round(100 * Math.min(1, row.of_observable / most));
  return { p, ink: p > 74 ? 'hi' : p > 65 ? 'mid' : '' };
}

/** Whether its interval leaves out what all cohorts have. */
function stands(row: Period, all: Period | undefined): '' | '▼' | '▲' {
  if (!all || all.of_observable === null || row.observable < FEW) return '';
  if (row.of_observable_high !== null && row.of_observable_high < all.of_observable) return '▼';
  if (row.of_observable_low !== null && row.of_observable_low > all.of_observable) return '▲';
  return '';
}

function written(row: Period, show: Show): string {
  if (row.observable === 0) return '';
  if (show === 'people' || row.observable < FEW) return int(row.returned);
  const share = row.of_observable ?? 0;
  // less than one in a hundred is not nobody
  return (share > 0 && share < 0.01 ? pct1(share) : pct(share)).replace(/\s?%/, '');
}

function spoken(row: Period, cohort: string | null, asking: Asking): string {
  const who = cohort === null ? t('All cohorts') : bucketText(cohort);
  const head = `${who}, ${when(asking.mode, asking.unit, row.period)}`;
  if (row.observable === 0) return t('{head}: not over yet, {n} undecided', { head, n: int(row.undecided) });
  const parts = [t('{head}: {n} of {all} came back', { head, n: int(row.returned), all: int(row.observable) })];
  if (row.observable < FEW) parts.push(t('too few for a share'));
  else
    parts.push(
      t('{share}, 95% interval {interval}', {
        share: pct1(row.of_observable),
        interval: between(row.of_observable_low, row.of_observable_high, pct1),
      }),
    );
  if (row.undecided) parts.push(t('{n} undecided', { n: int(row.undecided) }));
  return parts.join('; ');
}

type Line = { cohort: string | null; cells: Period[] };
type Given = {
  lines: Line[];
  all: Period[];
  asking: Asking;
  show: Show;
  most: number;
  asked: Asked;
  /** Which side of a comparison it is. */
  of: Record<string, string>;
};

const Square = memo(function Square({
  row,
  line,
  given,
  first,
  open,
}: {
  row: Period;
  line: Line;
  given: Given;
  first: boolean;
  /** It is the first that is not over; those after it have not begun. */
  open: boolean;
}) {
  const { p, ink } = shade(row, given.most);
  const pooled = line.cohort === null;
  const sign =
    pooled || row.period === '0'
      ? ''
      : stands(
          row,
          given.all.find((each) => each.period === row.period),
        );
  const waiting = row.observable === 0;
  if (waiting && !open) return <td className="later" />;
  const part = waiting || (row.undecided > 0 && !pooled);
  return (
    <td
      className={`hc ${waiting ? 'undec' : ink}${part ? ' part' : ''}`}
      style={{ '--p': `${p}%` } as React.CSSProperties}
    >
      <button
        type="button"
        tabIndex={first ? 0 : -1}
        data-cohort={line.cohort ?? ''}
        data-period={row.period}
        aria-label={t('{what}. Show the people', { what: spoken(row, line.cohort, given.asking) })}
      >
        {waiting ? '?' : written(row, given.show)}
        {ink === 'few' && !waiting && <small>/{int(row.observable)}</small>}
        {sign && <sup aria-hidden="true">{sign}</sup>}
      </button>
    </td>
  );
});

const Body = memo(function Body(given: Given) {
  const { lines, asked, of } = given;
  return (
    <tbody>
      {lines.map((line, i) => {
        const name = line.cohort === null ? t('All') : bucketText(line.cohort);
        const openAt = line.cells.findIndex((row) => row.observable === 0);
        return (
          <tr key={line.cohort ?? 'all'} className={line.cohort === null ? 'avg' : ''}>
            <th scope="row" title={line.cohort ?? undefined}>
              {name}
            </th>
            <td className="sz">
              <Num
                n={line.cells[0]?.started ?? 0}
                title={line.cohort === null ? t('started') : t('started in {cohort}', { cohort: name })}
                asked={asked}
                which={{ ...of, ...(line.cohort === null ? {} : { cohort: line.cohort }) }}
              />
            </td>
            {line.cells.map((row, k) => (
              <Square
                key={row.period}
                row={row}
                line={line}
                given={given}
                first={i === 0 && k === 0}
                open={k === openAt}
              />
            ))}
          </tr>
        );
      })}
    </tbody>
  );
});

/** The cell that is looked at, with all its counts. */
function Reading({ row, line, given }: { row: Period | undefined; line: Line | undefined; given: Given }) {
  const { asking, asked, of } = given;
  if (!row || !line)
    return (
      <p className="cellbar dim">
        {t('Point at a cell, or go through the table with the arrows, to read its counts.')}
      </p>
    );
  const which = { ...of, period: row.period, ...(line.cohort === null ? {} : { cohort: line.cohort }) };
  const title = `${line.cohort === null ? t('All cohorts') : bucketText(line.cohort)}, ${when(asking.mode, asking.unit, row.period)}`;
  const part = (n: number, text: string, outcome: string) => (
    <span>
      <Num n={n} title={`${title}: ${text}`} asked={asked} which={{ ...which, outcome }} /> {text}
    </span>
  );
  return (
    <p className="cellbar">
      <b>{title}</b>
      {part(row.returned, t('came back'), 'returned')}
      {part(row.observable - row.returned, t('did not'), 'lost')}
      {row.undecided > 0 && part(row.undecided, t('undecided'), 'undecided')}
      {row.observable >= FEW ? (
        <span>
          <b>{pct1(row.of_observable)}</b>{' '}
          <small>
            {t('of {n}, 95% interval {interval}', {
              n: int(row.observable),
              interval: between(row.of_observable_low, row.of_observable_high, pct1),
            })}
          </small>
        </span>
      ) : (
        row.observable > 0 && <small>{t('too few for a share')}</small>
      )}
    </p>
  );
}

/** Cohorts in order, and all together at the end. */
function linesOf(cells: Cell[], curve: Period[], all: boolean): Line[] {
  const by = new Map<string, Cell[]>();
  for (const cell of cells) {
    const line = by.get(cell.cohort);
    if (line) line.push(cell);
    else by.set(cell.cohort, [cell]);
  }
  const lines: Line[] = [...by].map(([cohort, found]) => ({ cohort, cells: found }));
  return [...(all ? lines : lines.slice(-MOST)), { cohort: null, cells: curve }];
}

export function Triangle(given: {
  cells: Cell[];
  curve: Period[];
  asking: Asking;
  show: Show;
  asked: Asked;
  of: Record<string, string>;
}) {
  const { cells, curve, asking, show, asked, of } = given;
  const people = usePeople();
  const table = useRef<HTMLTableElement>(null);
  const [all, setAll] = useState(false);
  const [here, point] = useState<[string, string] | null>(null);
  const [pinned, pin] = useState<[string, string] | null>(null);
  // periods that have begun for nobody are no columns
  const begun = useMemo(() => {
    const ends = linesOf(cells, curve, true).map((line) => line.cells.findIndex((row) => row.observable === 0));
    return ends.includes(-1) ? curve.length : Math.max(0, ...ends) + 1;
  }, [cells, curve]);
  const lines = useMemo(
    () => linesOf(cells, curve, all).map((line) => ({ ...line, cells: line.cells.slice(0, begun) })),
    [cells, curve, all, begun],
  );
  const cohorts = useMemo(() => new Set(cells.map((cell) => cell.cohort)).size, [cells]);
  const most = useMemo(() => {
    const later = lines.flatMap((line) => line.cells.filter((row) => row.period !== '0' && row.observable >= FEW));
    return Math.max(0.02, ...later.map((row) => row.of_observable ?? 0));
  }, [lines]);
  const body: Given = useMemo(
    () => ({ lines, all: curve, asking, show, most, asked, of }),
    [lines, curve, asking, show, most, asked, of],
  );
  const at = useCallback((event: { target: EventTarget }): HTMLButtonElement | null => {
    return (event.target as Element).closest('button[data-period]');
  }, []);
  const of_ = (button: HTMLButtonElement): [string, string] => [
    button.dataset.cohort ?? '',
    button.dataset.period ?? '',
  ];
  const find = (spot: [string, string] | null) => {
    const line = spot ? lines.find((each) => (each.cohort ?? '') === spot[0]) : undefined;
    return { line, row: line?.cells.find((row) => row.period === spot?.[1]) };
  };
  const keys = (event: KeyboardEvent) => {
    const button = at(event);
    if (!button || !table.current) return;
    const trs = [...table.current.tBodies[0]!.rows];
    const grid = trs.map((tr) => [...tr.querySelectorAll<HTMLButtonElement>('button[data-period]')]);
    const r = grid.findIndex((row) => row.includes(button));
    const c = grid[r]!.indexOf(button);
    const moves: Record<string, [number, number]> = {
      ArrowRight: [r, c + 1],
      ArrowLeft: [r, c - 1],
      ArrowDown: [r + 1, c],
      ArrowUp: [r - 1, c],
      Home: [r, 0],
      End: [r, grid[r]!.length - 1],
    };
    const to = moves[event.key];
    if (!to) return;
    event.preventDefault();
    const row = grid[Math.max(0, Math.min(grid.length - 1, to[0]))]!;
    row[Math.max(0, Math.min(row.length - 1, to[1]))]?.focus();
  };
  const focused = (event: FocusEvent) => {
    const button = at(event);
    if (!button) return;
    for (const other of table.current?.querySelectorAll('button[tabindex="0"][data-period]') ?? [])
      other.setAttribute('tabindex', '-1');
    button.setAttribute('tabindex', '0');
    pin(of_(button));
  };
  const pointed = (event: PointerEvent) => {
    const button = at(event);
    if (button) point(of_(button));
  };
  const opened = (event: React.MouseEvent) => {
    const button = at(event);
    const { line, row } = find(button && of_(button));
    if (!line || !row) return;
    const outcome = row.observable === 0 ? 'undecided' : 'returned';
    const head = `${line.cohort === null ? t('All cohorts') : bucketText(line.cohort)}, ${when(asking.mode, asking.unit, row.period)}`;
    people({
      title: `${head}: ${outcome === 'returned' ? t('came back') : t('undecided')}`,
      asked,
      which: { ...of, ...(line.cohort === null ? {} : { cohort: line.cohort }), period: row.period, outcome },
    });
  };
  return (
    <>
      <section className="scrollx" aria-label={t('Table of cohorts')}>
        <table
          ref={table}
          className="heat"
          onKeyDown={keys}
          onFocus={focused}
          onPointerOver={pointed}
          onPointerLeave={() => point(null)}
          onClick={opened}
        >
          <caption className="sr">
            {t('By cohort and {unit}, who came back; arrows move, Enter shows the people', { unit: one(asking.unit) })}
          </caption>
          <thead>
            <tr>
              <th scope="col">{t('Started in')}</th>
              <th scope="col" className="sz">
                {t('People')}
              </th>
              {curve.slice(0, begun).map((row, k) => (
                <th key={row.period} scope="col">
                  {k === 0 ? t('{unit} 0', { unit: one(asking.unit) }) : row.period}
                </th>
              ))}
            </tr>
          </thead>
          <Body {...body} />
        </table>
      </section>
      <Reading {...find(here ?? pinned)} given={body} />
      {cohorts > MOST && (
        <button type="button" className="link" onClick={() => setAll(!all)}>
          {all ? t('Only the latest {n}', { n: MOST }) : t('All {n} cohorts', { n: int(cohorts) })}
        </button>
      )}
      <Legend most={most} mode={asking.mode} shares={curve.some((row) => row.observable >= FEW)} />
    </>
  );
}

function Legend({ most, mode, shares }: { most: number; mode: string; shares: boolean }) {
  return (
    <div className="legend">
      {shares && (
        <span className="kx">
          {pct(0)} <span className="seq" aria-hidden="true" /> {pct(most)} {t('came back')}
        </span>
      )}
      <span className="kx">
        <i className="partk" aria-hidden="true" />{' '}
        {mode === 'on_or_after' ? t('? not over: undecided; the others may still rise') : t('? not over: undecided')}
      </span>
      <span className="kx">
        <span aria-hidden="true">▼▲</span> {t('its 95% interval leaves out that of all; one in twenty does by chance')}
      </span>
      <span className="kx">{t('3/12: too few for a share')}</span>
    </div>
  );
}
