/** How the answer to `voice` is read: themes of a place, how each changed, where each is told. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import { mine, theirs } from '../groups';

export type Theme = Row & {
  stage: string | null;
  touchpoint: string;
  theme: string;
  people: number;
  of_people_there: number | null;
  of_people_there_low: number | null;
  of_people_there_high: number | null;
  remarks: number;
  sentiment: number | null;
  sentiment_low: number | null;
  sentiment_high: number | null;
  people_with_sentiment: number | null;
  effort: number | null;
  score: number | null;
  score_low: number | null;
  score_high: number | null;
  people_with_score: number | null;
  change: number | null;
  change_low: number | null;
  change_high: number | null;
  q_value: number | null;
  new: boolean | null;
  quote: string | null;
};
export type Said = Row & {
  touchpoint: string;
  theme: string | null;
  quote: string;
  language: string | null;
  times: number;
  stands_for: number;
  sentiment: number | null;
  score: number | null;
};
export type Place = Row & { touchpoint: string; stage: string | null; people: number; remarks: number };

export const ALL = 'all';
export const NOWHERE = '(none)';
/** A false-discovery rate below which a change is told from chance. */
export const SURE = 0.05;

export const themesOf = (answer: Answer, place: string): Theme[] =>
  mine(rows<Theme>(answer.table)).filter((row) => row.touchpoint === place);

export const placesOf = (answer: Answer): Place[] =>
  mine(extra<Place>(answer, 'places')).filter((row) => row.remarks > 0);

export const quotesOf = (answer: Answer, place: string, theme: string | null): Said[] =>
  mine(extra<Said>(answer, 'quotes')).filter(
    (row) => row.touchpoint === place && (theme === null || row.theme === theme),
  );

/** How many people spoke at a place at all: what the share of a theme is of. */
export function spokeThere(themes: Theme[]): number | null {
  const largest = themes.find((row) => row.of_people_there);
  return largest ? Math.round(largest.people / (largest.of_people_there as number)) : null;
}

export type Change = { by: number; low: number | null; high: number | null; sure: boolean };

/** How much more, or less, a theme is told: than by those who are held against, else than before. */
export function changeOf(answer: Answer, row: Theme): Change | null {
  const differences = extra(answer, 'differences');
  if (differences.length) {
    if (row.touchpoint !== ALL) return beside(answer, row);
    const found = differences.find((one) => one.group === 'this' && one.measure === `speak of ${row.theme}`);
    if (typeof found?.difference !== 'number') return null;
    return {
      by: found.difference,
      low: (found.low as number | null) ?? null,
      high: (found.high as number | null) ?? null,
      sure: found.flagged === true,
    };
  }
  if (row.change == null) return null;
  return { by: row.change, low: row.change_low, high: row.change_high, sure: (row.q_value ?? 1) < SURE };
}

/** At one touchpoint both shares stand side by side; they are not tested there. */
function beside(answer: Answer, row: Theme): Change | null {
  const other = theirs(rows<Theme>(answer.table)).find(
    (one) => one.touchpoint === row.touchpoint && one.theme === row.theme,
  );
  if (other?.of_people_there == null || row.of_people_there == null) return null;
  return { by: row.of_people_there - other.of_people_there, low: null, high: null, sure: false };
}

export type Order = 'size' | 'mood' | 'change';

export function ordered(answer: Answer, themes: Theme[], by: Order): Theme[] {
  if (by === 'mood') return [...themes].sort((a, b) => (a.sentiment ?? 9) - (b.sentiment ?? 9));
  if (by === 'change') {
    const size = (row: Theme) => Math.abs(changeOf(answer, row)?.by ?? -1);
    return [...themes].sort((a, b) => size(b) - size(a));
  }
  return [...themes].sort((a, b) => b.people - a.people);
}
