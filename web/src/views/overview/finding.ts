/** The finding of the overview in a sentence: what the comparison says, else how many get there and what hurts most. */

import { type Answer, extra, rows } from '../../api/answer';
import { FEW, int, money, pct, points } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import type { FrictionRow } from '../friction/told';

export type MapRow = {
  group?: string;
  stage: string;
  touchpoint: string;
  instances: number;
  converted: number;
  left: number;
  waiting: number;
  decided_converted: number;
  decided_left: number;
  people: number;
  score: number | null;
  score_low: number | null;
  score_high: number | null;
  answers: number | null;
};
export type StageRow = {
  group?: string;
  stage: string;
  owner: string | null;
  instances: number;
  went_on: number;
  converted: number;
  left: number;
  waiting: number;
  /** Whose time was over when the data ends: rates are of them. */
  decided: number;
  of_decided: number | null;
  of_decided_low: number | null;
  of_decided_high: number | null;
};
export type { FrictionRow };
export type DifferenceRow = {
  group: string;
  measure: string;
  difference: number | null;
  low: number | null;
  high: number | null;
  flagged: boolean;
};

/** Rows of those who were asked for, without those they are held against. */
export const mine = <R extends { group?: string }>(all: R[]): R[] =>
  all.filter((row) => row.group === undefined || row.group === 'this');

/** What counts as success, as a name where it has one. */
export function goalOf(answer: Answer): string | null {
  const goal = (answer.question.map as { goal?: unknown } | undefined)?.goal;
  return typeof goal === 'string' && /^[^=<>'"()]+$/.test(goal) ? goal : null;
}

/** How many came to the goal, of those whose time was over when the data ends. */
export function outcome(answer: Answer) {
  let converted = 0;
  let decided = 0;
  let waiting = 0;
  let began = 0;
  for (const row of mine(rows<MapRow>(answer.table))) {
    converted += row.decided_converted;
    decided += row.decided_converted + row.decided_left;
    waiting += row.waiting;
    began += row.converted + row.left + row.waiting;
  }
  return { converted, decided, waiting, began, share: decided >= FEW ? converted / decided : null };
}

export const GO_ON = 'go on from ';

/** What the comparison says; only what stands out from chance is said to differ. */
function comparedTo(answer: Answer, against: string): string {
  const found = extra<DifferenceRow>(answer, 'differences');
  const whole = found.find((row) => row.measure === 'convert');
  const step = found
    .filter((row) => row.flagged && row.measure.startsWith(GO_ON))
    .sort((a, b) => Math.abs(b.difference ?? 0) - Math.abs(a.difference ?? 0))[0];
  const at = step?.measure.slice(GO_ON.length) ?? '';
  const worse = (row: DifferenceRow) => (row.difference ?? 0) < 0;
  if (whole?.flagged) {
    const same = step && worse(step) === worse(whole);
    if (worse(whole))
      return same
        ? t('Fewer get there than {against}, and fewer go on from “{at}”.', { against, at })
        : t('Fewer get there than {against}.', { against });
    return same
      ? t('More get there than {against}, and more go on from “{at}”.', { against, at })
      : t('More get there than {against}.', { against });
  }
  if (step)
    return worse(step)
      ? t('Fewer go on from “{at}” than {against}.', { against, at })
      : t('More go on from “{at}” than {against}.', { against, at });
  return t('Nothing on this journey is other than {against}, beyond chance.', { against });
}

function hurting(friction: Answer | undefined, currency: string): string | null {
  if (!friction) return null;
  const first = rows<FrictionRow>(friction.table)[0];
  if (!first?.clear) return t('No friction stands out from chance.');
  const at = first.at;
  if ((first.money_a_year ?? 0) > 0)
    return t('What hurts most is “{at}”: {money} a year.', { at, money: money(first.money_a_year, currency) });
  if ((first.conversions_lost ?? 0) >= 1)
    return t('What hurts most is “{at}”: {n} did not get there for it.', { at, n: int(first.conversions_lost) });
  return t('What hurts most is “{at}”.', { at });
}

/** Sentences for the heading. */
export function headline(answer: Answer, friction: Answer | undefined, against: string | null, currency: string) {
  const { share, decided, began } = outcome(answer);
  if (began === 0) return [t('Nobody began this journey.')];
  if (against) return [comparedTo(answer, against)];
  const goal = goalOf(answer);
  const first =
    share === null
      ? plural(
          decided,
          'The time of only {n} journey is over yet, too few for a rate.',
          'The time of only {n} journeys is over yet, too few for a rate.',
        )
      : goal
        ? t('{share} get to “{goal}”.', { share: pct(share), goal })
        : t('{share} reach the goal.', { share: pct(share) });
  return [first, hurting(friction, currency)].filter((sentence) => sentence !== null);
}

/** The difference of the whole in points, where there is one to tell. */
export function wholeDifference(answer: Answer): string | null {
  const whole = extra<DifferenceRow>(answer, 'differences').find((row) => row.measure === 'convert');
  if (whole?.difference == null) return null;
  const { difference, low, high } = whole;
  return t('{n} (95% interval {low} to {high})', { n: points(difference), low: points(low), high: points(high) });
}
