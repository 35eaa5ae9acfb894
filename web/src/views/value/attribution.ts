/** What the view of attribution asks: from the address, and from what the maps say. */
import { useMemo } from 'react';
import { go } from '../../lib/address';
import { useChoice } from '../../ui/choose';
import { asEvent } from '../events';
import { goalOf, useKnown } from '../maps';
import { type Spent, spentOf } from './Costs';
import { moneyFrom } from './money';
import { DEFAULT, MOST } from './rules';

export type Asking = ReturnType<typeof useAsking>;

/** Three weights, such as `50 0 50`; none where they are not three numbers from 0 up. */
function weightsOf(text: string): number[] {
  const found = text
    .split(/[\s;/]+/)
    .filter(Boolean)
    .map(Number);
  return found.length === 3 && found.every((n) => n >= 0) && found.some((n) => n > 0) ? found : [];
}

/** What is asked, from the address and from what the maps say. */
export function useAsking() {
  const known = useKnown();
  const money = moneyFrom(known);
  const [goal, putGoal] = useChoice<string>('goal', money?.event ?? goalOf(known));
  const [by] = useChoice<string>('by', 'channel');
  const [lookback, putLookback] = useChoice<string>('lookback', '30 days');
  const [touches, putTouches] = useChoice<string>('touches', '');
  const [value, putValue] = useChoice<string>('worth', money && money.event === goal ? money.value : 'none');
  const [direct, putDirect] = useChoice<string>('direct', '');
  const [lead, putLead] = useChoice<string>('lead', '');
  const [order, putOrder] = useChoice<string>('order', '1');
  const [halfLife, putHalfLife] = useChoice<string>('half_life', '7 days');
  const [apart, putApart] = useChoice<string>('apart', '30 minutes');
  const [rates, putRates] = useChoice<string>('rates', 'no');
  const [weights, putWeights] = useChoice<string>('weights', '');
  const [costs, putCosts] = useChoice<string>('costs', '');
  const [costRule, putCostRule] = useChoice<string>('cost_rule', 'linear');
  const [told, putRules] = useChoice<string>('rules', DEFAULT.join(' '));
  const [unit, putUnit] = useChoice<string>('credit', 'conversions');
  const spent = useMemo(() => spentOf(costs), [costs]);
  const worth = value === 'none' ? '' : value;
  const own = useMemo(() => weightsOf(weights), [weights]);
  const fields = useMemo(
    () => ({
      goal: asEvent(goal, known.names),
      by,
      lookback,
      ...(touches ? { touches: asEvent(touches, known.names) } : {}),
      ...(worth ? { value: worth } : {}),
      ...(direct ? { direct: [direct] } : {}),
      ...(lead ? { lead: asEvent(lead, known.names) } : {}),
      ...(halfLife === '7 days' ? {} : { half_life: halfLife }),
      ...(apart === '30 minutes' ? {} : { apart }),
      ...(rates === 'yes' ? { rates: true } : {}),
      ...(own.length === 3 ? { custom: own } : {}),
      ...(order === '1' ? {} : { order: Number(order) }),
      ...(Object.keys(spent).length ? { costs: spent, cost_rule: costRule } : {}),
    }),
    [
      goal,
      by,
      lookback,
      touches,
      worth,
      direct,
      lead,
      order,
      halfLife,
      apart,
      rates,
      own,
      spent,
      costRule,
      known.names,
    ],
  );
  const put = {
    goal: putGoal,
    lookback: putLookback,
    touches: putTouches,
    value: putValue,
    direct: putDirect,
    lead: putLead,
    order: putOrder,
    halfLife: putHalfLife,
    apart: putApart,
    rates: putRates,
    weights: putWeights,
    costs: (next: Spent) => putCosts(Object.keys(next).length ? JSON.stringify(next) : ''),
    costRule: putCostRule,
    unit: putUnit,
    // what was spent on channels says nothing of campaigns
    by: (next: string) => go({ query: { by: next === '' || next === 'channel' ? null : next, costs: null } }),
    rules: putRules,
  };
  const chosen = useMemo(() => told.split(' ').filter(Boolean).slice(0, MOST), [told]);
  return {
    known,
    goal,
    by,
    lookback,
    touches,
    value,
    worth,
    direct,
    lead,
    order,
    halfLife,
    apart,
    rates,
    weights,
    spent,
    costRule,
    chosen,
    unit,
    fields,
    put,
  };
}
