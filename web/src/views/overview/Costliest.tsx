/** On which journey is most lost? Looked at where nobody has chosen one, so that the overview begins where it hurts. */
import { useEffect } from 'react';
import { go } from '../../lib/address';
import type { MapInfo } from '../../ui/bar';
import { Waiting } from '../../ui/shown';
import { useFrictions } from './frictions';

/** So many journeys are looked at. */
const MOST = 5;

export function Costliest({ maps, otherwise }: { maps: MapInfo[]; otherwise: string }) {
  const found = useFrictions(maps, MOST);
  const waits = found.find(({ load }) => load.busy)?.load;
  const lost = ({ worst }: (typeof found)[number]) => worst?.money_a_year ?? 0;
  const [most] = [...found].sort((a, b) => lost(b) - lost(a));
  const journey = most && lost(most) > 0 ? most.journey.name : otherwise;
  useEffect(() => {
    if (!waits) go({ query: { journey } }, true);
  }, [waits, journey]);
  return waits ? <Waiting load={waits} first /> : null;
}
