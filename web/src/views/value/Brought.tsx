/** What customers have brought in by age: the curve, and cohort by cohort with what is still to come. */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { type Line, Lines } from '../../charts/plain/Lines';
import { between, FEW, int, money, pct1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import type { Whom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Num, usePeople } from '../../ui/people';
import { bucketText } from '../cohorts/buckets';
import { mine } from '../groups';
import type { AgeRow, Asking, Customers } from './lifetime';
import { brief } from './money';

export type Asked = { question: string; fields: Record<string, unknown>; whom: Whom };
type Given = { answer: Answer; asked: Asked; asking: Asking };

export const customers = (answer: Answer): Customers[] => mine(rows<Customers>(answer.table));
export const everyone = (answer: Answer): Customers | undefined =>
  customers(answer).find((row) => row.cohort === 'all');
const num = (row: Customers, column: string) => row[column] as number | null;
export const cohortText = (cohort: string) => (cohort === 'all' ? t('all') : bucketText(cohort));

export function useCash() {
  const { workspace } = useSession();
  return (x: number | null | undefined) => money(x, workspace.currency);
}

/** The whole in a few numbers. */
export function Facts({ answer, asked, asking }: Given) {
  const cash = useCash();
  const all = everyone(answer);
  if (!all) return null;
  const fact = (name: string, low: string, high: string) =>
    num(all, name) === null ? null : between(num(all, low), num(all, high), cash);
  return (
    <ul className="figs">
      <li>
        <span>{t('customers')}</span>
        <b>
          <Num n={all.people} title={t('customers')} asked={asked} which={{ cohort: 'all' }} />
        </b>
        <small>
          <Num n={all.repeaters} title={t('bought again')} asked={asked} which={{ cohort: 'all', bought: 'again' }} />{' '}
          {all.people < FEW
            ? t('bought on a second day')
            : t('bought on a second day, {share}', { share: pct1(all.repeaters / all.people) })}
        </small>
      </li>
      <li>
        <span>{t('brought in so far, each')}</span>
        <b>{all.people < FEW ? '–' : cash(all.so_far)}</b>
        <small>{all.people < FEW ? t('too few for a mean') : fact('so_far', 'so_far_low', 'so_far_high')}</small>
      </li>
      <li>
        <span>{t('to come within {ahead}, each', { ahead: asking.ahead })}</span>
        <b>{cash(all.to_come)}</b>
        <small>
          {all.to_come === null ? t('no forecast: see below') : fact('to_come', 'to_come_low', 'to_come_high')}
        </small>
      </li>
      <li>
        <span>{t('lifetime, each')}</span>
        <b>{cash(all.lifetime)}</b>
        <small>
          {all.lifetime === null ? t('so far and to come') : fact('lifetime', 'lifetime_low', 'lifetime_high')}
        </small>
      </li>
      <li>
        <span>{t('brought in, together')}</span>
        <b>{cash(all.brought_in)}</b>
        <small>{t('of all their purchases until now')}</small>
      </li>
    </ul>
  );
}

export function ByAge({ answer, asked, asking }: Given) {
  const { workspace } = useSession();
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const { days, many } = asking;
  const ages = useMemo(() => {
    const known = mine(extra<AgeRow>(answer, 'curve')).filter((row) => row.people > 0 && row.brought_in !== null);
    const last = Math.max(days, ...known.map((row) => row.age_days));
    return Array.from({ length: many + 1 }, (_, i) => i * days).filter((age) => age <= last + days);
  }, [answer, days, many]);
  const lines: Line[] = useMemo(() => {
    const by = new Map<string, Map<number, AgeRow>>();
    for (const row of mine(extra<AgeRow>(answer, 'curve'))) {
      const line = by.get(row.cohort) ?? new Map<number, AgeRow>();
      line.set(row.age_days, row);
      by.set(row.cohort, line);
    }
    const found: Line[] = [...by].map(([cohort, line]) => ({
      key: cohort,
      label: cohort === 'all' ? t('all customers') : cohortText(cohort),
      tone: cohort === 'all' ? 'main' : 'faint',
      points: ages.map((age) => {
        const row = line.get(age);
        const enough = row && row.people >= FEW;
        return { y: enough ? row.brought_in : null, low: row?.brought_in_low, high: row?.brought_in_high };
      }),
    }));
    return found.sort((a, b) => Number(a.tone === 'main') - Number(b.tone === 'main'));
  }, [answer, ages]);
  const labels = useMemo(() => ages.map(String), [ages]);
  const few = !lines.some((line) => line.points.some((point) => point.y !== null));
  return (
    <Figure
      title={t('Brought in by age, a customer')}
      hint={t('thick: all who are old enough, with the 95% interval; thin: cohorts')}
      source={{ answer, asked, table: 'curve' }}
    >
      {few && <p className="dim">{t('Fewer than {n} customers: too few for a mean.', { n: FEW })}</p>}
      <div ref={ref}>
        {width > 0 && !few && (
          <Lines
            lines={lines}
            labels={labels}
            width={width}
            height={230}
            write={(y) => brief(y, workspace.currency)}
            zero
            axis={t('days since the first purchase')}
            name={answer.words.join(' ')}
            unfinished={t('not all are so old')}
            onPick={() => open({ title: t('customers'), asked, which: { cohort: 'all' } })}
          />
        )}
      </div>
    </Figure>
  );
}

const TOLD = [0, 2, 5, 11];

export function Cohorts({ answer, asked, asking }: Given) {
  const cash = useCash();
  const all = customers(answer);
  const { days, many, contract } = asking;
  const ages = TOLD.filter((i) => i < many).map((i) => days * (i + 1));
  const forecast = all.some((row) => row.to_come !== null);
  const most = Math.max(1e-9, ...all.map((row) => row.so_far ?? 0));
  const cell = (row: Customers, name: string) => {
    const value = num(row, name);
    if (row.people < FEW && value !== null) {
      return (
        <td key={name} className="n dim">
          {t('too few')}
        </td>
      );
    }
    return (
      <td key={name} className="n">
        {cash(value)}
        <small>{value === null ? '' : between(num(row, `${name}_low`), num(row, `${name}_high`), cash)}</small>
      </td>
    );
  };
  const people = (row: Customers, n: number, text: string, more: Record<string, string>) =>
    n === 0 ? (
      <span className="dim">0</span>
    ) : (
      <Num n={n} title={`${cohortText(row.cohort)}: ${text}`} asked={asked} which={{ cohort: row.cohort, ...more }} />
    );
  return (
    <Figure
      title={t('Cohort by cohort')}
      hint={t('by the {every} of the first purchase; money a customer, with its 95% interval', {
        every: t(asking.every),
      })}
      source={{ answer, asked }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="tablewrap" tabIndex={0} aria-label={t('Cohort by cohort')}>
        <table className="table credit">
          <thead>
            <tr>
              <th scope="col">{t('first purchase')}</th>
              <th scope="col" className="n">
                {t('customers')}
              </th>
              <th scope="col" className="n">
                {t('bought again')}
              </th>
              {contract && (
                <th scope="col" className="n">
                  {t('contract runs')}
                </th>
              )}
              {ages.map((age) => (
                <th key={age} scope="col" className="n">
                  {t('by {n} days', { n: age })}
                </th>
              ))}
              <th scope="col" className="n">
                {t('so far')}
              </th>
              {forecast && (
                <>
                  <th scope="col" className="n">
                    {t('to come')}
                  </th>
                  <th scope="col" className="n">
                    {t('lifetime')}
                  </th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {all.map((row) => (
              <tr key={row.cohort} className={row.cohort === 'all' ? 'whole' : ''}>
                <th scope="row">{cohortText(row.cohort)}</th>
                <td className="n">{people(row, row.people, t('customers'), {})}</td>
                <td className="n">
                  {people(row, row.repeaters, t('bought again'), { bought: 'again' })}
                  <small>{row.people >= FEW ? pct1(row.repeaters / row.people) : ''}</small>
                </td>
                {contract && (
                  <td className="n">{people(row, num(row, 'active') ?? 0, t('contract runs'), { state: 'active' })}</td>
                )}
                {ages.map((age) => cell(row, `by_${age}_days`))}
                <td
                  className="n fill"
                  style={
                    {
                      '--p': `${row.people < FEW ? 0 : Math.round((100 * (row.so_far ?? 0)) / most)}%`,
                    } as React.CSSProperties
                  }
                >
                  {row.people < FEW ? t('too few') : cash(row.so_far)}
                  <small>
                    {row.people < FEW
                      ? t('{money} together', { money: cash(row.brought_in) })
                      : between(row.so_far_low, row.so_far_high, cash)}
                  </small>
                </td>
                {forecast && (
                  <>
                    {cell(row, 'to_come')}
                    {cell(row, 'lifetime')}
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="foot">
        {t('{none}: not the whole cohort is that old. The line for all is over the customers who are.', { none: '–' })}{' '}
        {int(all.find((row) => row.cohort === 'all')?.people)} {t('customers in all.')}
      </p>
    </Figure>
  );
}
