/** What hurts on the other journeys: the costliest place of each, so that nobody takes one journey for all. */
import type { Answer } from '../../api/answer';
import { money } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import type { MapInfo } from '../../ui/bar';
import { Go } from '../../ui/go';
import { useFrictions, worst } from './frictions';
import { friction } from './Hurts';

/** So many other journeys are looked at. */
const MOST = 4;

export function Elsewhere({ map, maps, here }: { map: string; maps: MapInfo[]; here: Answer | undefined }) {
  const { workspace } = useSession();
  const others = maps.filter((one) => one.name !== map);
  const found = useFrictions(others, MOST)
    .flatMap(({ journey, worst: row }) => (row ? [{ journey, row }] : []))
    .sort((a, b) => (b.row.money_a_year ?? 0) - (a.row.money_a_year ?? 0));
  const most = worst(here)?.money_a_year ?? 0;
  return found.map(({ journey, row }) => (
    <p key={journey.name} className="say">
      <Go to={{ query: { journey: journey.name } }}>
        <bdi>{journey.title}</bdi>
      </Go>
      {t(': {what} costs {money} a year.', {
        what: friction(row),
        money: money(row.money_a_year, workspace.currency),
      })}
      {(row.money_a_year ?? 0) > most && <b> {t('That is more than anything on this journey.')}</b>}
    </p>
  ));
}
