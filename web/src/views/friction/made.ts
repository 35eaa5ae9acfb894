/** How the money a year of a hot spot is put together, from what the answer says: its terms, and their factors. */
import { type Answer, extra } from '../../api/answer';
import { between, dec, int, money } from '../../lib/format';
import { t } from '../../lib/i18n';
import { type MapStep, type Outline, stepsOf } from '../maps';
import type { FrictionRow } from './told';

/** What all rows of an answer share. */
export type Reckoning = {
  days: number;
  /** So many times what was looked at goes into a year. */
  times: number;
  /** What the map says that a conversion is worth. */
  value: number | null;
  costs: boolean;
  earns: boolean;
};

export function reckoningOf(answer: Answer): Reckoning | null {
  const [year] = extra<{ days: number; times_a_year: number | null }>(answer, 'year');
  const map = answer.question.map as (Outline & { value?: number | null }) | string | undefined;
  if (!year?.times_a_year || typeof map !== 'object' || map === null) return null;
  const steps = stepsOf(map);
  const has = (name: keyof MapStep) => steps.some((step) => step[name] != null);
  const value = map.value ?? null;
  return {
    days: year.days,
    times: year.times_a_year,
    value,
    costs: has('cost'),
    earns: value === null && has('revenue'),
  };
}

/** What one journey with it is held to cost. */
function each(row: FrictionRow, { value, costs, earns }: Reckoning, write: (x: number) => string): string {
  const lost = (row.conversions_lost ?? 0) / (row.decided as number);
  const rest = (row.money_each as number) - lost * (value ?? 0);
  if (value !== null)
    return costs
      ? t('Each: {lost} conversions lost × {value} = {first}, and {rest} of further costs.', {
          lost: dec(lost),
          value: write(value),
          first: write(lost * value),
          rest: write(rest),
        })
      : t('Each: {lost} conversions lost × {value}.', { lost: dec(lost), value: write(value) });
  if (costs && earns) return t('Each: what it costs more, and brings in less, than the like of it.');
  return costs
    ? t('Each: what it costs more than the like of it.')
    : t('Each: what it brings in less than the like of it.');
}

/** The terms in sentences; nothing where the answer does not have them. */
export function madeOf(row: FrictionRow, reckoning: Reckoning | null, currency: string): string[] {
  const { decided, money_each, money_a_year } = row;
  if (!reckoning || !decided || money_each == null || money_a_year === null) return [];
  const write = (x: number | null | undefined) => money(x, currency);
  const slots = {
    money: write(money_a_year),
    n: int(decided),
    each: write(money_each),
    interval: between(row.money_each_low, row.money_each_high, write),
    times: reckoning.times.toFixed(2),
    days: int(reckoning.days),
    sum: write(decided * money_each),
  };
  const terms =
    row.kind === 'drop-off'
      ? t(
          '{money} a year = {n} journeys that came so far × {each} each [{interval}] = {sum} in {days} days, × {times} for a year.',
          slots,
        )
      : t(
          '{money} a year = {n} journeys whose time is over × {each} each [{interval}] = {sum} in {days} days, × {times} for a year.',
          slots,
        );
  const what =
    row.kind === 'drop-off'
      ? t('Each: what more leave than at other times, × what those who go on are worth.')
      : each(row, reckoning, (x) => write(x));
  return [terms, what];
}
