/** What rubs on several journeys, asked of each. */
import type { Answer } from '../../api/answer';
import { rows } from '../../api/answer';
import { type Load, useAsk } from '../../lib/asking';
import type { MapInfo } from '../../ui/bar';
import type { FrictionRow } from './finding';

export type OnJourney = { journey: MapInfo; load: Load<Answer>; worst: FrictionRow | null };

/** What costs most for sure on a journey; null where nothing does. */
export const worst = (answer: Answer | undefined) =>
  rows<FrictionRow>(answer?.table).find((row) => row.clear && (row.money_a_year_low ?? 0) > 0) ?? null;

/** The costliest place of each journey that makes sense; at most so many are looked at, and the number never changes. */
export function useFrictions(maps: MapInfo[], most: number): OnJourney[] {
  const journeys = maps.filter((one) => !one.problem).slice(0, most);
  const asked: Load<Answer>[] = [];
  for (let i = 0; i < most; i++) {
    const map = journeys[i];
    // biome-ignore lint/correctness/useHookAtTopLevel: the loop always turns as often
    asked.push(useAsk(map ? 'friction' : null, { map: map?.name }, { against: '' }));
  }
  return journeys.map((journey, i) => {
    const load = asked[i] as Load<Answer>;
    return { journey, load, worst: worst(load.data) };
  });
}
