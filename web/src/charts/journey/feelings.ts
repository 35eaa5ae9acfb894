/** How it feels at each touchpoint of a map, and what is said there; read from the answer to `journey_map`. */
import { type Answer, extra, type Row } from '../../api/answer';

export type Feeling = {
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
  differs: string | null;
};

export type Quote = { text: string; side: string; score: number | null; n: number };
/** What of a touchpoint the feelings of its stage are made of. */
type Felt = { feeling: Feeling; quote: string | null; quotes: Quote[] };

/** What is drawn as feeling: the sentiment or effort of words, −5 to 5, or a score on its scale. */
export type Kind = string;

const LIMITS: Record<string, [number, number]> = { nps: [-100, 100], sentiment: [-5, 5], effort: [-5, 5] };
export const number = (x: unknown): number | null => (typeof x === 'number' ? x : null);

/** The scales that answers were given on, as the map says. */
export const scalesOf = (answer: Answer) => [...new Set(extra<Row>(answer, 'scores').map((row) => String(row.scale)))];
export const hasWords = (answer: Answer, kind: 'sentiment' | 'effort') =>
  extra<Row>(answer, 'feelings').some((row) => row[kind] != null);

/** By group and touchpoint, how it feels there. */
export function feelingsOf(answer: Answer, kind: Kind): Map<string, Feeling> {
  const found = new Map<string, Feeling>();
  const words = kind === 'sentiment' || kind === 'effort';
  for (const row of extra<Row>(answer, words ? 'feelings' : 'scores')) {
    if (!words && row.scale !== kind) continue;
    const key = `${row.group ?? 'this'}\n${row.touchpoint}`;
    // what was said about the touchpoint itself goes before what those said who came by it
    const about = !words && Number(row.answers_about ?? 0) > 0;
    const value = words ? kind : about ? 'about' : 'passed';
    const n = words ? row[`instances_with_${kind}`] : row[about ? 'answers_about' : 'answers_passed'];
    found.set(key, {
      value: number(row[value]),
      low: number(row[`${value}_low`]),
      high: number(row[`${value}_high`]),
      n: Number(n ?? 0),
      differs: (row.feeling as string | null) ?? null,
    });
  }
  return found;
}

export const NOTHING: Feeling = { value: null, low: null, high: null, n: 0, differs: null };

export function quotesOf(answer: Answer): Map<string, Quote[]> {
  const found = new Map<string, Quote[]>();
  for (const row of extra<Row>(answer, 'quotes')) {
    if ((row.group ?? 'this') !== 'this' || typeof row.quote !== 'string') continue;
    const key = String(row.touchpoint);
    found.set(key, [
      ...(found.get(key) ?? []),
      { text: row.quote, side: String(row.side), score: number(row.score), n: Number(row.instances ?? 0) },
    ]);
  }
  return found;
}

/** Scales without fixed ends are drawn from their lowest to their highest value. */
function spread(touchpoints: Felt[]): [number, number] {
  const all = touchpoints.flatMap((one) =>
    one.feeling.value === null ? [] : [one.feeling.low ?? one.feeling.value, one.feeling.high ?? one.feeling.value],
  );
  if (!all.length) return [0, 1];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low === high ? [low - 1, high + 1] : [low, high];
}

/** As much of the scale as the values need, its middle in the middle. */
export function axisOf(touchpoints: Felt[], [low, high]: [number, number]): [number, number] {
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  const far = touchpoints.flatMap(({ feeling }) =>
    [feeling.value, feeling.low, feeling.high].map((x) => (x === null ? 0 : Math.abs(x - middle))),
  );
  const unit = half / 10;
  const reach = Math.min(half, Math.max(2 * unit, Math.ceil((1.1 * Math.max(0, ...far)) / unit) * unit));
  return [middle - reach, middle + reach];
}

/** Quotes of a stage: of the touchpoint that feels worst first, each once. */
export function stageQuotes(mine: Felt[]): Quote[] {
  const found = new Map<string, Quote>();
  for (const one of [...mine].sort((a, b) => (a.feeling.value ?? 99) - (b.feeling.value ?? 99))) {
    if (one.feeling.differs === 'low' && one.quote)
      found.set(one.quote, { text: one.quote, side: 'low', score: null, n: 0 });
    for (const quote of one.quotes) if (!found.has(quote.text)) found.set(quote.text, quote);
  }
  return [...found.values()].sort((a, b) => Number(a.side !== 'low') - Number(b.side !== 'low'));
}

/** Lowest and highest of a scale. */
export const limitsOf = (kind: Kind, touchpoints: Felt[]) => LIMITS[kind] ?? spread(touchpoints);
