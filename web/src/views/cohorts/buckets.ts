/** What buckets of the calendar are called: `2026-W05` is the week that begins on a day. */
import { t } from '../../lib/i18n';

const locale = document.documentElement.lang || 'en';
const DAY = 86_400_000;
const date = (parts: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...parts, timeZone: 'UTC' });
const long = date({ day: 'numeric', month: 'short', year: 'numeric' });
const brief = date({ day: 'numeric', month: 'short' });
const month = date({ month: 'short', year: 'numeric' });

/** The first day of an ISO week. */
function monday(year: number, week: number): Date {
  const fourth = new Date(Date.UTC(year, 0, 4));
  return new Date(fourth.getTime() + ((week - 1) * 7 - ((fourth.getUTCDay() + 6) % 7)) * DAY);
}

/** A bucket as people write it; as it is where its form is not known. */
export function bucketText(label: string, short = false): string {
  const write = short ? brief : long;
  const week = /^(\d{4})-W(\d\d)$/.exec(label);
  if (week) return write.format(monday(Number(week[1]), Number(week[2])));
  const day = /^(?:week of )?(\d{4}-\d\d-\d\d)$/.exec(label);
  if (day) return write.format(new Date(`${day[1]}T00:00:00Z`));
  if (/^\d{4}-\d\d$/.test(label)) return month.format(new Date(`${label}-01T00:00:00Z`));
  const quarter = /^(\d{4})-Q(\d)$/.exec(label);
  if (quarter) return t('Q{n} {year}', { n: quarter[2] as string, year: quarter[1] as string });
  return label;
}

/** Buckets along an axis: without the year where that leaves them apart. */
export function axisTexts(labels: string[]): string[] {
  const short = labels.map((label) => bucketText(label, true));
  return new Set(short).size === short.length ? short : labels.map((label) => bucketText(label));
}

export type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';
/** One bucket and several, in words. */
export const UNITS: Record<Unit, [one: string, many: string]> = {
  day: ['day', 'days'],
  week: ['week', 'weeks'],
  month: ['month', 'months'],
  quarter: ['quarter', 'quarters'],
  year: ['year', 'years'],
};
export const one = (unit: Unit) => t(UNITS[unit]?.[0] ?? unit);
export const many = (unit: Unit) => t(UNITS[unit]?.[1] ?? unit);
