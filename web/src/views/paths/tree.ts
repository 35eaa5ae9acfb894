/** From the answer to the tree that is drawn, its words, and what selects its people. */
import { type Answer, extra, rows } from '../../api/answer';
import {
  type Cell,
  type DepthRow,
  find,
  type Outcomes,
  type TreeRow,
  trail,
  treeOf,
  wayOf,
  whichOf,
} from '../../charts/paths/cells';
import { between, FEW, int, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { type Choice, called, counted } from './choice';

export type PathRow = {
  group?: string;
  path: string;
  people: number;
  converted?: number | null;
  left?: number | null;
  undecided?: number | null;
  /** Whose window has closed: the rate is of them. */
  decided?: number | null;
  decided_converted?: number | null;
  of_decided?: number | null;
  of_decided_low?: number | null;
  of_decided_high?: number | null;
  of_more?: number | null;
  of_more_low?: number | null;
  of_more_high?: number | null;
  median_seconds?: number | null;
  median_low_seconds?: number | null;
  median_high_seconds?: number | null;
};
export const OTHER = '(other)';
export const SEPARATOR = ' > ';
const NOTHING = '(nothing)';
const THIS = 'this';

/** Rows of the group that is asked of, where there are two. */
export const ours = <R extends { group?: string }>(all: R[]) =>
  all.filter((row) => row.group === undefined || row.group === THIS);
const theirs = <R extends { group?: string }>(all: R[]) =>
  all.filter((row) => row.group !== undefined && row.group !== THIS);

export type Told = {
  paths: PathRow[];
  depths: DepthRow[];
  total: Outcomes;
  everyone: number;
  tree: Cell | null;
  goal: boolean;
  /** All others, where a comparison is asked: how many of them there are. */
  before: number | null;
  /** What selects people besides. */
  group: Record<string, unknown>;
};

export function told(answer: Answer, choice: Choice): Told {
  const all = rows<PathRow>(answer.table);
  const paths = ours(all);
  const depths = ours(extra<DepthRow>(answer, 'depths'));
  const tree = extra<TreeRow>(answer, 'tree');
  const goal = choice.direction === 'forward' && choice.end !== '';
  const sum = (name: 'converted' | 'left' | 'undecided' | 'decided' | 'decided_converted') =>
    paths.reduce((a, row) => a + (row[name] ?? 0), 0);
  const people = paths.reduce((a, row) => a + row.people, 0);
  const backward = choice.direction === 'backward';
  const total = {
    converted: backward ? people : sum('converted'),
    left: sum('left'),
    undecided: sum('undecided'),
    decided: sum('decided'),
    reached: sum('decided_converted'),
  };
  const compared = all.some((row) => row.group !== undefined);
  const naming = {
    all: backward ? endName(choice) : t('Everybody'),
    more: () => (backward ? t('Other ways') : t('Other ways on')),
    converted: backward ? t('Began here') : goal ? endName(choice) : t('Ended'),
    left: goal ? t('Left') : t('Ended'),
    undecided: t('Undecided'),
  };
  return {
    paths,
    depths,
    total,
    everyone: people,
    tree: treeOf({
      rows: ours(tree),
      depths,
      total,
      before: compared ? theirs(tree) : undefined,
      length: choice.direction === 'around' ? 2 * choice.length + 1 : choice.length,
      goal,
      backward,
      naming,
    }),
    goal,
    before: compared ? theirs(all).reduce((a, row) => a + row.people, 0) : null,
    group: compared ? { group: THIS } : {},
  };
}

/** What the end is called; a filter of one's own has no name. */
export function endName({ end, known }: Choice): string {
  const name = called(end, known);
  return name === end && !known.names.includes(name) ? t('the end') : name;
}

/** What selects the people of a cell, of a group. */
export const behind = (cell: Cell, told: Told) => ({ ...told.group, ...whichOf(cell) });

/** A cell's whole way in words, in the order of time. */
export function titleOf(cell: Cell): string {
  const way = trail(cell).map((one) => one.label);
  return (cell.backward ? way.reverse() : way).join(' › ');
}

/** The touchpoints of a path: as the tree has them, since a name may hold what stands between names. */
export function touchpointsOf(path: string, told: Told): string[] {
  const cell = told.tree && find(told.tree, path);
  if (path === NOTHING) return [t('nothing')];
  return cell ? wayOf(cell) : path.split(SEPARATOR);
}

/** A path as it selects its people. */
export const pathOf = (path: string, told: Told) => (path === NOTHING ? path : touchpointsOf(path, told));

/** How a share is written: hidden where it is of few. */
export function share(part: number, of: number): string {
  return of < FEW ? t('{n} of {of}', { n: int(part), of: int(of) }) : pct1(part / of);
}

/** A cell in a sentence, for those who hear it. */
export function sentence(cell: Cell, told: Told, choice: Choice): string {
  const people = counted(cell.people, choice);
  const from = cell.parent ?? cell;
  if (cell.kind === 'converted' && told.goal)
    return t('{people} reached {end} after {step}', { people, end: endName(choice), step: from.label });
  if (cell.kind === 'left' && told.goal) return t('{people} left after {step}', { people, step: from.label });
  if (cell.kind === 'undecided')
    return t('{people} after {step} are undecided: they may still go on', { people, step: from.label });
  if (cell.backward && cell.kind === 'converted')
    return t('{people}: the path begins at {step}', { people, step: from.label });
  if (cell.kind === 'converted' || cell.kind === 'left')
    return t('{people}: the path ends at {step}', { people, step: from.label });
  const { decided } = cell.whole;
  const rate =
    told.goal && cell.rate?.value != null && decided >= FEW
      ? t('; {rate} of {n} decided get there', { rate: pct1(cell.rate.value), n: int(decided) })
      : '';
  const more =
    cell.more?.value != null
      ? t('; {more} against other ways on ({interval})', {
          more: points(cell.more.value),
          interval: between(cell.more.low, cell.more.high, points),
        })
      : '';
  return `${cell.label}: ${people}${rate}${more}`;
}
