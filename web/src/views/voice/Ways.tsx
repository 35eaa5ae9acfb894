/** The same score looked at in other ways: weighted, of who writes and who does not, of who it is held against. */
import { useMemo } from 'react';
import type { Answer } from '../../api/answer';
import { type DotRow, Dots, type Mark } from '../../charts/plain/Dots';
import type { Asked } from '../../lib/export';
import { int, pct } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { usePeople } from '../../ui/people';
import { againstText, side } from '../groups';
import { type Bucket, otherOf, ways } from './scores';
import { scaleName, scoreText } from './spoken';

type Given = { answer: Answer; whole: Bucket; scale: string; strata: string; asked: Asked };
type Estimated = { score: number | null; score_low: number | null; score_high: number | null };

const mark = (row: Estimated, tone: Mark['tone']): Mark => ({
  value: row.score,
  low: row.score_low,
  high: row.score_high,
  tone,
});

export function Ways(given: Given) {
  const { answer, whole, scale, strata, asked } = given;
  const whom = useWhom();
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const against = whom.against ? againstText(whom) : '';
  const rows = useMemo(() => rowsOf(answer, whole, strata, against), [answer, whole, strata, against]);
  const which: Record<string, Record<string, unknown>> = {
    raw: { kind: 'counted', ...side(whom) },
    other: { kind: 'counted', ...side(whom, 'other') },
    with: { kind: 'counted', text: 'with', ...side(whom) },
    without: { kind: 'counted', text: 'without', ...side(whom) },
  };
  return (
    <div ref={ref}>
      {width > 0 && (
        <Dots
          rows={rows}
          width={width}
          write={(x) => scoreText(scale, x)}
          name={t('The {scale} as it is, and looked at in other ways, each with its interval.', {
            scale: scaleName(scale),
          })}
          onPick={(row) =>
            which[row.key] &&
            open({ title: row.label, asked, which: which[row.key] as object as Record<string, unknown> })
          }
        />
      )}
    </div>
  );
}

function rowsOf(answer: Answer, whole: Bucket, strata: string, against: string): DotRow[] {
  const answers = (n: number) => t('{n} answers', { n: int(n) });
  const found: DotRow[] = [
    {
      key: 'raw',
      label: t('As it is'),
      sub: answers(whole.answers),
      marks: [mark(whole, 'main')],
      text: int(whole.answers),
    },
  ];
  const other = otherOf(answer);
  if (other)
    found.push({
      key: 'other',
      label: against,
      sub: answers(other.answers),
      marks: [mark(other, 'other')],
      text: int(other.answers),
    });
  const weighted = ways(answer, 'weighted').find((row) => row.estimate === 'weighted');
  if (weighted)
    found.push({
      key: 'weighted',
      label: t('Weighted by {field}', { field: strata }),
      sub: t('like {n} answers, for {share} of people', {
        n: int(Number(weighted.effective_answers ?? 0)),
        share: pct(weighted.of_people_like_them as number | null),
      }),
      marks: [mark(weighted, 'third')],
      picks: false,
    });
  const texts = ways(answer, 'with_text');
  for (const row of texts.every((one) => one.answers > 0) ? texts : [])
    found.push({
      key: String(row.text),
      label: row.text === 'with' ? t('With a comment') : t('Without a comment'),
      sub: answers(row.answers),
      marks: [mark(row, 'fourth')],
      text: int(row.answers),
    });
  // of a handful of answers the interval would be as wide as the scale
  const kinds = ways(answer, 'strata').filter((row) => row.answers >= 10);
  kinds.slice(0, 8).forEach((row, i) => {
    found.push({
      key: `kind ${row.stratum}`,
      label: String(row.stratum),
      ...(i === 0 ? { group: t('What the weights are made of: {field}', { field: strata }) } : {}),
      sub: t('{n} answers, each counts {weight}', {
        n: int(row.answers),
        weight: row.weight == null ? '–' : Number(row.weight).toFixed(2),
      }),
      marks: [mark(row, 'mid')],
      picks: false,
    });
  });
  return found;
}
