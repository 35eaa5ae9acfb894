/** The score along the chosen journey: of who is asked about a touchpoint, and of who came by it. */
import { useMemo } from 'react';
import { type Answer, extra, type Row } from '../../api/answer';
import { type DotRow, Dots, Marks } from '../../charts/plain/Dots';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { FEW, int } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Shown } from '../../ui/shown';
import { mine } from '../groups';
import type { KnownMap, MapStep } from '../maps';
import { type Spoken, scaleName, scoreText } from './spoken';

type At = Row & {
  scale: string;
  touchpoint: string;
  about: number | null;
  about_low: number | null;
  about_high: number | null;
  answers_about: number;
  passed: number | null;
  passed_low: number | null;
  passed_high: number | null;
  answers_passed: number;
};

export function OnMap({ spoken }: { spoken: Spoken }) {
  const { chosen } = spoken.known;
  const asks = chosen?.outline.feedback?.some((asking) => asking.score);
  return chosen && asks ? <Asking map={chosen} /> : null;
}

function Asking({ map }: { map: KnownMap }) {
  const whom = useWhom();
  const over = { against: '' };
  const fields = { map: map.name };
  const load = useAsk('journey_map', fields, over);
  const asked: Asked = { question: 'journey_map', fields, whom: { ...whom, ...over } };
  return (
    <section className="panel">
      <Shown load={load}>
        {(answer) => (
          <Figure
            title={t('Scores along: {map}', { map: map.title })}
            hint={t('of journeys of these dates, with 95 % intervals')}
            source={{ answer, asked, table: 'scores' }}
          >
            {[...new Set(mine(extra<At>(answer, 'scores')).map((row) => row.scale))].map((scale) => (
              <Along key={scale} answer={answer} map={map} scale={scale} />
            ))}
            <p className="foot">
              {t(
                'Who came by a touchpoint may differ from the others in more than that: it says where to look, not why.',
              )}
            </p>
          </Figure>
        )}
      </Shown>
    </section>
  );
}

/** Which stage a touchpoint stands in. */
function stagesOf(map: KnownMap): Map<string, string> {
  const found = new Map<string, string>();
  const put = (stage: string, step: string | MapStep) => {
    const inner = typeof step === 'string' ? undefined : (step.one_of ?? step.any_order ?? step.in_order);
    if (inner) for (const one of inner) put(stage, one);
    else found.set(typeof step === 'string' ? step : (step.touchpoint ?? step.name ?? ''), stage);
  };
  for (const stage of map.outline.stages) for (const step of stage.steps ?? []) put(stage.name, step);
  return found;
}

function Along({ answer, map, scale }: { answer: Answer; map: KnownMap; scale: string }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const drawn = useMemo(() => rowsOf(answer, map, scale), [answer, map, scale]);
  if (!drawn.length) return <p className="dim">{t('Nobody on this journey gave a score in these dates.')}</p>;
  return (
    <>
      <div ref={ref}>
        {width > 0 && (
          <Dots
            rows={drawn}
            width={width}
            write={(x) => scoreText(scale, x)}
            name={t('{scale} at {n} touchpoints of the journey, with intervals.', {
              scale: scaleName(scale),
              n: drawn.length,
            })}
          />
        )}
      </div>
      <Marks
        marks={[
          { tone: 'main', label: t('{scale} of answers about it', { scale: scaleName(scale) }) },
          { tone: 'other', label: t('{scale} of who came by', { scale: scaleName(scale) }) },
        ]}
      />
    </>
  );
}

function rowsOf(answer: Answer, map: KnownMap, scale: string): DotRow[] {
  const stages = stagesOf(map);
  const rows = mine(extra<At>(answer, 'scores')).filter(
    (row) => row.scale === scale && (row.about != null || row.passed != null),
  );
  return rows.map((row, i) => {
    const stage = stages.get(row.touchpoint) ?? '';
    const before = i ? (stages.get((rows[i - 1] as At).touchpoint) ?? '') : null;
    const few = Math.max(row.answers_about, row.answers_passed) < FEW ? ` · ${t('few')}` : '';
    return {
      key: row.touchpoint,
      label: row.touchpoint,
      ...(stage && stage !== before ? { group: stage } : {}),
      sub: `${t('{a} about it, {b} of who came by', { a: int(row.answers_about), b: int(row.answers_passed) })}${few}`,
      marks: [
        { value: row.about, low: row.about_low, high: row.about_high, tone: 'main', label: t('about it') },
        { value: row.passed, low: row.passed_low, high: row.passed_high, tone: 'other', label: t('came by') },
      ],
    };
  });
}
