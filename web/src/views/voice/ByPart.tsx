/** The score by parts of the answers: by touchpoint, channel, plan, or any other property; each with its interval. */
import { useMemo } from 'react';
import { type Answer, extra, type Notice, rows } from '../../api/answer';
import { type DotRow, Dots } from '../../charts/plain/Dots';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { FEW, int } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Pick, useChoice } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { usePeople } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { type Bucket, partsOf } from './scores';
import { type Spoken, scaleName, scoreDifference, scoreText } from './spoken';

const MOST = 20;
const WHOLE = '(everyone)';
const MISSING = '(missing)';

type Given = { spoken: Spoken; fields: Record<string, unknown>; told: Notice[] | undefined };

export function Parts({ spoken, fields, told }: Given) {
  const known = new Set(told?.map((note) => note.code));
  const whom = useWhom();
  const { scale } = spoken.survey;
  const offers = partsOf(spoken.known);
  // of a survey that is narrowed to one touchpoint, touchpoints tell nothing
  const usual = offers.find((name) => !spoken.survey.answers.includes(name)) ?? '';
  const [part, setPart] = useChoice('by', usual);
  const over = { breakdown: part, against: '' };
  const load = useAsk(part ? 'scores' : null, fields, over);
  const asked: Asked = { question: 'scores', fields, whom: { ...whom, ...over } };
  return (
    <section className="panel">
      <div className="switches">
        <Pick
          label={t('{scale} by', { scale: scaleName(scale) })}
          value={part}
          options={offers}
          onPick={setPart}
          hint={t('Any property of the answers or of their people.')}
        />
      </div>
      {part && (
        <Shown load={load}>
          {(answer) => (
            <Figure
              title={t('{scale} by {part}', { scale: scaleName(scale), part })}
              hint={t('with 95 % intervals; at the right answers, a click opens them')}
              source={{ answer, asked }}
            >
              <Groups
                answer={answer}
                asked={asked}
                scale={scale}
                part={part}
                offers={offers.filter((name) => name !== part)}
                onPart={setPart}
              />
              <Notes answer={{ ...answer, warnings: answer.warnings.filter((note) => !known.has(note.code)) }} />
            </Figure>
          )}
        </Shown>
      )}
    </section>
  );
}

type Grouped = {
  answer: Answer;
  asked: Asked;
  scale: string;
  part: string;
  offers: string[];
  onPart: (part: string) => void;
};

function Groups({ answer, asked, scale, part, offers, onPart }: Grouped) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const { drawn, whole, hidden, flagged } = useMemo(() => groupsOf(answer, scale), [answer, scale]);
  if (drawn.every((row) => row.key === MISSING))
    return (
      <>
        <p className="dim">{t('No answer has a value of {part}. Others to try:', { part })}</p>
        <ul className="offers">
          {offers.slice(0, 10).map((offer) => (
            <li key={offer}>
              <button type="button" className="btn" onClick={() => onPart(offer)}>
                <bdi>{offer}</bdi>
              </button>
            </li>
          ))}
        </ul>
      </>
    );
  return (
    <>
      <div ref={ref}>
        {width > 0 && (
          <Dots
            rows={drawn}
            width={width}
            write={(x) => scoreText(scale, x)}
            {...(whole?.score == null
              ? {}
              : { rule: { at: whole.score, label: t('everyone {x}', { x: scoreText(scale, whole.score) }) } })}
            name={t('{scale} of {n} groups by {part}, with intervals.', {
              scale: scaleName(scale),
              n: drawn.length,
              part,
            })}
            onPick={(row) =>
              open({
                title: t('Answers of {group}', { group: row.label }),
                asked,
                which: { group: row.key, kind: 'counted' },
              })
            }
          />
        )}
      </div>
      <p className="foot">
        {flagged.length
          ? t('Told from chance against all others: {groups}.', { groups: flagged.join(', ') })
          : t('No group differs from all others by more than chance may make (false-discovery rate 5 %).')}{' '}
        {hidden > 0 && t('{n} smaller groups are in the table.', { n: int(hidden) })}
      </p>
    </>
  );
}

function groupsOf(answer: Answer, scale: string) {
  const all = rows<Bucket>(answer.table).filter((row) => row.bucket === 'all' && row.answers > 0);
  const whole = all.find((row) => row.group === WHOLE);
  const groups = all.filter((row) => row.group !== WHOLE).sort((a, b) => b.answers - a.answers);
  const differences = new Map(
    extra(answer, 'differences')
      .filter((row) => row.measure === 'score' || row.measure === 'are satisfied')
      .map((row) => [String(row.group), row]),
  );
  const flagged: string[] = [];
  const drawn: DotRow[] = groups
    .slice(0, MOST)
    .sort((a, b) => (a.score ?? 0) - (b.score ?? 0))
    .map((row) => {
      const name = String(row.group);
      const difference = differences.get(name);
      const sure = difference?.flagged === true;
      const by = Number(difference?.difference ?? 0);
      if (sure) flagged.push(`${by < 0 ? '▼' : '▲'} ${name} (${scoreDifference(scale, by)})`);
      const few = row.answers < FEW ? ` · ${t('few')}` : '';
      return {
        key: name,
        label: name === MISSING ? t('(missing)') : name,
        sub: `${t('{n} answers', { n: int(row.answers) })}${few}`,
        marks: [
          {
            value: row.score,
            low: row.score_low,
            high: row.score_high,
            tone: !sure ? 'mid' : by < 0 ? 'bad' : 'good',
          },
        ],
        text: int(row.answers),
      };
    });
  return { drawn, whole, hidden: Math.max(0, groups.length - MOST), flagged };
}
