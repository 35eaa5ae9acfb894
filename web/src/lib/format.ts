/** Numbers, durations and moments as people read them. */
import { t } from './i18n';

const locale = document.documentElement.lang || 'en';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const percent0 = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
const percent1 = new Intl.NumberFormat(locale, {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const decimal1 = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const signed0 = new Intl.NumberFormat(locale, { signDisplay: 'exceptZero', maximumFractionDigits: 0 });
const signedOne = new Intl.NumberFormat(locale, {
  signDisplay: 'exceptZero',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** Fewer than this many behind a rate: counts are shown, the rate is not. */
export const FEW = 30;
export const NONE = '–';

type Maybe = number | null | undefined;
const minus = (text: string) => text.replace('-', '−');
const known = (x: Maybe): x is number => x != null && Number.isFinite(x);

export const int = (x: Maybe) => (known(x) ? minus(whole.format(x)) : NONE);
export const short = (x: Maybe) => (known(x) ? minus(compact.format(x)).replace('K', 'k') : NONE);
export const pct = (x: Maybe) => (known(x) ? minus(percent0.format(x)) : NONE);
/** Sentences of an answer write `57.0 %`; here a percent sign stands as the language has it. */
export const percents = (text: string) =>
  percent0.format(0.5).endsWith('0%') ? text.replace(/(\d)[ \u00a0\u202f]%/g, '$1%') : text;
export const pct1 = (x: Maybe) => (known(x) ? minus(percent1.format(x)) : NONE);
export const dec = (x: Maybe) => (known(x) ? minus(decimal1.format(x)) : NONE);
export const signed = (x: Maybe) => (known(x) ? minus(signed0.format(Math.round(x))) : NONE);
export const signed1 = (x: Maybe) => (known(x) ? minus(signedOne.format(x)) : NONE);
/** A difference of shares, in points. */
export const points = (x: Maybe) => (known(x) ? t('{n} pts', { n: signed1(x * 100) }) : NONE);
export const money = (x: Maybe, currency: string) =>
  known(x)
    ? minus(
        new Intl.NumberFormat(locale, {
          style: 'currency',
          currency,
          notation: Math.abs(x) >= 1e5 ? 'compact' : 'standard',
          maximumFractionDigits: Math.abs(x) >= 1e5 ? 1 : Math.abs(x) < 10 ? 2 : 0,
        }).format(x),
      )
    : NONE;
/** `[low, high]` of an interval, written by `write`. */
export const between = (low: Maybe, high: Maybe, write: (x: Maybe) => string) =>
  known(low) && known(high) ? t('{low} to {high}', { low: write(low), high: write(high) }) : NONE;

export function duration(seconds: Maybe): string {
  if (!known(seconds)) return NONE;
  if (seconds < 0) return `−${duration(-seconds)}`;
  if (seconds < 1) return t('< 1 s');
  if (seconds < 90) return t('{n} s', { n: Math.round(seconds) });
  const minutes = seconds / 60;
  if (minutes < 90) return t('{n} min', { n: minutes < 10 ? dec(minutes) : Math.round(minutes) });
  const hours = minutes / 60;
  if (hours < 36) return t('{n} h', { n: hours < 10 ? dec(hours) : Math.round(hours) });
  const days = hours / 24;
  return days < 60
    ? t('{n} days', { n: days < 10 ? dec(days) : Math.round(days) })
    : t('{n} months', { n: Math.round(days / 30.44) });
}

export function moment(
  at: string | number | null | undefined,
  zone?: string,
  style: 'day' | 'minute' = 'minute',
): string {
  if (at == null) return NONE;
  const date = new Date(typeof at === 'string' && !/[zZ]|[+-]\d\d:\d\d$/.test(at) ? `${at.replace(' ', 'T')}Z` : at);
  if (Number.isNaN(date.getTime())) return String(at);
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    ...(style === 'minute' ? { timeStyle: 'short' } : {}),
    timeZone: zone,
  }).format(date);
}

/** Where on a scale of seven steps, −3 … +3, a value stands. */
export function step(x: Maybe, middle: number, span: number): number {
  if (!known(x)) return 0;
  const z = (x - middle) / span;
  return z < -0.75 ? -3 : z < -0.4 ? -2 : z < -0.12 ? -1 : z <= 0.12 ? 0 : z <= 0.4 ? 1 : z <= 0.75 ? 2 : 3;
}
export const tone = (s: number) => `d${s < 0 ? 'n' : s > 0 ? 'p' : ''}${Math.abs(s)}`;
