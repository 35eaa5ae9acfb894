/** How a share differs from the group that it is held against, with its interval, and whether chance may say so. */
import { type Answer, extra } from '../../api/answer';
import { between, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { filled } from '../../ui/filled';
import { againstText } from '../groups';

export type Difference = {
  group: string;
  against: string;
  measure: string;
  difference: number | null;
  low: number | null;
  high: number | null;
  flagged: boolean;
};

/** What the group is called that the chips hold it against. */
export function useBeside(): string {
  return againstText(useWhom());
}

export function Changed({ answer, measure }: { answer: Answer; measure: string }) {
  const beside = useBeside();
  if (!answer.asked_of.against) return null;
  const found = extra<Difference>(answer, 'differences').find((row) => row.measure === measure);
  if (found?.difference == null) return null;
  const side = !found.flagged ? '' : found.difference < 0 ? 't-bad' : 't-good';
  const slots = {
    points: <b className={side}>{points(found.difference)}</b>,
    interval: between(found.low, found.high, points),
    beside: <bdi>{beside}</bdi>,
  };
  return (
    <>
      {found.flagged
        ? filled(t('Against {beside}: {points} ({interval}).'), slots)
        : filled(t('Against {beside}: {points} ({interval}); not told from chance.'), slots)}
    </>
  );
}
