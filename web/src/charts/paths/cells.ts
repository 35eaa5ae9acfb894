/** The tree of paths: at each depth everybody is in exactly one cell, so that the heights add up. */

export type TreeRow = {
  group?: string;
  /** The path to here, told from its beginning; backward, the path from here to the end. */
  begins?: string;
  ends?: string;
  depth: number;
  touchpoint: string;
  people: number;
  went_on: number | null;
  converted: number | null;
  left: number | null;
  undecided: number | null;
  converted_later: number | null;
  left_later: number | null;
  undecided_later: number | null;
  /** Whose window has closed, here and of those who went on: rates are of them. */
  decided?: number | null;
  decided_converted?: number | null;
  decided_later?: number | null;
  decided_converted_later?: number | null;
  of_decided?: number | null;
  of_decided_low?: number | null;
  of_decided_high?: number | null;
  of_others?: number | null;
  of_more?: number | null;
  of_more_low?: number | null;
  of_more_high?: number | null;
};
export type DepthRow = {
  group?: string;
  depth: number;
  everyone: number;
  there: number;
  ended_converted: number;
  ended_left: number;
  ended_undecided: number;
  decided_before?: number;
  decided_converted_before?: number;
};

/** `all`: everybody, where paths begin differently; `more`: ways on that are not told apart. */
export type Kind = 'all' | 'step' | 'more' | 'converted' | 'left' | 'undecided';
export type Outcomes = {
  converted: number;
  left: number;
  undecided: number;
  /** Whose window has closed since they first began, and who of them converted: rates are of these. */
  decided: number;
  reached: number;
};
export type Sure = { value: number | null; low: number | null; high: number | null };
export type Cell = {
  key: string;
  kind: Kind;
  label: string;
  depth: number;
  /** The path to here as the question names it; null for everybody. */
  begins: string | null;
  people: number;
  /** What became of them in the end, wherever they went from here. */
  whole: Outcomes;
  /** Of those whose path ends here. */
  ended: Outcomes;
  rate: Sure | null;
  /** The same share of those who went on otherwise from the step before, and the difference. */
  others: number | null;
  more: Sure | null;
  /** The end can be reached: who converted got there. */
  goal: boolean;
  /** Told from the end: each column is a step earlier. */
  backward: boolean;
  /** The path is told no further than this; what became of them may have come later. */
  cut: boolean;
  /** People of the group that it is held against, where there is one. */
  was: number | null;
  kids: Cell[];
  parent: Cell | null;
};

const SEPARATOR = ' > ';
export const ROOT = '';

const sure = (value?: number | null, low?: number | null, high?: number | null): Sure | null =>
  value == null ? null : { value, low: low ?? null, high: high ?? null };
const textOf = (row: TreeRow) => row.ends ?? row.begins ?? '';
const none = (): Outcomes => ({ converted: 0, left: 0, undecided: 0, decided: 0, reached: 0 });
const ENDS = ['converted', 'left', 'undecided'] as const;

export type Naming = { all: string; more: () => string } & Record<(typeof ENDS)[number], string>;
type Given = {
  rows: TreeRow[];
  depths: DepthRow[];
  /** What became of all paths. */
  total: Outcomes;
  /** Beginnings of the other group, to hold beside. */
  before?: TreeRow[] | undefined;
  length: number;
  /** Whether there is an end that can be reached. */
  goal: boolean;
  backward: boolean;
  naming: Naming;
};

function stepOf(row: TreeRow, parent: Cell, given: Given, was: Map<string, number> | null): Cell {
  const ended = {
    converted: row.converted ?? 0,
    left: row.left ?? 0,
    undecided: row.undecided ?? 0,
    decided: (row.decided ?? 0) - (row.decided_later ?? 0),
    reached: (row.decided_converted ?? 0) - (row.decided_converted_later ?? 0),
  };
  const whole = {
    converted: ended.converted + (row.converted_later ?? 0),
    left: ended.left + (row.left_later ?? 0),
    undecided: ended.undecided + (row.undecided_later ?? 0),
    decided: row.decided ?? 0,
    reached: row.decided_converted ?? 0,
  };
  return {
    key: textOf(row),
    kind: 'step',
    label: row.touchpoint,
    depth: row.depth,
    begins: textOf(row),
    people: row.people,
    whole,
    ended,
    rate: sure(row.of_decided, row.of_decided_low, row.of_decided_high),
    others: row.of_others ?? null,
    more: sure(row.of_more, row.of_more_low, row.of_more_high),
    goal: given.goal,
    backward: given.backward,
    cut: row.depth >= given.length,
    was: was ? (was.get(textOf(row)) ?? 0) : null,
    kids: [],
    parent,
  };
}

