/** Answers with two populations: whose line is whose. */
import type { Answer, Row } from '../api/answer';
import { datesText } from '../lib/dates';
import { t } from '../lib/i18n';
import type { Whom } from '../lib/whom';

/** The lines of what is asked of, without those that it is held against. */
export const mine = <R extends Row>(rows: R[]): R[] => rows.filter((row) => !('group' in row) || row.group === 'this');
export const theirs = <R extends Row>(rows: R[]): R[] => rows.filter((row) => row.group === 'other');

/** What selects people of this side of a comparison. */
export const side = (whom: Whom, group: 'this' | 'other' = 'this') => (whom.against ? { group } : {});

/** A filter in words: a channel by its name. */
export function filterText(filter: string): string {
  const channel = /^channel = '((?:[^']|'')*)'$/.exec(filter);
  return channel ? (channel[1] as string).replaceAll("''", "'") : filter;
}

/** What is held against, in words. */
export function againstText(whom: Whom): string {
  const against = whom.against ?? '';
  if (against.startsWith('cohort:')) return against.slice(7);
  if (against.startsWith('filter:')) return filterText(against.slice(7));
  return against ? datesText(against) : '';
}

/** What is asked of, in words. */
export function thisText(whom: Whom): string {
  if (whom.cohort) return whom.filter ? `${whom.cohort}, ${filterText(whom.filter)}` : whom.cohort;
  if (whom.against && !whom.against.includes(':') && whom.period) return datesText(whom.period);
  return whom.filter ? filterText(whom.filter) : t('everyone');
}

/** The finding in one paragraph. */
export const told = (answer: Answer, most = 3) => answer.words.slice(0, most).join(' ');
