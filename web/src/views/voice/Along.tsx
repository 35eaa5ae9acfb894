/** How people feel along the way: of those who came by each touchpoint, beside those who did not. */
import { type Answer, extra, type Row } from '../../api/answer';
import { type DotRow, Dots, Marks } from '../../charts/plain/Dots';
import { type Feeling, Feelings } from '../../charts/plain/Feelings';
import type { Asked } from '../../lib/export';
import { between, FEW, int, pct, signed1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { Figure } from '../../ui/figure';
import { mine, theirs } from '../groups';
import { scaleName, scoreText } from './spoken';

type At = Row & {
  stage: string | null;
  touchpoint: string;
  people: number;
  sentiment: number | null;
  sentiment_low: number | null;
  sentiment_high: number | null;
  people_with_sentiment: number | null;
  sentiment_of_others: number | null;
  feeling: string | null;
  score: number | null;
  score_low: number | null;
  score_high: number | null;
  score_of_others: number | null;
  score_of_others_low: number | null;
  score_of_others_high: number | null;
  theme: string | null;
  of_people_with_theme: number | null;
  of_others_with_theme: number | null;
};
type Given = { answer: Answer; asked: Asked; scale: string | null; onPick: (touchpoint: string) => void };

export function Along({ answer, asked, scale, onPick }: Given) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const curve = mine(extra<At>(answer, 'curve')).filter((row) => row.people > 0);
  if (curve.length < 2) return null;
  // where hardly anybody's words can be read for how they sound, scores tell more
  const read = curve.reduce((n, row) => n + (row.people_with_sentiment ?? 0), 0);
  const felt = read > 0 && read >= curve.reduce((n, row) => n + row.people, 0) / (scale ? 4 : 100);
  if (!felt && !(scale && curve.some((row) => row.score != null))) return null;
  return (
    <section className="panel">
      <Figure
        title={felt ? t('How it feels along the way') : t('How they score along the way')}
        hint={t('of who came by before they spoke; the short line is of those who did not')}
        source={{ answer, asked, table: 'curve' }}
      >
        <div ref={ref}>
          {width > 0 && felt && <Felt answer={answer} curve={curve} width={width} onPick={onPick} />}
          {width > 0 && !felt && <Scored curve={curve} width={width} scale={scale as string} onPick={onPick} />}
        </div>
        <p className="foot">
          {t(
            '▼ and ▲ stand out from those who did not come by (false-discovery rate of at most 5 %). Associated, which need not mean caused. A click shows what is said about the touchpoint itself.',
          )}
        </p>
      </Figure>
    </section>
  );
}

function Felt(given: { answer: Answer; curve: At[]; width: number; onPick: (touchpoint: string) => void }) {
  const { answer, curve, width, onPick } = given;
  const before = new Map(theirs(extra<At>(answer, 'curve')).map((row) => [row.touchpoint, row.sentiment]));
  const feelings: Feeling[] = curve.map((row) => ({
    touchpoint: row.touchpoint,
    stage: row.stage,
    people: row.people,
    value: row.sentiment,
    low: row.sentiment_low,
    high: row.sentiment_high,
    others: row.sentiment_of_others,
    before: before.get(row.touchpoint) ?? null,
    side: row.feeling === 'low' || row.feeling === 'high' ? row.feeling : null,
  }));
  const at = new Map(curve.map((row) => [row.touchpoint, row]));
  const worst = curve.find((row) => row.feeling === 'low') ?? curve[0];
  const say = (feeling: Feeling) => {
    const row = at.get(feeling.touchpoint) as At;
    const said = [
      t('{x} ({interval}) of {n} people', {
        x: signed1(row.sentiment),
        interval: between(row.sentiment_low, row.sentiment_high, signed1),
        n: int(row.people),
      }),
    ];
    if (row.sentiment_of_others != null) said.push(t('others {x}', { x: signed1(row.sentiment_of_others) }));
    if (row.theme)
      said.push(
        t('{theme}: {share} of them, {others} of the others', {
          theme: row.theme,
          share: pct(row.of_people_with_theme),
          others: pct(row.of_others_with_theme),
        }),
      );
    return said;
  };
  return (
    <Feelings
      feelings={feelings}
      width={width}
      write={signed1}
      few={FEW}
      say={say}
      onPick={(feeling) => onPick(feeling.touchpoint)}
      name={t('How it feels at {n} touchpoints, −5 to +5; lowest or first told: {place} with {x}.', {
        n: feelings.length,
        place: worst?.touchpoint ?? '',
        x: signed1(worst?.sentiment),
      })}
    />
  );
}

/** Where nobody can read how words sound, scores tell it. */
function Scored(given: { curve: At[]; width: number; scale: string; onPick: (touchpoint: string) => void }) {
  const { curve, width, scale, onPick } = given;
  const write = (x: number) => scoreText(scale, x);
  const all: DotRow[] = curve.map((row, i) => ({
    key: row.touchpoint,
    label: row.touchpoint,
    ...(row.stage && row.stage !== curve[i - 1]?.stage ? { group: row.stage } : {}),
    sub: t('{n} people', { n: int(row.people) }),
    marks: [
      { value: row.score, low: row.score_low, high: row.score_high, tone: 'main', label: t('came by') },
      {
        value: row.score_of_others,
        low: row.score_of_others_low,
        high: row.score_of_others_high,
        tone: 'other',
        label: t('did not'),
      },
    ],
  }));
  return (
    <>
      <Dots
        rows={all}
        width={width}
        write={write}
        name={t('{scale} of who came by each touchpoint, and of those who did not', { scale: scaleName(scale) })}
        onPick={(row) => onPick(row.key)}
      />
      <Marks
        marks={[
          { tone: 'main', label: t('came by') },
          { tone: 'other', label: t('did not come by') },
        ]}
      />
    </>
  );
}
