/** What opens the people behind a number; see `people`. */
import { createContext } from 'react';
import type { Asked } from '../lib/export';

/** A number's question, and what selects its people: `{ step: 2, outcome: 'dropped' }`. */
export type Behind = {
  title: string;
  asked: Asked;
  which: Record<string, unknown>;
  /** What must be known of the list. */
  note?: string;
  /** How the list is sorted: where Back leads, it stands as it was left. */
  sort?: string;
};

export const Opener = createContext<(behind: Behind) => void>(() => {});
