/** On which journey is most lost? Looked at where nobody has chosen one, so that the overview begins where it hurts. */
import { useEffect } from 'react';
import type { Answer } from '../../api/answer';
import { go } from '../../lib/address';
import { type Load, useAsk } from '../../lib/asking';
import type { MapInfo } from '../../ui/bar';
import { Waiting } from '../../ui/shown';
import { worst } from './Elsewhere';

/** So many journeys are looked at. */
const MOST = 5;

export function Costliest({ maps, otherwise }: { maps: MapInfo[]; otherwise: string }) {
  const some = maps.filter((one) => !one.problem).slice(0, MOST);
  const asked: Load<Answer>[] = [];
  for (let i = 0; i < MOST; i++) {
    // biome-ignore lint/correctness/useHookAtTopLevel: the loop always turns as often
    asked.push(useAsk(some[i] ? 'friction' : null, { map: some[i]?.name }, { against: '' }));
  }
  const waits = asked.find((load) => load.busy);
  const [most] = some
    .map((one, i) => ({ name: one.name, lost: worst(asked[i]?.data)?.money_a_year ?? 0 }))
    .sort((a, b) => b.lost - a.lost);
  const journey = most && most.lost > 0 ? most.name : otherwise;
  useEffect(() => {
    if (!waits) go({ query: { journey } }, true);
  }, [waits, journey]);
  return waits ? <Waiting load={waits} first /> : null;
}
