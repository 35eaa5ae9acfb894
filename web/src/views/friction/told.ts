/** Rows of friction, what they are ranked by, and their months. */
import { type Answer, rows } from '../../api/answer';
import type { Point } from '../../charts/Sparkline';
import { t } from '../../lib/i18n';

export type FrictionRow = {
  bucket?: string;
  state?: string;
  rank: number;
  kind: string;
  at: string;
  stage: string | null;
  owner: string | null;
  instances: number;
  people: number;
  clear: boolean;
  evidence: string;
  /** How many the money is of, and what each of them costs. */
  decided?: number;
  money_each?: number | null;
  money_each_low?: number | null;
  money_each_high?: number | null;
  of_matched: number | null;
  conversion_difference: number | null;
  conversion_difference_low: number | null;
  conversion_difference_high: number | null;
  conversions_lost: number | null;
  conversions_lost_low: number | null;
  conversions_lost_high: number | null;
  score_difference?: number | null;
  score_difference_low?: number | null;
  score_difference_high?: number | null;
  contacts_caused: number | null;
  contacts_caused_low: number | null;
  contacts_caused_high: number | null;
  money_a_year: number | null;
  money_a_year_low: number | null;
  money_a_year_high: number | null;
  longer_than_seconds: number | null;
  of_going_on: number | null;
  of_going_on_low: number | null;
  of_going_on_high: number | null;
  of_going_on_otherwise: number | null;
  of_going_on_otherwise_low: number | null;
  of_going_on_otherwise_high: number | null;
  sentiment?: number | null;
  sentiment_low?: number | null;
  sentiment_high?: number | null;
  theme?: string | null;
  of_instances_with_theme?: number | null;
  of_others_with_theme?: number | null;
  quote?: string | null;
};

export type By = 'money' | 'lost' | 'contacts' | 'score' | 'instances';
export const keyOf = (row: { kind: string; at: string }) => `${row.kind}\n${row.at}`;

/** By what it can be ranked: only by what the answer has. */
export function waysOf(all: FrictionRow[]): [By, string][] {
  const has = (name: keyof FrictionRow) => all.some((row) => row[name] != null);
  const ways: [By, string][] = [];
  if (has('money_a_year')) ways.push(['money', t('Money')]);
  if (has('conversions_lost')) ways.push(['lost', t('Not got there')]);
  if (has('contacts_caused')) ways.push(['contacts', t('Contacts')]);
  if (has('score_difference')) ways.push(['score', t('Score')]);
  ways.push(['instances', t('Journeys')]);
  return ways;
}

export type Measured = { value: number | null; low: number | null; high: number | null };
/** A row's cost by a measure; more is worse. */
export function cost(row: FrictionRow, by: By): Measured {
  const of = (name: 'money_a_year' | 'conversions_lost' | 'contacts_caused') => ({
    value: row[name],
    low: row[`${name}_low`],
    high: row[`${name}_high`],
  });
  if (by === 'money') return of('money_a_year');
  if (by === 'lost') return of('conversions_lost');
  if (by === 'contacts') return of('contacts_caused');
  if (by === 'instances') return { value: row.instances, low: null, high: null };
  const turned = (x: number | null | undefined) => (x == null ? null : -x);
  return {
    value: turned(row.score_difference),
    low: turned(row.score_difference_high),
    high: turned(row.score_difference_low),
  };
}

/** What is told apart from chance first, each part by its cost. */
export function ranked(all: FrictionRow[], by: By): { clear: FrictionRow[]; rest: FrictionRow[] } {
  const sorted = [...all].sort((a, b) => (cost(b, by).value ?? -1e300) - (cost(a, by).value ?? -1e300));
  return { clear: sorted.filter((row) => row.clear), rest: sorted.filter((row) => !row.clear) };
}

export const tells = ({ low, high }: Measured) => low !== null && high !== null && (low > 0 || high < 0);

/** How often each came, bucket by bucket. */
export function months(answer: Answer | undefined): Map<string, Point[]> {
  const found = new Map<string, Point[]>();
  if (!answer) return found;
  const all = rows<FrictionRow>(answer.table);
  const buckets = [...new Map(all.map((row) => [row.bucket ?? '', row.state !== 'whole'])).entries()].sort();
  const keys = new Set(all.map(keyOf));
  for (const key of keys)
    found.set(
      key,
      buckets.map(([bucket, open]) => ({
        bucket,
        open,
        value: all.find((row) => row.bucket === bucket && keyOf(row) === key)?.instances ?? 0,
      })),
    );
  return found;
}
