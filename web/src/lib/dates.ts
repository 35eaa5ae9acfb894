/** Periods: the ones worth a click, how they are called, and the one before. */
import { t } from './i18n';

const locale = document.documentElement.lang || 'en';
const DAY = 86_400_000;
const iso = (date: Date) => date.toISOString().slice(0, 10);
const day = (text: string) => new Date(`${text}T00:00:00Z`);
const month = (text: string) =>
  new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(day(`${text}-01`));
const shown = (date: Date) =>
  new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(date);

/** What a period is called. */
export function datesText(period: string): string {
  if (!period || period === 'everything') return t('All dates');
  const last = /^last (\d+) (days|weeks|months)$/.exec(period);
  if (last) return t('Last {n} {unit}', { n: last[1] as string, unit: t(last[2] as string) });
  if (/^\d{4}-\d\d$/.test(period)) return month(period);
  const span = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(period);
  if (span) return `${shown(day(span[1] as string))} – ${shown(new Date(day(span[2] as string).getTime() - DAY))}`;
  return period;
}

/** Choices for a log that ends at `last`: spans before its end, and its latest months. */
export function datesOf(last: string | null): { value: string; text: string; hint?: string }[] {
  const found = ['', 'last 7 days', 'last 30 days', 'last 90 days', 'last month'].map((value) => ({
    value,
    text: value === 'last month' ? t('Last month') : datesText(value),
  }));
  if (last) {
    const end = new Date(last);
    for (let back = 0; back < 4; back++) {
      const value = iso(new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - back, 1))).slice(0, 7);
      found.push({ value, text: datesText(value) });
    }
  }
  return found;
}

/** The dates before, of the same length; null for all dates. */
export function previous(
  period: string,
  extent: { last: string | null } | null,
): { value: string; text: string } | null {
  let value = '';
  const months = /^(\d{4})-(\d\d)$/.exec(period);
  const span = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(period);
  const last = /^last (\d+) days$/.exec(period);
  if (months) value = iso(new Date(Date.UTC(Number(months[1]), Number(months[2]) - 2, 1))).slice(0, 7);
  else if (span) {
    const from = day(span[1] as string).getTime();
    value = `${iso(new Date(2 * from - day(span[2] as string).getTime()))}..${span[1]}`;
  } else if (last && extent?.last) {
    const n = Number(last[1]) * DAY;
    const end = day(extent.last.slice(0, 10)).getTime() - n;
    value = `${iso(new Date(end - n))}..${iso(new Date(end))}`;
  } else if (period === 'last month' && extent?.last) {
    const end = new Date(extent.last);
    value = iso(new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - 2, 1))).slice(0, 7);
  }
  return value ? { value, text: datesText(value) } : null;
}
