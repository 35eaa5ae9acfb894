/** An answer as the server gives it, and ways to read its tables. */

export type Value = string | number | boolean | null;
export type Table = Record<string, Value[]>;
export type Notice = { code: string; text: string };
export type Answer = {
  question: Record<string, unknown>;
  asked_of: Record<string, unknown>;
  words: string[];
  warnings: Notice[];
  table: Table;
  extras: Record<string, Table>;
  charts: Record<string, unknown>[];
};

/** A row of a table; the view names the columns that it reads. */
export type Row = Record<string, Value>;

export function rows<R = Row>(table: Table | undefined): R[] {
  if (!table) return [];
  const names = Object.keys(table);
  const length = names.length ? table[names[0] as string]!.length : 0;
  return Array.from(
    { length },
    (_, i) => Object.fromEntries(names.map((name) => [name, table[name]![i] ?? null])) as R,
  );
}

export const extra = <R = Row>(answer: Answer | undefined, name: string): R[] => rows<R>(answer?.extras[name]);

/** What went wrong, as the server tells it: what was wrong, what was allowed, the nearest match, where it looked. */
export type Told = {
  error: string;
  message: string;
  allowed?: string[];
  nearest?: string | null;
  looked?: string | null;
};

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly told: Told,
  ) {
    super(told.message);
  }
}
