/** What hurts on the other journeys: the costliest place of each, so that nobody takes one journey for all. */
import { type Answer, rows } from '../../api/answer';
import { type Load, useAsk } from '../../lib/asking';
import { money } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import type { MapInfo } from '../../ui/bar';
import { Go } from '../../ui/go';
import type { FrictionRow } from './finding';
import { friction } from './Hurts';

/** So many other journeys are looked at. */
const MOST = 4;

/** What costs most for sure on a journey; null where nothing does. */
export const worst = (answer: Answer | undefined) =>
  rows<FrictionRow>(answer?.table).find((row) => row.clear && (row.money_a_year_low ?? 0) > 0) ?? null;

export function Elsewhere({ map, maps, here }: { map: string; maps: MapInfo[]; here: Answer | undefined }) {
  const { workspace } = useSession();
  const others = maps.filter((one) => one.name !== map && !one.problem).slice(0, MOST);
  const asked: Load<Answer>[] = [];
  for (let i = 0; i < MOST; i++) {
    const other = others[i];
    // biome-ignore lint/correctness/useHookAtTopLevel: the loop always turns as often
    asked.push(useAsk(other ? 'friction' : null, { map: other?.name }, { against: '' }));
  }
  const found = others
    .map((other, i) => ({ other, row: worst(asked[i]?.data) }))
    .filter((one): one is { other: MapInfo; row: FrictionRow } => one.row !== null)
    .sort((a, b) => (b.row.money_a_year ?? 0) - (a.row.money_a_year ?? 0));
  const most = worst(here)?.money_a_year ?? 0;
  return found.map(({ other, row }) => (
    <p key={other.name} className="say">
      <Go to={{ query: { journey: other.name } }}>
        <bdi>{other.title}</bdi>
      </Go>
      {t(': {what} costs {money} a year.', {
        what: friction(row),
        money: money(row.money_a_year, workspace.currency),
      })}
      {(row.money_a_year ?? 0) > most && <b> {t('That is more than anything on this journey.')}</b>}
    </p>
  ));
}
