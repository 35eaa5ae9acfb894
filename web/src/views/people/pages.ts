/** The story of a person as far as it was read: from one end, or from a moment on and then also what was before it. */
import { useEffect, useState } from 'react';
import { get, url } from '../../api/client';
import { type Load, useGet } from '../../lib/asking';
import type { Event, Order, Page } from './model';

const PAGE = 100;

type Read = { pages: Page[]; busy: boolean; problem: Error | null };
export type Further = Read & { more: () => void; next: string | null };
const NOTHING: Read = { pages: [], busy: false, problem: null };

/** Pages that are read one after another when somebody wants them; anew when `first` is. */
function useFurther(first: unknown, path: (last: Page | undefined) => string | null): Further {
  const [read, set] = useState<Read>(NOTHING);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the first page is read anew, the others are too
  useEffect(() => set(NOTHING), [first]);
  const next = path(read.pages.at(-1));
  const more = () => {
    if (!next || read.busy) return;
    set((was) => ({ ...was, busy: true, problem: null }));
    get<Page>(next).then(
      (page) => set((was) => ({ pages: [...was.pages, page], busy: false, problem: null })),
      (problem: Error) => set((was) => ({ ...was, busy: false, problem })),
    );
  };
  return { ...read, more, next };
}

export type Told = {
  first: Load<Page>;
  rows: Event[];
  /** So many of the rows, at the top, are of before the moment. */
  before: number;
  onward: Further;
  earlier: Further;
};

/** Newest first from the end; oldest first from the beginning, or from a moment on. */
export function useStory(handle: string, channel: string, order: Order, at: string): Told {
  const path = (given: { order: Order; before?: string; after?: string }) =>
    url(`/api/people/${encodeURIComponent(handle)}/timeline`, { ...given, most: PAGE, channel });
  const first = useGet<Page>(path(order === 'oldest' && at ? { order, after: at } : { order }));
  const onward = useFurther(first.data, (last) => {
    const from = last ?? first.data;
    if (order === 'newest') return from?.before ? path({ order, before: from.before }) : null;
    return from?.after ? path({ order, after: from.after }) : null;
  });
  const earlier = useFurther(first.data, (last) => {
    const before = last ? last.before : at;
    return before ? path({ order: 'newest', before }) : null;
  });
  const above = earlier.pages.flatMap((page) => page.rows).reverse();
  const below = [...(first.data ? [first.data] : []), ...onward.pages].flatMap((page) => page.rows);
  return { first, rows: [...above, ...below], before: above.length, onward, earlier };
}
