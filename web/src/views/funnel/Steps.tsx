/** The funnel in numbers: every count opens its people, every share has what it is of and its interval. */
import type { Asked } from '../../lib/export';
import { between, duration, FEW, int, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Num } from '../../ui/people';
import { useBeside } from './Changed';
import type { Found, FunnelRow } from './told';

function Share({
  value,
  low,
  high,
  of,
}: {
  value: number | null;
  low: number | null;
  high: number | null;
  of: number;
}) {
  if (of < FEW || value === null)
    return (
      <>
        – <small>{t('of {n}, too few', { n: int(of) })}</small>
      </>
    );
  return (
    <>
      <b>{pct1(value)}</b>
      <small>
        {' '}
        {low !== null && `[${between(low, high, pct1)}] `}
        {t('of {n}', { n: int(of) })}
      </small>
    </>
  );
}

function Change({ found, row }: { found: Found; row: FunnelRow }) {
  const one = found.differences.find((each) => each.measure === `reached step ${row.step}`);
  if (one?.difference == null) return <>–</>;
  const side = !one.flagged ? 'mid' : one.difference < 0 ? 'bad' : 'good';
  return (
    <span className={`delta ${side}`}>
      <span aria-hidden="true">{one.difference < 0 ? '▼' : '▲'}</span> {points(one.difference)}{' '}
      <small>
        [{between(one.low, one.high, points)}]{!one.flagged && ` ${t('not told from chance')}`}
      </small>
    </span>
  );
}

export function Steps({
  found,
  asked,
  picked,
  onPick,
}: {
  found: Found;
  asked: Asked;
  picked: number;
  onPick: (step: number) => void;
}) {
  const first = found.rows[0];
  const beside = useBeside();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="tablewrap fsteps" tabIndex={0} aria-label={t('Steps in numbers')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('step')}</th>
            <th scope="col" className="n">
              {t('reached')}
            </th>
            <th scope="col" className="n">
              {t('of the first step')}
            </th>
            <th scope="col" className="n">
              {t('of the step before')}
            </th>
            {found.compared && (
              <th scope="col" className="n">
                {t('against {beside}', { beside })}
              </th>
            )}
            <th scope="col" className="n">
              {t('median time from the step before')}
            </th>
            <th scope="col" className="n">
              {t('dropped here')}
            </th>
            <th scope="col" className="n">
              {t('undecided here')}
            </th>
          </tr>
        </thead>
        <tbody>
          {found.rows.map((row, i) => {
            const name = found.steps[i]?.name ?? row.name;
            const before = found.rows[i - 1];
            const which = (outcome: string) => ({ ...found.group, step: row.step, outcome });
            return (
              <tr key={row.step} className={picked === row.step ? 'on' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    className="stepname"
                    aria-pressed={picked === row.step}
                    onClick={() => onPick(row.step)}
                  >
                    <bdi>{name}</bdi>
                  </button>
                </th>
                <td className="n">
                  <Num n={row.reached} title={t('Reached {name}', { name })} asked={asked} which={which('reached')} />
                </td>
                <td className="n">
                  {before ? (
                    <Share
                      value={row.of_entered}
                      low={row.of_entered_low}
                      high={row.of_entered_high}
                      of={first?.mature ?? 0}
                    />
                  ) : (
                    <small>
                      <Num
                        n={row.mature}
                        title={t('Entered, and the window is over')}
                        asked={asked}
                        which={which('mature')}
                      />{' '}
                      {t('whose window is over')}
                    </small>
                  )}
                </td>
                <td className="n">
                  {before && (
                    <Share
                      value={row.of_previous}
                      low={row.of_previous_low}
                      high={row.of_previous_high}
                      of={before.mature}
                    />
                  )}
                </td>
                {found.compared && <td className="n">{before && <Change found={found} row={row} />}</td>}
                <td className="n">
                  {row.median_seconds !== null && (
                    <>
                      {duration(row.median_seconds)}
                      <small>
                        {' '}
                        {t('half within {range}', {
                          range: between(row.quarter_seconds, row.three_quarters_seconds, duration),
                        })}
                      </small>
                    </>
                  )}
                </td>
                <td className="n">
                  {i < found.rows.length - 1 && (
                    <Num
                      n={row.dropped}
                      title={t('Dropped after {name}', { name })}
                      asked={asked}
                      which={which('dropped')}
                    />
                  )}
                </td>
                <td className="n">
                  {i < found.rows.length - 1 && (
                    <Num
                      n={row.undecided}
                      title={t('Undecided after {name}', { name })}
                      asked={asked}
                      which={which('undecided')}
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
