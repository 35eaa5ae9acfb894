/** What the retention view asks, and how its answer reads. */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { between, FEW, int, pct1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useChoice } from '../../ui/choose';
import { asEvent } from '../events';
import { mine, theirs } from '../groups';
import { useKnown } from '../maps';
import { one, type Unit } from './buckets';

export type Period = {
  period: string;
  started: number;
  observable: number;
  returned: number;
  undecided: number;
  of_observable: number | null;
  of_observable_low: number | null;
  of_observable_high: number | null;
};
export type Cell = Period & { cohort: string };

const LENGTHS: Record<string, string> = { day: '24 hours', week: '7 days', month: '30 days' };
const PERIODS: Record<string, number> = { day: 14, week: 12, month: 11, quarter: 7, year: 5 };
/** Any event, as a filter: `time_to` needs to be told what ends the waiting. */
export const ANY = "name != ''";

export type Asking = {
  start: string;
  returns: string;
  unit: Unit;
  rolling: boolean;
  mode: string;
  cohorts: string;
  periods: number;
  fields: Record<string, unknown>;
  put: Record<'start' | 'returns' | 'every' | 'clock' | 'mode' | 'cohorts' | 'periods', (value: string) => void>;
};

/** What is asked, from the address. */
export function useAsking(): Asking {
  const { names } = useKnown();
  const [start, putStart] = useChoice('start', '');
  const [returns, putReturns] = useChoice('returns', '');
  const [every, putEvery] = useChoice<string>('every', 'week');
  const [clock, putClock] = useChoice<string>('clock', 'calendar');
  const [mode, putMode] = useChoice<string>('mode', 'on');
  const [cohorts, putCohorts] = useChoice<string>('cohorts', 'first');
  const [told, putPeriods] = useChoice('periods', '');
  const rolling = clock === 'rolling' && every in LENGTHS;
  const periods = Math.max(1, Math.min(60, Math.round(Number(told)) || (PERIODS[every] ?? 12)));
  const put = {
    start: putStart,
    returns: putReturns,
    every: putEvery,
    clock: putClock,
    mode: putMode,
    cohorts: putCohorts,
    periods: putPeriods,
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what puts is made anew each time and does the same
  return useMemo(
    () => ({
      start,
      returns,
      unit: every as Unit,
      rolling,
      mode,
      cohorts,
      periods,
      fields: {
        ...(start ? { start: asEvent(start, names) } : {}),
        ...(returns ? { returns: asEvent(returns, names) } : {}),
        every: rolling ? LENGTHS[every] : every,
        periods,
        mode,
        cohorts,
      },
      put,
    }),
    [start, returns, every, rolling, mode, cohorts, periods, names],
  );
}

export type Read = {
  curve: Period[];
  other: Period[];
  cells: Cell[];
  differences: {
    measure: string;
    difference: number | null;
    low: number | null;
    high: number | null;
    flagged: boolean;
  }[];
};

export const read = (answer: Answer): Read => ({
  curve: mine(rows<Period & Record<string, never>>(answer.table)),
  other: theirs(rows<Period & Record<string, never>>(answer.table)),
  cells: mine(extra<Cell & Record<string, never>>(answer, 'cohorts')),
  differences: extra(answer, 'differences'),
});

/** In which period, as the mode has it: `in week 3`, `in week 3 or later`. */
export function when(mode: string, unit: Unit, period: string | number): string {
  const slots = { unit: one(unit), k: period };
  if (mode === 'on_or_after') return t('in {unit} {k} or later', slots);
  if (mode === 'on_or_before') return t('by {unit} {k}', slots);
  if (mode === 'streak') return t('in every {unit} up to {k}', slots);
  return t('in {unit} {k}', slots);
}

const share = (row: Period) =>
  row.observable < FEW
    ? t('{n} of {all} (too few for a share)', { n: int(row.returned), all: int(row.observable) })
    : t('{share} of {all} (95% interval {interval})', {
        share: pct1(row.of_observable),
        all: int(row.observable),
        interval: between(row.of_observable_low, row.of_observable_high, pct1),
      });

/** The finding: how many come back early, and how many still do at the end. */
export function finding(found: Read, asking: Asking, against: string): string {
  const decided = found.curve.filter((row) => row.observable > 0 && row.period !== '0');
  const first = decided[0];
  const last = decided.at(-1);
  const started = found.curve[0]?.started ?? 0;
  if (!started) return t('Nobody started in these dates.');
  if (!first || !last)
    return t('{n} started; no {unit} after the first is over for any of them.', {
      n: int(started),
      unit: one(asking.unit),
    });
  const parts = [
    t('{share} come back {when}', { share: share(first), when: when(asking.mode, asking.unit, first.period) }),
  ];
  if (last !== first)
    parts.push(t('{share} {when}', { share: share(last), when: when(asking.mode, asking.unit, last.period) }));
  const other = found.other.find((row) => row.period === first.period);
  const held =
    other && other.observable > 0
      ? ` ${t('Of {against}: {share} {when}.', { against, share: share(other), when: when(asking.mode, asking.unit, first.period) })}`
      : '';
  return `${parts.join('; ')}.${held}`;
}
