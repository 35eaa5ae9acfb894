/** Which events bring money, and in which property the amount stands: as the maps say, else as is chosen. */

import type { Whom } from '../../lib/whom';
import { filterOf } from '../../lib/whom';
import { eventOf, type Known, stepsOf } from '../maps';

export type Money = { event: string; value: string };

export function moneyFrom({ maps, names }: Known): Money | null {
  for (const map of maps) {
    const step = stepsOf(map.outline).find((one) => one.revenue != null);
    if (step) return { event: eventOf(step, names), value: typeof step.revenue === 'string' ? step.revenue : 'value' };
  }
  return null;
}

/** Whom is asked where the page has no chip for a channel or a comparison: these are not held over from other pages. */
export function without(query: URLSearchParams): Whom {
  const kept = new URLSearchParams(query);
  kept.delete('channel');
  return { against: '', filter: filterOf(kept) ?? '' };
}

/** Any event with an amount above zero. */
export const WITH_AMOUNT = 'value > 0';
