/** Sources in an order, their sums, and how each is called. */
import type { SourceShape } from '../../api/schema';

export const ORDERS = ['name', 'late', 'large'] as const;
export type Order = (typeof ORDERS)[number];

export const called = (one: { source: string; instance: string }) =>
  one.instance === 'main' ? one.source : `${one.source} (${one.instance})`;

export function ordered(sources: SourceShape[], order: Order): SourceShape[] {
  const by: Record<Order, (a: SourceShape, b: SourceShape) => number> = {
    name: () => 0,
    late: (a, b) => (a.last_event ?? '').localeCompare(b.last_event ?? ''),
    large: (a, b) => b.events - a.events,
  };
  return [...sources].sort(by[order]);
}

export function totals(sources: SourceShape[]) {
  const sum = (of: (one: SourceShape) => number) => sources.reduce((a, one) => a + of(one), 0);
  return {
    received: sum((one) => one.received),
    stored: sum((one) => one.stored),
    duplicate: sum((one) => one.duplicate),
    quarantined: sum((one) => one.quarantined),
    snapshots: sum((one) => one.snapshots),
  };
}

/** What the days look like, in words: the middle, and how many were silent. */
export function daysOf(days: number[]): { median: number; most: number; silent: number } {
  const sorted = [...days].sort((a, b) => a - b);
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    most: sorted.at(-1) ?? 0,
    silent: days.filter((n) => n === 0).length,
  };
}
