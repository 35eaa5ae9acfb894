/** What the view of lifetime value asks, and how the rows of its answer read. */
import { useMemo } from 'react';
import { useChoice } from '../../ui/choose';
import { asEvent } from '../events';
import { useKnown } from '../maps';
import { moneyFrom } from './money';

export type Customers = {
  cohort: string;
  people: number;
  repeaters: number;
  brought_in: number;
  so_far: number | null;
  so_far_low: number | null;
  so_far_high: number | null;
  to_come: number | null;
  to_come_low: number | null;
  to_come_high: number | null;
  lifetime: number | null;
  lifetime_low: number | null;
  lifetime_high: number | null;
} & Record<string, number | string | null>;
export type AgeRow = {
  cohort: string;
  age_days: number;
  people: number;
  brought_in: number | null;
  brought_in_low: number | null;
  brought_in_high: number | null;
} & Record<string, never>;

/** Ages are told at equal distances, so that the axis is one of time. */
const AGES: Record<string, [days: number, many: number]> = {
  week: [7, 12],
  month: [30, 12],
  quarter: [90, 8],
  year: [180, 8],
};

export type Asking = ReturnType<typeof useAsking>;

export function useAsking() {
  const known = useKnown();
  const money = moneyFrom(known);
  const [purchase, putPurchase] = useChoice<string>('purchase', money?.event ?? '');
  const [value, putValue] = useChoice<string>('amount', money && money.event === purchase ? money.value : 'value');
  const [every, putEvery] = useChoice<string>('every', 'month');
  const [margin, putMargin] = useChoice<string>('margin', '');
  const [discount, putDiscount] = useChoice<string>('discount', '');
  const [ahead, putAhead] = useChoice<string>('ahead', '365 days');
  const [model, putModel] = useChoice<string>('model', 'auto');
  const [ends, putEnds] = useChoice<string>('ends', '');
  const [segment, putSegment] = useChoice<string>('segment', 'channel');
  const [days, many] = AGES[every] ?? (AGES.month as [number, number]);
  const contract = ends !== '';
  const fields = useMemo(() => {
    const share = Number(margin);
    const rate = Number(discount);
    return {
      purchase: asEvent(purchase, known.names),
      value,
      every,
      ahead,
      ages: Array.from({ length: many }, (_, i) => `${days * (i + 1)} days`),
      ...(margin && share > 0 ? { margin: share } : {}),
      ...(discount && rate >= 0 ? { discount: rate } : {}),
      ...(contract ? { model: 'contract', ends: asEvent(ends, known.names) } : model === 'auto' ? {} : { model }),
    };
  }, [purchase, value, every, ahead, days, many, margin, discount, model, ends, contract, known.names]);
  const put = {
    purchase: putPurchase,
    value: putValue,
    every: putEvery,
    margin: putMargin,
    discount: putDiscount,
    ahead: putAhead,
    model: putModel,
    ends: putEnds,
    segment: putSegment,
  };
  return {
    known,
    purchase,
    value,
    every,
    margin,
    discount,
    ahead,
    model,
    ends,
    contract,
    segment,
    days,
    many,
    fields,
    put,
  };
}
