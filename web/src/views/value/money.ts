/** Which events bring money, and in which property the amount stands: as the maps say, else as is chosen. */
import { useMemo } from 'react';
import { useAddress } from '../../lib/address';
import { filterOf, useWhom, type Whom } from '../../lib/whom';
import { eventOf, type Known, stepsOf } from '../maps';

export type Money = { event: string; value: string };

export function moneyFrom({ maps, names }: Known): Money | null {
  for (const map of maps) {
    const step = stepsOf(map.outline).find((one) => one.revenue != null);
    if (step) return { event: eventOf(step, names), value: typeof step.revenue === 'string' ? step.revenue : 'value' };
  }
  return null;
}

/** Whom is asked where the view has no chip for a channel and a comparison: those of other views are not held over. */
export function useMoneyWhom(): Whom {
  const whom = useWhom();
  const { query } = useAddress();
  const kept = new URLSearchParams(query);
  kept.delete('channel');
  const filter = filterOf(kept);
  return useMemo(() => {
    const { against: _, filter: __, ...rest } = whom;
    // an empty one takes the place of what the address says
    return { ...rest, against: '', ...(filter ? { filter } : whom.filter ? { filter: 'true' } : {}) };
  }, [whom, filter]);
}

/** Any event with an amount above zero. */
export const WITH_AMOUNT = 'value > 0';

const locale = document.documentElement.lang || 'en';

/** Money in few signs, for axes and bars. */
export function brief(x: number | null, currency: string): string {
  if (x === null) return '–';
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    notation: Math.abs(x) >= 1000 ? 'compact' : 'standard',
    maximumFractionDigits: Math.abs(x) >= 1000 ? 1 : 0,
  });
  return format.format(x).replace('-', '−');
}
