/** Heads of columns that sort a list: once the way it is mostly wanted, then the other way, then as it was answered. */
import type { ReactNode } from 'react';
import { t } from '../lib/i18n';

/** By which column: `cost`, `-cost` from the largest down, nothing as it was answered. The server reads the same. */
export type Sort = string;

/** The column alone, whichever way. */
export const columnOf = (sort: Sort) => sort.replace(/^-/, '');

/** What a click on a column makes of it; numbers and moments are mostly wanted from the largest down. */
export function turned(sort: Sort, column: string, down: boolean): Sort {
  const [first, second] = down ? [`-${column}`, column] : [column, `-${column}`];
  return sort === first ? second : sort === second ? '' : first;
}

type Given = {
  column: string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  /** Whether the first click is from the largest down. */
  down?: boolean;
  className?: string;
  children: ReactNode;
};

export function SortHead({ column, sort, onSort, down = true, className, children }: Given) {
  const on = sort === column ? 'ascending' : sort === `-${column}` ? 'descending' : undefined;
  return (
    <th scope="col" className={className} aria-sort={on}>
      <button type="button" className="sorter" onClick={() => onSort(turned(sort, column, down))}>
        {children}
        <span aria-hidden="true">{on === 'ascending' ? '▲' : on === 'descending' ? '▼' : '↕'}</span>
      </button>
    </th>
  );
}

/** What is sorted, in words: never a page of it alone. */
export const sortedSay = (sort: Sort, column: string) =>
  sort.startsWith('-')
    ? t('The whole list is sorted by “{column}”, descending; what is missing comes last.', { column })
    : t('The whole list is sorted by “{column}”, ascending; what is missing comes last.', { column });
