/** Movements of recurring revenue: what they are called, how they are asked, and how the rows read. */
import { useMemo } from 'react';
import { type Answer, rows } from '../../api/answer';
import type { Piece } from '../../charts/plain/Stacks';
import { t } from '../../lib/i18n';
import { useChoice } from '../../ui/choose';
import { asEvent } from '../events';
import { mine } from '../groups';
import { useKnown } from '../maps';

export type Move = 'new' | 'reactivation' | 'expansion' | 'contraction' | 'churn';
export const MOVES: readonly Move[] = ['new', 'reactivation', 'expansion', 'contraction', 'churn'];
export const GAINS: readonly Move[] = ['new', 'reactivation', 'expansion'];

export type Bucket = {
  bucket: string;
  over: boolean;
  customers_start: number;
  customers_end: number;
  mrr_start: number;
  mrr_end: number;
} & Record<string, number | string | boolean | null>;

export const buckets = (answer: Answer): Bucket[] => {
  const all = mine(rows<Bucket>(answer.table));
  const first = all.findIndex(alive);
  return first < 0 ? [] : all.slice(first);
};
const alive = (row: Bucket) =>
  row.customers_start > 0 || row.customers_end > 0 || MOVES.some((move) => Number(row[`customers_${move}`]) > 0);

export const moveText = (move: Move): string =>
  ({
    new: t('new'),
    reactivation: t('came back'),
    expansion: t('pay more'),
    contraction: t('pay less'),
    churn: t('left'),
  })[move];

export const pieces = (): (Piece & { key: Move })[] => [
  { key: 'new', label: moveText('new'), tone: 'c1' },
  { key: 'reactivation', label: moveText('reactivation'), tone: 'c2' },
  { key: 'expansion', label: moveText('expansion'), tone: 'c3' },
  { key: 'contraction', label: moveText('contraction'), tone: 'down2' },
  { key: 'churn', label: moveText('churn'), tone: 'down' },
];

export type Asking = ReturnType<typeof useAsking>;

export function useAsking() {
  const { names } = useKnown();
  const [starts, putStarts] = useChoice<string>('starts', '');
  const [changes, putChanges] = useChoice<string>('changes', '');
  const [ends, putEnds] = useChoice<string>('ends', '');
  const [amount, putAmount] = useChoice<string>('amount', '');
  const [key, putKey] = useChoice<string>('key', '');
  const [kind, putKind] = useChoice<string>('kind', '');
  const [every, putEvery] = useChoice<string>('every', 'month');
  const [unit, putUnit] = useChoice<string>('in', 'money');
  const fields = useMemo(
    () => ({
      ...(starts ? { starts: asEvent(starts, names) } : {}),
      // where the begin is one's own event, changes and ends as of a billing source would only mislead
      ...(changes ? { changes: asEvent(changes, names) } : starts ? { changes: null } : {}),
      ...(ends ? { ends: asEvent(ends, names) } : {}),
      ...(amount ? { amount: amount === 'none' ? null : amount } : {}),
      ...(key ? { key } : {}),
      ...(kind ? { kind } : {}),
      every,
    }),
    [starts, changes, ends, amount, key, kind, every, names],
  );
  const put = {
    starts: putStarts,
    changes: putChanges,
    ends: putEnds,
    amount: putAmount,
    key: putKey,
    kind: putKind,
    every: putEvery,
    unit: putUnit,
  };
  return {
    starts,
    changes,
    ends,
    amount,
    key,
    kind,
    every,
    unit,
    money: unit !== 'customers' && amount !== 'none',
    fields,
    put,
  };
}
