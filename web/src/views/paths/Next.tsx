/** What came first after the start: of those who got there beside those who left. */
import { useMemo } from 'react';
import { type Answer, extra } from '../../api/answer';
import type { DotRow } from '../../charts/plain/Dots';
import { Dots } from '../../charts/plain/Dots';
import type { Asked } from '../../lib/export';
import { FEW, int, pct1, points } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { Figure } from '../../ui/figure';
import { usePeople } from '../../ui/people';
import { type Choice, called } from './choice';
import { ours, type Told } from './tree';

type NextRow = {
  group?: string;
  next: string;
  converted: number;
  left: number;
  undecided: number;
  of_converted: number | null;
  of_left: number | null;
  of_more: number | null;
  of_more_low: number | null;
  of_more_high: number | null;
};
const SHOWN = 8;

export function Next({ answer, told, choice, asked }: { answer: Answer; told: Told; choice: Choice; asked: Asked }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const people = usePeople();
  const found = useMemo(
    () =>
      ours(extra<NextRow>(answer, 'next'))
        .filter((row) => row.of_more !== null)
        .slice(0, SHOWN),
    [answer],
  );
  const lines = useMemo<DotRow[]>(
    () =>
      found.map((row) => {
        const tells =
          row.of_more_low !== null && row.of_more_high !== null && (row.of_more_low > 0 || row.of_more_high < 0);
        return {
          key: row.next,
          label: row.next === '(nothing)' ? t('nothing more') : row.next,
          sub: t('{a} against {b}', { a: pct1(row.of_converted), b: pct1(row.of_left) }),
          marks: [
            {
              value: row.of_more,
              low: row.of_more_low,
              high: row.of_more_high,
              tone: tells ? ((row.of_more ?? 0) > 0 ? 'good' : 'bad') : 'mid',
            },
          ],
          // of all who did this first, those undecided too: they are the people that open
          text: int(row.converted + row.left + row.undecided),
          picks: true,
        };
      }),
    [found],
  );
  if (!told.goal || !found.length || told.total.converted < FEW || told.total.left < FEW) return null;
  const pick = (row: DotRow) =>
    people({
      title: `${called(choice.start, choice.known)} › ${row.label}`,
      asked,
      which: { ...told.group, next: row.key },
    });
  return (
    <section className="panel">
      <Figure
        title={t('What they did first after the start')}
        hint={t('who got there against who left, in points')}
        source={{ answer, asked, table: 'next' }}
      >
        <div ref={ref}>
          {width > 0 && (
            <Dots
              rows={lines}
              width={width}
              write={points}
              name={t('How much more of those who got there did this first than of those who left, with intervals')}
              rule={{ at: 0, label: t('no difference') }}
              onPick={pick}
            />
          )}
        </div>
        <p className="foot">
          {t(
            'Shares of those who got there against shares of those who left. At the right: how many did this first. Associated, which need not mean caused.',
          )}
        </p>
      </Figure>
    </section>
  );
}
