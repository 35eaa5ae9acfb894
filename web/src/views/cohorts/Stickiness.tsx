/** Of those who come at all, who comes on a day, and on how many days do they come? */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { type Line, Lines } from '../../charts/plain/Lines';
import { type Stack, Stacks } from '../../charts/plain/Stacks';
import { useAsk } from '../../lib/asking';
import { FEW, int, pct, pct1, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { usePeople } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { mine, side } from '../groups';
import { axisTexts, many, one, type Unit } from './buckets';

type Row = Record<string, string | number | null>;
type Mean = {
  of: number;
  buckets: number;
  mean: number | null;
  lowest: number | null;
  highest: number | null;
} & Record<string, never>;
type Spread = {
  of: number;
  active: number;
  people: number;
  of_people: number | null;
  of_people_low: number | null;
  of_people_high: number | null;
} & Record<string, never>;

/** Numbers of buckets to hold one against: a week and four for days. */
const OF: Record<string, number[]> = { day: [7, 28], week: [4, 12], month: [3, 12] };
const POINTS = 120;

export function Stickiness({ unit, event }: { unit: Unit; event: string }) {
  const every = unit in OF ? unit : 'month';
  const of = OF[every] as number[];
  const fields = { ...(event ? { event } : {}), every, of };
  const load = useAsk('stickiness', fields);
  return (
    <section className="panel">
      <Shown load={load}>{(answer) => <Drawn answer={answer} fields={fields} unit={every as Unit} of={of} />}</Shown>
    </section>
  );
}

function linesOf(answer: Answer, of: number[]): { lines: Line[]; labels: string[] } {
  const all = mine(rows<Row>(answer.table)).slice(-POINTS);
  const tones = ['other', 'main'] as const;
  const lines: Line[] = of.map((n, i) => ({
    key: String(n),
    label: t('of {n}', { n }),
    tone: tones[i] ?? 'faint',
    points: all.map((row) => {
      const few = ((row[`in_${n}`] as number | null) ?? 0) < FEW;
      return {
        y: few ? null : (row[`of_${n}`] as number | null),
        low: row[`of_${n}_low`] as number | null,
        high: row[`of_${n}_high`] as number | null,
      };
    }),
  }));
  return { lines, labels: axisTexts(all.map((row) => String(row.bucket))) };
}

function Drawn({
  answer,
  fields,
  unit,
  of,
}: {
  answer: Answer;
  fields: Record<string, unknown>;
  unit: Unit;
  of: number[];
}) {
  const whom = useWhom();
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const asked = { question: 'stickiness', fields, whom };
  const buckets = useMemo(() => mine(rows<Row>(answer.table)).slice(-POINTS), [answer]);
  const { lines, labels } = useMemo(() => linesOf(answer, of), [answer, of]);
  const longest = of.at(-1) as number;
  const spread = useMemo(
    () => mine(extra<Spread>(answer, 'spread')).filter((row) => row.of === longest && row.active > 0),
    [answer, longest],
  );
  const whole = spread.reduce((sum, row) => sum + row.people, 0);
  const stacks: Stack[] = useMemo(
    () =>
      spread.map((row) => ({
        key: String(row.active),
        label: String(row.active),
        values: { people: row.people },
        ...(whole < FEW ? {} : { note: t('{share} of them', { share: pct1(row.of_people) }) }),
      })),
    [spread, whole],
  );
  const means = mine(extra<Mean>(answer, 'means'));
  const said = means
    .filter((mean) => mean.mean !== null)
    .map((mean) =>
      t('Of those who come within {n} {units}, {share} come in the last one, on average over {buckets}.', {
        n: int(mean.of),
        units: many(unit),
        share: pct1(mean.mean),
        buckets: int(mean.buckets),
      }),
    );
  const pieces = [{ key: 'people', label: t('people'), tone: 'c1' as const }];
  const which = side(whom);
  const drawn = lines.some((line) => line.points.some((p) => p.y !== null));
  return (
    <Figure title={t('Stickiness')} hint={t('how often those who come at all do')} source={{ answer, asked }}>
      <p className="saysmall">
        {drawn
          ? said.join(' ') || answer.words[0]
          : t('Never {n} people within as many {units}: too few for shares.', { n: FEW, units: many(unit) })}
      </p>
      <div ref={ref}>
        {width > 0 && drawn && (
          <Lines
            lines={lines}
            labels={labels}
            width={width}
            height={150}
            write={pct}
            zero
            name={t('Share of the active of several {units} who are active in one. {said}', {
              units: many(unit),
              said: said.join(' '),
            })}
            unfinished={t('not over')}
            onPick={(i) =>
              open({
                title: t('active in {bucket}', { bucket: labels[i] ?? '' }),
                asked,
                which: { ...which, bucket: String(buckets[i]?.bucket) },
              })
            }
          />
        )}
        {width > 0 && stacks.length > 0 && (
          <>
            <h3 className="under">{t('In how many of the last {n} {units}', { n: longest, units: many(unit) })}</h3>
            <Stacks
              stacks={stacks}
              pieces={pieces}
              width={width}
              height={130}
              write={short}
              name={t('People by the number of {units} of the last {n} in which they came', {
                n: longest,
                units: many(unit),
              })}
              unfinished=""
              axis={t('{units} with activity', { units: many(unit) })}
              onPick={(stack) =>
                open({
                  title: t('active in {n} of the last {of} {units}', {
                    n: stack.label,
                    of: longest,
                    units: many(unit),
                  }),
                  asked,
                  which: { ...which, of: longest, active: Number(stack.key) },
                })
              }
            />
          </>
        )}
      </div>
      <Notes answer={answer} />
      <span className="sr">{t('Counted by {unit}', { unit: one(unit) })}</span>
    </Figure>
  );
}
