/** How scores and answers to invitations go over time. */
import { useMemo } from 'react';
import type { Answer } from '../../api/answer';
import { rows } from '../../api/answer';
import { type Line, Lines } from '../../charts/plain/Lines';
import type { Asked } from '../../lib/export';
import { FEW, int, pct, pct1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { usePeople } from '../../ui/people';
import { againstText, side, theirs, thisText } from '../groups';
import { type Bucket, bucketsOf } from './scores';
import { scaleName, scoreText } from './spoken';

type Given = { answer: Answer; scale: string; asked: Asked };

export function Time({ answer, scale, asked }: Given) {
  const whom = useWhom();
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const { lines, labels, buckets } = useMemo(() => linesOf(answer, thisText(whom), againstText(whom)), [answer, whom]);
  if (buckets.length < 2)
    return <p className="dim">{t('One bucket is no trend: choose longer dates or shorter buckets.')}</p>;
  return (
    <div ref={ref}>
      {width > 0 && (
        <Lines
          lines={lines}
          labels={labels}
          width={width}
          write={(x) => scoreText(scale, x)}
          unfinished={t('not over yet')}
          name={t('{scale} over {n} buckets, with intervals; last {x}.', {
            scale: scaleName(scale),
            n: buckets.length,
            x: scoreText(scale, buckets.at(-1)?.score),
          })}
          onPick={(at) => {
            const bucket = buckets[at];
            if (bucket)
              open({
                title: t('Answers of {bucket}', { bucket: bucket.bucket }),
                asked,
                which: { kind: 'counted', bucket: bucket.bucket, ...side(whom) },
              });
          }}
        />
      )}
      <p className="foot">
        {t('Answers:')}{' '}
        {buckets
          .map((row) => `${row.bucket} ${int(row.answers)}${row.answers < FEW ? ` (${t('few')})` : ''}`)
          .join(' · ')}
      </p>
    </div>
  );
}

function linesOf(answer: Answer, mineName: string, otherName: string) {
  const buckets = bucketsOf(answer);
  const others = new Map(
    theirs(rows<Bucket>(answer.table))
      .filter((row) => row.answers > 0)
      .map((row) => [row.bucket, row]),
  );
  const points = (row: Bucket | undefined) => ({
    y: row?.score ?? null,
    low: row?.score_low,
    high: row?.score_high,
    open: row?.over === false,
  });
  const lines: Line[] = [{ key: 'this', label: mineName, tone: 'main', points: buckets.map(points) }];
  // other dates have other buckets: they stand beside it above, not in this picture
  if (buckets.filter((row) => others.has(row.bucket)).length > 1)
    lines.push({
      key: 'other',
      label: otherName,
      tone: 'other',
      points: buckets.map((row) => points(others.get(row.bucket))),
    });
  return { buckets, labels: buckets.map((row) => row.bucket), lines };
}

/** The share of invitations that were answered, of those whose time is over. */
export function Response({ answer, asked }: { answer: Answer; asked: Asked }) {
  const whom = useWhom();
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const buckets = useMemo(() => bucketsOf(answer).filter((row) => (row.invited ?? 0) > 0), [answer]);
  const lines = useMemo<Line[]>(
    () => [
      {
        key: 'rate',
        label: t('answered'),
        tone: 'main',
        points: buckets.map((row) => {
          const decided = (row.invited ?? 0) - (row.open ?? 0);
          return {
            y: decided < FEW ? null : (row.of_invited ?? null),
            low: decided < FEW ? null : row.of_invited_low,
            high: decided < FEW ? null : row.of_invited_high,
            open: (row.open ?? 0) > 0,
          };
        }),
      },
    ],
    [buckets],
  );
  const labels = useMemo(() => buckets.map((row) => row.bucket), [buckets]);
  if (buckets.length < 2) return null;
  return (
    <div ref={ref}>
      {width > 0 && (
        <Lines
          lines={lines}
          labels={labels}
          width={width}
          height={150}
          zero
          write={(x) => pct(x)}
          unfinished={t('some can still answer')}
          name={t('Share of invitations answered, over {n} buckets; last {x}.', {
            n: buckets.length,
            x: pct1(buckets.at(-1)?.of_invited),
          })}
          onPick={(at) => {
            const bucket = buckets[at];
            if (bucket)
              open({
                title: t('Did not answer in {bucket}', { bucket: bucket.bucket }),
                asked,
                which: { kind: 'not answered', bucket: bucket.bucket, ...side(whom) },
              });
          }}
        />
      )}
    </div>
  );
}
