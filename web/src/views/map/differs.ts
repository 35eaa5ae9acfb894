/** Where two groups, or two spans of dates, go on from a touchpoint more or less often; read from the answer. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import { shareOf } from '../../charts/journey/model';
import { FEW } from '../../lib/format';
import { type DifferenceRow, GO_ON } from '../overview/finding';

export type Differs = {
  touchpoint: string;
  rate: number | null;
  other: number | null;
  difference: number;
  low: number;
  high: number;
  /** It stands out from chance, for so many touchpoints as are looked at. */
  flagged: boolean;
};

/** The touchpoints with enough of both, the largest difference first. */
export function differsOf(answer: Answer): Differs[] {
  const all = rows<Row>(answer.table);
  const share = (group: string, touchpoint: string) =>
    shareOf(all.find((row) => row.group === group && row.touchpoint === touchpoint));
  const found = extra<DifferenceRow>(answer, 'differences').flatMap((row): Differs[] => {
    if (!row.measure.startsWith(GO_ON) || row.difference === null || row.low === null || row.high === null) return [];
    const touchpoint = row.measure.slice(GO_ON.length);
    const [one, two] = [share('this', touchpoint), share('other', touchpoint)];
    if (one.n < FEW || two.n < FEW) return [];
    const { difference, low, high, flagged } = row;
    return [{ touchpoint, rate: one.rate, other: two.rate, difference, low, high, flagged }];
  });
  return found.sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
}

/** What differs most beyond chance, and what differs more still, its interval without zero, that many looks may explain. */
export function mostOf(all: Differs[]): { most: Differs | undefined; left: Differs | undefined } {
  const most = all.find((one) => one.flagged);
  const apart = all.find((one) => one.low > 0 || one.high < 0);
  return { most, left: apart === most ? undefined : apart };
}
