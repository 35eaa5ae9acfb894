/** Which themes make a score go down, or up: what each brings to the change from one bucket to the next. */

import { type Answer, extra, type Row, rows } from '../../api/answer';
import { type DotRow, Dots } from '../../charts/plain/Dots';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { between, int, pct, signed1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { useChoice } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { usePeople } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { Every } from '../Every';
import { told } from '../groups';
import { type Spoken, scaleName, scoreDifference, scoreText, useEvery } from './spoken';
import { SURE } from './themes';

type Part = Row & {
  theme: string;
  answers_before: number;
  answers_after: number;
  of_answers_before: number | null;
  of_answers_after: number | null;
  score_before: number | null;
  score_after: number | null;
  by_how_many: number | null;
  by_how_satisfied: number | null;
  contribution: number | null;
  contribution_low: number | null;
  contribution_high: number | null;
  q_value: number | null;
};

export function Changed({ spoken }: { spoken: Spoken }) {
  const whom = useWhom();
  const usual = useEvery(spoken.extent);
  const [every, setEvery] = useChoice<string>('bucket', usual === 'day' ? 'week' : usual);
  const fields = { ...spoken.fields, every };
  const load = useAsk('what_changed', fields, { against: '' });
  const asked: Asked = { question: 'what_changed', fields, whom: { ...whom, against: '' } };
  return (
    <section className="panel">
      <Shown load={load}>
        {(answer) => (
          <Figure
            title={t('What changed the {scale}', { scale: scaleName(spoken.survey.scale) })}
            source={{ answer, asked }}
            tools={<Every value={every} of={['week', 'month', 'quarter']} onPick={setEvery} />}
          >
            <p className="say">{told(answer, 3)}</p>
            <Parts answer={answer} asked={asked} scale={spoken.survey.scale} />
            <Notes answer={answer} />
          </Figure>
        )}
      </Shown>
    </section>
  );
}

const names = (theme: string) =>
  theme === '(no words)' ? t('without words') : theme === '(no theme)' ? t('of no theme') : theme;

function Parts({ answer, asked, scale }: { answer: Answer; asked: Asked; scale: string }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const parts = rows<Part>(answer.table).filter((row) => row.contribution != null);
  const spans = extra(answer, 'scores');
  if (!parts.length) return null;
  const [before, after] = spans;
  const drawn: DotRow[] = parts.map((row) => {
    const sure = (row.q_value ?? 1) < SURE;
    const x = row.contribution as number;
    return {
      key: row.theme,
      label: names(row.theme),
      sub: t('{a} → {b} of answers · score {c} → {d}', {
        a: pct(row.of_answers_before),
        b: pct(row.of_answers_after),
        c: scoreText(scale, row.score_before),
        d: scoreText(scale, row.score_after),
      }),
      marks: [
        {
          value: x,
          low: row.contribution_low,
          high: row.contribution_high,
          tone: !sure ? 'mid' : x < 0 ? 'bad' : 'good',
          label: sure ? t('brings') : t('brings, may be chance'),
        },
      ],
      text: int(row.answers_after),
      picks: row.answers_after > 0,
    };
  });
  const write = (x: number) => scoreDifference(scale, x);
  return (
    <>
      {before && after && (
        <p className="foot">
          {String(before.buckets)}: {scoreText(scale, before.score as number)} (
          {between(before.score_low as number, before.score_high as number, (x) => scoreText(scale, x))},{' '}
          {t('{n} answers', { n: int(before.answers as number) })}) → {String(after.buckets)}:{' '}
          {scoreText(scale, after.score as number)} (
          {between(after.score_low as number, after.score_high as number, (x) => scoreText(scale, x))},{' '}
          {t('{n} answers', { n: int(after.answers as number) })}).{' '}
          {t('At the right: answers after; a click opens their people.')}
        </p>
      )}
      <div ref={ref}>
        {width > 0 && (
          <Dots
            rows={drawn}
            width={width}
            write={write}
            rule={{ at: 0, label: t('no change') }}
            axis={t('what the theme brings to the change of the score, with its 95 % interval')}
            name={t('What {n} themes bring to the change; most: {theme} with {x}.', {
              n: drawn.length,
              theme: drawn[0]?.label ?? '',
              x: signed1(parts[0]?.contribution),
            })}
            onPick={(row) =>
              open({
                title: t('Answers about {theme}, after', { theme: row.label }),
                asked,
                which: { theme: row.key, when: 'after' },
              })
            }
          />
        )}
      </div>
    </>
  );
}
