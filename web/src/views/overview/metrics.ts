/** Metrics as tiles: which are shown, how their numbers are written, and how they stand. */
import { type Answer, extra, rows } from '../../api/answer';
import { dec, duration, FEW, int, money, pct1, points, signed1 } from '../../lib/format';

/** A metric and its definition, as `/api/metrics` lists it. */
export type Metric = {
  metric: string;
  group: string;
  says: string;
  question: string;
  fields?: Record<string, unknown>;
  number: { column: string };
  form?: 'share' | 'time' | 'money' | 'number' | 'points';
  denominator: string;
  matures?: string | null;
  better?: 'higher' | 'lower' | null;
  target?: number | null;
  alert?: { below?: number; above?: number } | null;
  people?: Record<string, unknown> | null;
  trap?: string | null;
  every?: string | null;
  own: boolean;
  /** Words that no event of this workspace stands for; the metric cannot be asked then. */
  wanting: string[];
};
export type Metrics = { metrics: Metric[]; words: Record<string, string | null> };

export const MOST = 12;

/** The workspace's own metrics and those with a target; else those of the house that its events can answer. */
export function chosen(metrics: Metric[]): Metric[] {
  const askable = metrics.filter((one) => one.wanting.length === 0);
  const own = askable.filter((one) => one.own || one.target != null);
  return (own.length ? own : askable.filter((one) => one.people)).slice(0, MOST);
}

export function writer(metric: Metric, currency: string): (x: number | null | undefined) => string {
  if (metric.form === 'share') return pct1;
  if (metric.form === 'time') return duration;
  if (metric.form === 'money') return (x) => money(x, currency);
  if (metric.form === 'points') return signed1;
  return (x) => (x != null && Number.isInteger(x) ? int(x) : dec(x));
}

/** A difference of two values, as it is written. */
export function changed(metric: Metric, x: number, currency: string): string {
  if (metric.form === 'share') return points(x);
  if (metric.form === 'time') return `${x > 0 ? '+' : ''}${duration(x)}`;
  if (metric.form === 'money') return `${x > 0 ? '+' : ''}${money(x, currency)}`;
  return signed1(x);
}

export type Reading = {
  value: number | null;
  low: number | null;
  high: number | null;
  n: number | null;
  stands: string | null;
  few: boolean;
  /** Against the other dates or people; `sure` where it stands out from chance. */
  change: null | { by: number; low: number | null; high: number | null; sure: boolean };
};

const number = (x: unknown): number | null => (typeof x === 'number' ? x : null);

/** What a metric's answer says. */
export function read(metric: Metric, answer: Answer): Reading {
  const column = metric.number.column;
  const all = rows(answer.table);
  const mine = all.find((row) => row.group === undefined || row.group === 'this') ?? {};
  const value = number(mine[column]);
  const n = number(mine.n);
  const stands = answer.warnings.some((note) => note.code === 'alert') ? 'alert' : (mine.stands as string | null);
  const low = number(mine[`${column}_low`]);
  const high = number(mine[`${column}_high`]);
  const few = n !== null && n < FEW;
  // too few for a number are too few for a verdict
  return {
    value,
    low,
    high,
    n,
    stands: few ? null : (stands ?? null),
    few,
    change: change(answer, column, value, low, high),
  };
}

function change(answer: Answer, column: string, value: number | null, low: number | null, high: number | null) {
  const other = rows(answer.table).find((row) => row.group === 'other');
  const before = number(other?.[column]);
  if (value === null || before === null) return null;
  const by = value - before;
  // the engine's own comparison, found by its difference, knows chance better than two intervals side by side
  const same = extra(answer, 'differences').find(
    (row) => row.group === 'this' && typeof row.difference === 'number' && Math.abs(row.difference - by) < 1e-9,
  );
  if (same) return { by, low: number(same.low), high: number(same.high), sure: same.flagged === true };
  const [otherLow, otherHigh] = [number(other?.[`${column}_low`]), number(other?.[`${column}_high`])];
  const apart =
    low !== null && high !== null && otherLow !== null && otherHigh !== null && (low > otherHigh || high < otherLow);
  return { by, low: null, high: null, sure: apart };
}

const DAY = 86_400_000;

/** Days of a period, or of the whole log. */
export function daysOf(period: string | undefined, extent: { first: string | null; last: string | null }): number {
  const whole =
    extent.first && extent.last ? (new Date(extent.last).getTime() - new Date(extent.first).getTime()) / DAY : 0;
  if (!period || period === 'everything') return whole;
  if (/^\d{4}-\d\d$/.test(period) || period === 'last month') return 30;
  const last = /^last (\d+) (days|weeks|months)$/.exec(period);
  if (last) return Number(last[1]) * ({ days: 1, weeks: 7, months: 30 }[last[2] as string] ?? 1);
  const span = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(period);
  if (span) return (new Date(span[2] as string).getTime() - new Date(span[1] as string).getTime()) / DAY;
  return whole;
}

/** Buckets that are neither too many to see nor too thin to tell anything: by day, week, month or quarter. */
export function bucketOf(days: number, n: number | null): 'day' | 'week' | 'month' | 'quarter' {
  const sizes = { day: 1, week: 7, month: 30, quarter: 91 } as const;
  const most = { day: 15, week: 40, month: 40, quarter: 400 } as const;
  for (const size of ['day', 'week', 'month'] as const) {
    const buckets = days / sizes[size];
    if (buckets <= most[size] && (n === null || n / Math.max(1, buckets) >= FEW)) return size;
  }
  return 'quarter';
}
