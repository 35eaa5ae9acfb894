/** Where people drop, touchpoint by touchpoint, and what becomes of those who help themselves. */
import { type Answer, extra } from '../../api/answer';
import type { Asked } from '../../lib/export';
import { between, FEW, int, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Figure } from '../../ui/figure';
import { Num } from '../../ui/people';

type DropRow = {
  touchpoint: string;
  came: number;
  dropped: number;
  of_dropping: number | null;
  of_dropping_low: number | null;
  of_dropping_high: number | null;
  came_otherwise: number;
  of_dropping_otherwise: number | null;
  difference: number | null;
  difference_low: number | null;
  difference_high: number | null;
};

function Rate({ value, low, high, of }: { value: number | null; low: number | null; high: number | null; of: number }) {
  if (of < FEW || value === null) return <small>{t('of {n}, too few', { n: int(of) })}</small>;
  return (
    <>
      {pct1(value)}{' '}
      <small>
        [{between(low, high, pct1)}] {t('of {n}', { n: int(of) })}
      </small>
    </>
  );
}

export function DropOff({ answer, asked }: { answer: Answer; asked: Asked }) {
  const all = extra<DropRow>(answer, 'drop_off').filter((row) => row.came > 0);
  if (!all.length) return null;
  const beside = all.some((row) => row.came_otherwise > 0);
  return (
    <section className="panel">
      <Figure
        title={t('Where they drop')}
        hint={t('of those who are decided')}
        source={{ answer, asked, table: 'drop_off' }}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <section className="tablewrap" tabIndex={0} aria-label={t('Where they drop')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('touchpoint')}</th>
                <th scope="col" className="n">
                  {t('dropped here')}
                </th>
                <th scope="col" className="n">
                  {t('of those who came')}
                </th>
                {beside && (
                  <th scope="col" className="n">
                    {t('against other times')}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {all.map((row) => (
                <tr key={row.touchpoint}>
                  <th scope="row">
                    <bdi>{row.touchpoint}</bdi>
                  </th>
                  <td className="n">
                    {row.dropped > 0 ? (
                      <Num
                        n={row.dropped}
                        title={t('Dropped at {name}', { name: row.touchpoint })}
                        asked={asked}
                        which={{ kind: 'drop-off', at: row.touchpoint, decided: true }}
                      />
                    ) : (
                      int(0)
                    )}
                  </td>
                  <td className="n">
                    <Rate value={row.of_dropping} low={row.of_dropping_low} high={row.of_dropping_high} of={row.came} />
                  </td>
                  {beside && (
                    <td className="n">
                      {row.difference === null || row.came < FEW || row.came_otherwise < FEW ? (
                        '–'
                      ) : (
                        <>
                          {points(row.difference)}{' '}
                          <small>[{between(row.difference_low, row.difference_high, points)}]</small>
                        </>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Figure>
    </section>
  );
}

type ServiceRow = {
  touchpoint: string;
  days: number;
  instances: number;
  resolved: number;
  contained_only: number;
  leaked: number;
  undecided: number;
  of_resolved: number | null;
  of_resolved_low: number | null;
  of_resolved_high: number | null;
  leaks_to: string | null;
};

export function SelfService({ answer, asked }: { answer: Answer; asked: Asked }) {
  const all = extra<ServiceRow>(answer, 'self_service');
  if (!all.length) return null;
  return (
    <section className="panel">
      <Figure
        title={t('What becomes of those who help themselves')}
        hint={t('no contact is not yet a solution')}
        source={{ answer, asked, table: 'self_service' }}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <section className="tablewrap" tabIndex={0} aria-label={t('What becomes of those who help themselves')}>
          <table className="table">
            <thead>
              <tr>
                {[
                  t('touchpoint'),
                  t('within'),
                  t('solved, no human'),
                  t('share solved'),
                  t('no human, not solved'),
                  t('to a human'),
                  t('mostly to'),
                  t('undecided'),
                ].map((head, i) => (
                  <th key={head} scope="col" className={i === 0 || i === 6 ? '' : 'n'}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {all.map((row) => (
                <tr key={`${row.touchpoint} ${row.days}`}>
                  <th scope="row">
                    <bdi>{row.touchpoint}</bdi>
                  </th>
                  <td className="n">{t('{n} days', { n: row.days })}</td>
                  <td className="n">{int(row.resolved)}</td>
                  <td className="n">
                    <Rate
                      value={row.of_resolved}
                      low={row.of_resolved_low}
                      high={row.of_resolved_high}
                      of={row.instances - row.undecided}
                    />
                  </td>
                  <td className="n">{int(row.contained_only)}</td>
                  <td className="n">{int(row.leaked)}</td>
                  <td>
                    <bdi>{row.leaks_to ?? '–'}</bdi>
                  </td>
                  <td className="n">{int(row.undecided)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Figure>
    </section>
  );
}
