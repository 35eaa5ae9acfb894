/** A sentence of an answer as people read it: its buckets written out, its sides called by their names. */
import { t } from '../../lib/i18n';
import type { Whom } from '../../lib/whom';
import { againstText, thisText } from '../groups';
import { bucketText } from './buckets';

export function readable(said: string, whom: Whom = {}): string {
  const dated = said
    .replace(/\b\d{4}-W\d\d\b/g, (week) => t('the week of {date}', { date: bucketText(week) }))
    .replace(/\b\d{4}-\d\d-\d\d\b/g, (day) => bucketText(day))
    .replace(/\b\d{4}-(\d\d|Q\d)\b(?![-\d])/g, (label) => bucketText(label));
  if (!whom.against) return dated;
  return dated.replace(/(^|[.!?] )this (.*?) than other\b/g, (_, before: string, what: string) => {
    return `${before}${thisText(whom)} ${what} than ${againstText(whom)}`;
  });
}
