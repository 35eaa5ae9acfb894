/** From the answer to the steps that are drawn and listed; shares of too few are left out. */
import { type Answer, extra, rows } from '../../api/answer';
import type { Step } from '../../charts/funnel/Bars';
import { FEW } from '../../lib/format';
import { ours } from '../paths/tree';
import type { Difference } from './Changed';
import type { FunnelChoice } from './choice';

export type FunnelRow = {
  group?: string;
  bucket?: string;
  state?: string;
  step: number;
  name: string;
  reached: number;
  dropped: number | null;
  undecided: number | null;
  mature: number;
  of_entered: number | null;
  of_entered_low: number | null;
  of_entered_high: number | null;
  of_previous: number | null;
  of_previous_low: number | null;
  of_previous_high: number | null;
  median_seconds: number | null;
  quarter_seconds: number | null;
  three_quarters_seconds: number | null;
};
export type InsteadRow = {
  group?: string;
  step: number;
  name: string;
  instead: string;
  passages: number;
  of_dropped: number | null;
};
export type Found = {
  rows: FunnelRow[];
  others: FunnelRow[];
  steps: Step[];
  instead: InsteadRow[];
  differences: Difference[];
  compared: boolean;
  group: Record<string, unknown>;
  /** Place of the step before which most are lost. */
  worst: number;
};

export function foundOf(answer: Answer, choice: FunnelChoice): Found {
  const all = rows<FunnelRow>(answer.table);
  const mine = ours(all);
  const compared = all.some((row) => row.group !== undefined);
  const others = compared ? all.filter((row) => row.group !== 'this') : [];
  const differences = compared ? extra<Difference>(answer, 'differences') : [];
  const entered = mine[0]?.mature ?? 0;
  const steps = mine.map((row, i): Step => {
    const other = others[i];
    const before = mine[i - 1];
    const changed = differences.find((one) => one.measure === `reached step ${row.step}`);
    const tells = (before?.mature ?? 0) >= FEW;
    return {
      step: row.step,
      name: choice.order === 'any' ? row.name : (choice.names[i] ?? row.name),
      reached: row.reached,
      dropped: row.dropped ?? 0,
      undecided: row.undecided ?? 0,
      ofFirst: entered >= FEW ? row.of_entered : null,
      ofPrevious: before && tells ? row.of_previous : null,
      low: row.of_previous_low,
      high: row.of_previous_high,
      change: i > 0 && entered >= FEW && (others[0]?.mature ?? 0) >= FEW ? (changed?.difference ?? null) : null,
      flagged: changed?.flagged ?? false,
      before: other && (others[0]?.mature ?? 0) >= FEW ? other.of_entered : null,
      seconds: row.median_seconds,
    };
  });
  const losses = steps.map((step) => step.dropped);
  return {
    rows: mine,
    others,
    steps,
    instead: ours(extra<InsteadRow>(answer, 'instead')),
    differences,
    compared,
    group: compared ? { group: 'this' } : {},
    worst: steps.length > 1 ? losses.indexOf(Math.max(...losses)) + 1 : 0,
  };
}
