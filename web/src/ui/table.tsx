/** A table of an answer, as it is: the twin of every picture. */
import { rows, type Table, type Value } from '../api/answer';
import { dec, duration, int, NONE, pct1 } from '../lib/format';
import { t } from '../lib/i18n';

const SHARE = /^(of_|difference$|fitness|mean_confidence)/;

/** A value as its column's name says: `of_…` is a share, `…_seconds` a duration. */
export function written(column: string, value: Value): string {
  if (value === null) return NONE;
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  if (typeof value === 'string') return value;
  if (column.includes('seconds')) return duration(value);
  if (SHARE.test(column) && Math.abs(value) <= 1) return pct1(value);
  return Number.isInteger(value) ? int(value) : Math.abs(value) >= 100 ? int(value) : dec(value);
}

export const titled = (column: string) => column.replaceAll('_', ' ').replace(/ seconds$/, '');

/** What the two sides of a comparison are called; answers write `this` and `other`. */
export type Sides = { this: string; other: string };

/** Columns `x`, `x_low`, `x_high` stand as one: x with its interval. */
function columnsOf(table: Table, only?: string[]) {
  const names = only ?? Object.keys(table);
  return names.filter((name) => only || !(/_(low|high)$/.test(name) && name.replace(/_(low|high)$/, '') in table));
}

export function DataTable({
  table,
  name,
  only,
  most = 200,
  sides,
}: {
  table: Table;
  name: string;
  only?: string[];
  most?: number;
  sides?: Sides | undefined;
}) {
  const all = rows(table);
  const columns = columnsOf(table, only);
  const called = (column: string, value: Value) =>
    sides && column === 'group' && (value === 'this' || value === 'other') ? sides[value] : written(column, value);
  const numeric = (column: string) => table[column]?.some((value) => typeof value === 'number');
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="tablewrap" tabIndex={0} aria-label={name}>
        <table className="table">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" className={numeric(column) ? 'n' : ''}>
                  {titled(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.slice(0, most).map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of an answer have no other key and never move
              <tr key={i}>
                {columns.map((column) => {
                  const low = row[`${column}_low`];
                  const high = row[`${column}_high`];
                  return (
                    <td key={column} className={numeric(column) ? 'n' : ''}>
                      <bdi>{called(column, row[column] ?? null)}</bdi>
                      {low != null && high != null && (
                        <small>
                          {' '}
                          [{written(column, low)}, {written(column, high)}]
                        </small>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {all.length > most && (
        <p className="foot">
          {t('{shown} of {all} rows; the file has all.', { shown: int(most), all: int(all.length) })}
        </p>
      )}
    </>
  );
}