/** A cell for those whose path ends at another cell. */
function endOf(cell: Cell, kind: (typeof ENDS)[number], given: Given): Cell {
  const people = cell.ended[kind];
  return {
    ...cell,
    key: `${cell.key}\n${kind}`,
    kind,
    label: given.naming[kind],
    depth: cell.depth + 1,
    people,
    whole: { ...none(), [kind]: people },
    ended: none(),
    rate: null,
    others: null,
    more: null,
    was: null,
    kids: [],
    parent: cell,
  };
}

/** Those who went on in ways that the answer does not tell apart. */
function moreOf(cell: Cell, given: Given): Cell | null {
  const whole = none();
  for (const end of [...ENDS, 'decided', 'reached'] as const)
    whole[end] = cell.whole[end] - cell.ended[end] - cell.kids.reduce((a, kid) => a + kid.whole[end], 0);
  const people = whole.converted + whole.left + whole.undecided;
  if (people <= 0) return null;
  return {
    ...cell,
    key: `${cell.key}\nmore`,
    kind: 'more',
    label: given.naming.more(),
    depth: cell.depth + 1,
    people,
    whole,
    ended: none(),
    // no share without its interval: how many of how many is told
    rate: null,
    others: null,
    more: null,
    was: null,
    kids: [],
    parent: cell,
  };
}

function finish(cell: Cell, given: Given) {
  for (const kid of cell.kids) finish(kid, given);
  const ends = ENDS.filter((end) => cell.ended[end] > 0).map((end) => endOf(cell, end, given));
  const more = moreOf(cell, given);
  const reached = given.goal ? ends.filter((one) => one.kind === 'converted') : [];
  const others = ends.filter((one) => !reached.includes(one));
  cell.kids = [...[...cell.kids, ...reached].sort((a, b) => b.people - a.people), ...(more ? [more] : []), ...others];
}

/** The tree from its rows; its root is the one beginning, or everybody. */
export function treeOf(given: Given): Cell | null {
  const { rows, depths } = given;
  const first = depths[0];
  if (!first?.everyone) return null;
  const was = given.before ? new Map(given.before.map((row) => [textOf(row), row.people])) : null;
  const root: Cell = {
    key: ROOT,
    kind: 'all',
    label: given.naming.all,
    depth: 0,
    begins: null,
    people: first.everyone,
    whole: given.total,
    ended: {
      converted: first.ended_converted,
      left: first.ended_left,
      undecided: first.ended_undecided,
      decided: first.decided_before ?? 0,
      reached: first.decided_converted_before ?? 0,
    },
    rate: null,
    others: null,
    more: null,
    goal: given.goal,
    backward: given.backward,
    cut: false,
    was: null,
    kids: [],
    parent: null,
  };
  const known = new Map<string, Cell>([[ROOT, root]]);
  for (const row of [...rows].sort((a, b) => a.depth - b.depth)) {
    // the rest of a depth has no one beginning, and stands as `more` below each
    if (row.went_on === null) continue;
    const over = row.touchpoint.length + SEPARATOR.length;
    const before = given.backward ? textOf(row).slice(over) : textOf(row).slice(0, -over);
    const parent = known.get(row.depth === 1 ? ROOT : before);
    if (!parent) continue;
    const cell = stepOf(row, parent, given, was);
    parent.kids.push(cell);
    known.set(textOf(row), cell);
  }
  finish(root, given);
  const only = root.kids[0];
  if (root.kids.length === 1 && only?.kind === 'step' && !given.backward) {
    only.parent = null;
    return only;
  }
  return root;
}

export const trail = (cell: Cell): Cell[] => (cell.parent ? [...trail(cell.parent), cell] : [cell]);

export function each(cell: Cell, f: (cell: Cell) => void) {
  f(cell);
  for (const kid of cell.kids) each(kid, f);
}

export function find(root: Cell, key: string | null): Cell | null {
  if (key === null) return null;
  if (root.key === key) return root;
  for (const kid of root.kids) {
    const found = find(kid, key);
    if (found) return found;
  }
  return null;
}

/** The touchpoints of a cell's path: as a list, since a name may hold what stands between names. */
export function wayOf(cell: Cell): string[] {
  const way = trail(cell)
    .filter((one) => one.kind === 'step')
    .map((one) => one.label);
  return cell.backward ? way.reverse() : way;
}

/** What selects the people of a cell. */
export function whichOf(cell: Cell): Record<string, unknown> {
  const way = wayOf(cell);
  const at = way.length ? { [cell.backward ? 'ends' : 'begins']: way } : {};
  if (cell.kind === 'all' || cell.kind === 'step') return at;
  if (cell.kind !== 'more') return { path: way.length ? way : '(nothing)', outcome: cell.kind };
  const beside = (cell.parent as Cell).kids.filter((kid) => kid.kind === 'step').map(wayOf);
  return { ...at, depth: cell.depth, ...(beside.length ? { but: beside } : {}) };
}
