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

/** What is held against, in words. */
export function againstText(whom: Whom): string {
  const against = whom.against ?? '';
  if (against.startsWith('cohort:')) return against.slice(7);
  if (against.startsWith('filter:')) return against.slice(7);
  return against ? datesText(against) : '';
}

/** What is asked of, in words. */
export function thisText(whom: Whom): string {
  if (whom.cohort) return whom.cohort;
  return whom.against && !whom.against.includes(':') && whom.period ? datesText(whom.period) : t('everyone');
}

/** The finding in one paragraph. */
export const told = (answer: Answer, most = 3) => answer.words.slice(0, most).join(' ');
