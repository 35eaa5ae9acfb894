/** Searching definitions: every word that is typed must stand somewhere in one. */
import type { DefinitionsShape, MetricDefinition } from '../../api/schema';

const fits = (text: string, words: string[]) => words.every((word) => text.includes(word));

export function chosen(told: DefinitionsShape, search: string) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const keep = <T>(all: T[]): T[] =>
    words.length ? all.filter((one) => fits(JSON.stringify(one).toLowerCase(), words)) : all;
  return {
    metrics: keep(told.metrics),
    outcomes: keep(told.outcomes),
    maps: keep(told.maps),
    words: keep(told.words),
  };
}

/** Metrics by what they serve, in the order in which they came. */
export function grouped(metrics: MetricDefinition[]): [string, MetricDefinition[]][] {
  const found = new Map<string, MetricDefinition[]>();
  for (const one of metrics) found.set(one.group, [...(found.get(one.group) ?? []), one]);
  return [...found];
}

export const placeOf = (one: { file: string | null; line: number | null }) =>
  one.file ? (one.line ? `${one.file}:${one.line}` : one.file) : null;

/** A field as it stands in a file. */
export const fieldText = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.map(fieldText).join(', ') : JSON.stringify(value);
