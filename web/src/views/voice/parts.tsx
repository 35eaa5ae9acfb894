/** Small things that the views of what people say share: a mood, an estimate with its interval, a quote. */
import type { ReactNode } from 'react';
import type { Asked } from '../../lib/export';
import { between, FEW, int, NONE, signed1, step, tone } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Num } from '../../ui/people';
import { type Spoken, scaleName, scoreText } from './spoken';

export type Estimate = { value: number | null; low?: number | null; high?: number | null; n?: number | null };

/** How it sounds, −5 to +5, with its sign, a colour and its interval; of too few only that they are. */
export function Mood({ of, title }: { of: Estimate; title?: string }) {
  if (of.value == null) return <span className="dim">{NONE}</span>;
  if (of.n != null && of.n < FEW) return <span className="dim">{t('too few')}</span>;
  const side = of.value < -0.5 ? '▼' : of.value > 0.5 ? '▲' : '●';
  return (
    <>
      <span className={`vmood ${tone(step(of.value, 0, 5))}`} title={title}>
        <span aria-hidden="true">{side}</span> {signed1(of.value)}
      </span>
      <small className="sure">{between(of.low, of.high, signed1)}</small>
    </>
  );
}

/** A value with its interval; of too few only that they are. */
export function Sure({ of, write }: { of: Estimate; write: (x: number | null | undefined) => string }) {
  if (of.value == null) return <span className="dim">{NONE}</span>;
  if (of.n != null && of.n < FEW) return <span className="dim">{t('too few')}</span>;
  return (
    <>
      <b>{write(of.value)}</b> <small className="sure">{between(of.low, of.high, write)}</small>
    </>
  );
}

/** Somebody's words; which side they are on is told by the edge and, for those who see no edge, by a word. */
export function Quote(given: {
  text: string;
  shown?: ReactNode;
  sentiment?: number | null;
  lang?: string | null;
  children?: ReactNode;
}) {
  const x = given.sentiment ?? null;
  const side = x === null ? '' : x < -0.5 ? 'neg' : x > 0.5 ? 'pos' : '';
  return (
    <blockquote className={side}>
      <p lang={given.lang || undefined}>
        <bdi>{given.shown ?? given.text}</bdi>
      </p>
      <footer>
        {x !== null && (
          <span className="sr">
            {side === 'neg' ? t('sounds bad') : side === 'pos' ? t('sounds good') : t('takes no side')}
          </span>
        )}
        {given.children}
      </footer>
    </blockquote>
  );
}

/** How often it was said, and by whom. */
export function Times({ n, quote, asked, which }: { n: number; quote: string; asked: Asked; which?: object }) {
  return (
    <span>
      <Num n={n} title={t('Said “{quote}”', { quote })} asked={asked} which={{ ...which, quote }} />{' '}
      {n === 1 ? t('remark in these words') : t('remarks in these words')}
    </span>
  );
}

/** What is asked about, in one line. */
export function Said({ spoken, words = true }: { spoken: Spoken; words?: boolean }) {
  const { survey, known, map } = spoken;
  return (
    <>
      {t('Remarks:')}{' '}
      <b>
        <bdi>{survey.answers || t('none chosen')}</bdi>
      </b>
      {words && survey.text && (
        <>
          {' · '}
          {t('words in')}{' '}
          <b>
            <bdi>{survey.text}</bdi>
          </b>
        </>
      )}
      {survey.score && (
        <>
          {' · '}
          {scaleName(survey.scale)} {t('in')}{' '}
          <b>
            <bdi>{survey.score}</bdi>
          </b>
        </>
      )}
      {words && map && (
        <>
          {' · '}
          {t('touchpoints of')}{' '}
          <b>
            <bdi>{known.chosen?.title ?? map}</bdi>
          </b>
        </>
      )}
    </>
  );
}

/** A count of answers of a scale, and what it says. */
export const scored = (scale: string, of: Estimate) =>
  of.value == null ? NONE : `${scoreText(scale, of.value)} (${int(of.n)})`;
