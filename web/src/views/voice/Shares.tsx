/** How answers are distributed: their kinds, and each score; every count opens its people. */
import { useMemo } from 'react';
import { type Answer, extra, type Row } from '../../api/answer';
import { Pieces, type Stack, Stacks } from '../../charts/plain/Stacks';
import type { Asked } from '../../lib/export';
import { between, FEW, int, pct, pct1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Num, usePeople } from '../../ui/people';
import { mine, side } from '../groups';
import { type Bucket, kindOf, kindsOf } from './scores';

type Share = Row & { score: number; answers: number; of_answers: number | null };

export function Shares({
  answer,
  whole,
  scale,
  asked,
}: {
  answer: Answer;
  whole: Bucket;
  scale: string;
  asked: Asked;
}) {
  const whom = useWhom();
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const kinds = kindsOf(whole);
  const { of_answers_good_low: low, of_answers_good_high: high } = whole;
  const { stacks, pieces } = useMemo(() => drawnOf(answer, whole, scale), [answer, whole, scale]);
  const write = (n: number) => int(n);
  return (
    <>
      <div className="kindbar" aria-hidden="true">
        {kinds.map((kind) => (
          <i
            key={kind.key}
            className={`piece ${kind.piece}`}
            style={{ width: `${(100 * kind.n) / Math.max(1, whole.answers)}%` }}
          />
        ))}
      </div>
      <ul className="kindlist">
        {kinds.map((kind) => (
          <li key={kind.key}>
            <i className={`swatch piece ${kind.piece}`} aria-hidden="true" /> {kind.label}{' '}
            <Num n={kind.n} title={kind.label} asked={asked} which={{ kind: kind.key, ...side(whom) }} />{' '}
            <small>
              {whole.answers < FEW
                ? t('of {n} answers: too few for a share', { n: int(whole.answers) })
                : t('{share} of {n} answers', { share: pct1(kind.n / whole.answers), n: int(whole.answers) })}
              {kind.key === 'good' && whole.answers >= FEW && ` (${between(low, high, pct1)})`}
            </small>
          </li>
        ))}
      </ul>
      <div ref={ref}>
        {width > 0 && stacks.length > 1 && (
          <Stacks
            stacks={stacks}
            pieces={pieces}
            width={width}
            height={190}
            write={write}
            axis={t('score; a click opens who gave it')}
            unfinished=""
            name={t('How often each score was given, of {n} answers.', { n: int(whole.answers) })}
            onPick={(stack) =>
              open({
                title: t('Who gave a {score}', { score: stack.label }),
                asked,
                which: { score: Number(stack.key), ...side(whom) },
              })
            }
          />
        )}
      </div>
      <Pieces pieces={pieces} />
    </>
  );
}

function drawnOf(answer: Answer, whole: Bucket, scale: string) {
  const kinds = kindsOf(whole);
  const all = mine(extra<Share>(answer, 'distribution'));
  // a scale of one's own says by its counts alone which of its values are good
  const known = all.reduce((n, row) => n + (kindOf(scale, row.score) === 'good' ? row.answers : 0), 0);
  const told = whole.promoters != null || known === whole.good;
  const stacks: Stack[] = all.map((row) => ({
    key: String(row.score),
    label: String(row.score),
    values: { [told ? kindOf(scale, row.score) : 'answers']: row.answers },
    note: t('{share} of the answers', { share: pct(row.of_answers) }),
  }));
  const pieces = told
    ? kinds.map((kind) => ({ key: kind.key, label: kind.label, tone: kind.piece }))
    : [{ key: 'answers', label: t('Answers'), tone: 'c2' as const }];
  return { stacks, pieces };
}
