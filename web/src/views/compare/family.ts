/** Metrics of two groups as one family of tests: what differs by more than chance may make of so many. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import type { Load } from '../../lib/asking';
import type { Metric } from '../overview/metrics';

export const SURE = 0.05;
/** So many metrics are held against each other at once. */
export const MOST = 24;

export type Side = { value: number | null; low: number | null; high: number | null; n: number | null };
export type Tested = { by: number; low: number | null; high: number | null; p: number };
export type Line = {
  metric: Metric;
  load: Load<Answer>;
  one: Side;
  two: Side;
  by: number | null;
  test: Tested | null;
  /** The false-discovery rate at which it would be told from chance, among all of the family. */
  q: number | null;
  verdict: 'better' | 'worse' | 'differs' | 'chance' | 'untested' | 'nothing' | 'waiting' | 'broken';
};

const number = (x: unknown): number | null => (typeof x === 'number' && Number.isFinite(x) ? x : null);

/** Which metrics one may choose among. */
export function familiesOf(metrics: Metric[]): { key: string; metrics: Metric[] }[] {
  const askable = metrics.filter((metric) => metric.wanting.length === 0);
  const own = askable.filter((metric) => metric.own || metric.target != null);
  const groups = [...new Set(askable.map((metric) => metric.group))];
  return [
    ...(own.length > 2 ? [{ key: 'own', metrics: own }] : []),
    ...groups.map((group) => ({ key: group, metrics: askable.filter((metric) => metric.group === group) })),
    { key: 'all', metrics: askable },
  ].filter((family) => family.metrics.length > 0);
}

function side(answer: Answer, column: string, group: string): Side {
  const row = rows<Row>(answer.table).find((one) => one.group === group) ?? {};
  return {
    value: number(row[column]),
    low: number(row[`${column}_low`]),
    high: number(row[`${column}_high`]),
    n: number(row.n),
  };
}

/** The test of the very number: its question holds shares against each other, some of them as what is left of 1. */
function testOf(answer: Answer, by: number): Tested | null {
  for (const row of extra<Row>(answer, 'differences')) {
    const [difference, p] = [number(row.difference), number(row.p_value)];
    if (row.group !== 'this' || difference === null || p === null) continue;
    if (Math.abs(Math.abs(difference) - Math.abs(by)) > 1e-9) continue;
    const turned = difference !== 0 && Math.sign(difference) !== Math.sign(by);
    const [low, high] = [number(row.low), number(row.high)];
    return {
      by,
      p,
      low: turned ? (high === null ? null : -high) : low,
      high: turned ? (low === null ? null : -low) : high,
    };
  }
  return null;
}

/** Rates at which each would be told from chance: Benjamini and Hochberg (1995). */
export function falseDiscovery(chances: (number | null)[]): (number | null)[] {
  const order = chances.flatMap((p, i) => (p === null ? [] : [i])).sort((a, b) => chances[b]! - chances[a]!);
  const found: (number | null)[] = chances.map(() => null);
  let least = 1;
  order.forEach((i, k) => {
    least = Math.min(least, (chances[i]! * order.length) / (order.length - k));
    found[i] = least;
  });
  return found;
}

export function linesOf(metrics: Metric[], loads: Load<Answer>[]): Line[] {
  const lines = metrics.map((metric, i): Line => {
    const load = loads[i] as Load<Answer>;
    const nothing: Side = { value: null, low: null, high: null, n: null };
    if (!load.data) {
      const verdict = load.problem ? 'broken' : 'waiting';
      return { metric, load, one: nothing, two: nothing, by: null, test: null, q: null, verdict };
    }
    const one = side(load.data, metric.number.column, 'this');
    const two = side(load.data, metric.number.column, 'other');
    const by = one.value === null || two.value === null ? null : one.value - two.value;
    const test = by === null ? null : testOf(load.data, by);
    return { metric, load, one, two, by, test, q: null, verdict: by === null ? 'nothing' : 'untested' };
  });
  const rates = falseDiscovery(lines.map((line) => line.test?.p ?? null));
  return lines.map((line, i) => {
    const q = rates[i] ?? null;
    if (q === null || line.by === null) return line;
    if (q >= SURE) return { ...line, q, verdict: 'chance' };
    const { better } = line.metric;
    if (!better) return { ...line, q, verdict: 'differs' };
    return { ...line, q, verdict: line.by > 0 === (better === 'higher') ? 'better' : 'worse' };
  });
}

/** Whether both intervals leave each other out; null where one is not known. */
export function apart({ one, two }: Line): boolean | null {
  if (one.low === null || one.high === null || two.low === null || two.high === null) return null;
  return one.low > two.high || one.high < two.low;
}

/** All of it as a file: every metric is an answer of its own, so that no single question has this table. */
export function csvOf(lines: Line[], one: string, two: string): Blob {
  const cell = (x: string | number | null | undefined) => {
    const text = x == null ? '' : String(x);
    // a spreadsheet takes what begins so for a formula
    const safe = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const head = [
    'metric',
    'group',
    'this',
    'this_low',
    'this_high',
    'this_n',
    'other',
    'other_low',
    'other_high',
    'other_n',
  ];
  const names = [
    ...head,
    'difference',
    'difference_low',
    'difference_high',
    'p_value',
    'q_value',
    'this_is',
    'other_is',
  ];
  const rows = lines.map(({ metric, one: a, two: b, by, test, q }) =>
    [metric.metric, metric.group, a.value, a.low, a.high, a.n, b.value, b.low, b.high, b.n, by]
      .concat([test?.low ?? null, test?.high ?? null, test?.p ?? null, q, one, two])
      .map(cell)
      .join(','),
  );
  return new Blob([[names.join(','), ...rows, ''].join('\r\n')], { type: 'text/csv' });
}
