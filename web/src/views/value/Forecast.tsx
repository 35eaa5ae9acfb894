/** What is to come, how far the model was off in the time held out, and why there is no forecast where there is none. */
import { useMemo } from 'react';
import { type Answer, extra } from '../../api/answer';
import { type Stack, Stacks } from '../../charts/plain/Stacks';
import { int, money, pct1, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Figure } from '../../ui/figure';
import { usePeople } from '../../ui/people';
import { DataTable } from '../../ui/table';
import { mine } from '../groups';
import { type Asked, everyone } from './Brought';

type Alive = { alive: string; people: number; of_people: number | null; value_to_come: number | null } & Record<
  string,
  never
>;
type Held = {
  repeats: string;
  people: number;
  expected: number | null;
  actual: number | null;
  of_actual_off: number | null;
  expected_value: number | null;
  actual_value: number | null;
  of_actual_value_off: number | null;
} & Record<string, never>;

/** How far what was expected was from what came. */
const off = (share: number | null) =>
  share === null
    ? ''
    : share >= 0
      ? t('{share} more expected', { share: pct1(share) })
      : t('{share} fewer expected', { share: pct1(-share) });

/** Notices that say why nothing is forecast, or how far to trust it. */
const ABOUT = /few_buyers|refus|forecast|holdout|correlat|model|no_|off|likelihood|mean|unstable/;

export function Forecast({ answer, asked }: { answer: Answer; asked: Asked }) {
  const { workspace } = useSession();
  const cash = (x: number | null) => money(x, workspace.currency);
  const all = everyone(answer);
  const told = all?.to_come != null || all?.purchases_to_come != null;
  const held = mine(extra<Held>(answer, 'holdout'));
  const why = answer.warnings.filter((note) => ABOUT.test(note.code));
  const contracts = answer.extras.contracts;
  const model = answer.extras.model;
  return (
    <Figure
      title={t('What is still to come')}
      hint={t('an estimate, held against time that it was not shown')}
      source={{ answer, asked }}
    >
      {told ? (
        <p className="saysmall">{answer.words.slice(2).join(' ')}</p>
      ) : (
        <p className="saysmall">
          <b>{t('Nothing is forecast.')}</b>{' '}
          {why.length ? why.map((note) => note.text).join(' ') : answer.words.slice(2).join(' ')}
        </p>
      )}
      {held.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section className="tablewrap" tabIndex={0} aria-label={t('Expected and what came, in the time held out')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('had bought again')}</th>
                <th scope="col" className="n">
                  {t('customers')}
                </th>
                <th scope="col" className="n">
                  {t('purchases expected')}
                </th>
                <th scope="col" className="n">
                  {t('came')}
                </th>
                <th scope="col" className="n">
                  {t('money expected')}
                </th>
                <th scope="col" className="n">
                  {t('came')}
                </th>
              </tr>
            </thead>
            <tbody>
              {held.map((row) => (
                <tr key={row.repeats}>
                  <th scope="row">{row.repeats === 'all' ? t('all') : row.repeats}</th>
                  <td className="n">{int(row.people)}</td>
                  <td className="n">{int(row.expected)}</td>
                  <td className="n">
                    {int(row.actual)} <small>{off(row.of_actual_off)}</small>
                  </td>
                  <td className="n">{cash(row.expected_value)}</td>
                  <td className="n">
                    {cash(row.actual_value)} <small>{off(row.of_actual_value_off)}</small>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <StillThere answer={answer} asked={asked} />
      {contracts && (contracts.renewal?.length ?? 0) > 0 && (
        <>
          <h3 className="under">{t('Renewals')}</h3>
          <DataTable
            name={t('Renewals')}
            table={contracts}
            only={['renewal', 'came_to_it', 'ended', 'of_came_renewed', 'of_all_expected', 'value_to_come']}
          />
        </>
      )}
      {model && (model.parameter?.length ?? 0) > 0 && (
        <details className="know">
          <summary>{t('The model and its parameters')}</summary>
          <DataTable name={t('The model and its parameters')} table={model} />
          {answer.extras.checks && (
            <DataTable name={t('What one must know to trust it')} table={answer.extras.checks} />
          )}
        </details>
      )}
    </Figure>
  );
}

/** Customers by the chance that they still buy. */
function StillThere({ answer, asked }: { answer: Answer; asked: Asked }) {
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const { workspace } = useSession();
  const bands = useMemo(() => mine(extra<Alive>(answer, 'alive')), [answer]);
  const stacks: Stack[] = useMemo(
    () =>
      bands.map((row) => ({
        key: row.alive,
        label: row.alive.replace(/ to /, '–').replace(/\s*%$/, ''),
        values: { people: row.people },
        note: t('{share} of customers; {money} to come', {
          share: pct1(row.of_people),
          money: money(row.value_to_come, workspace.currency),
        }),
      })),
    [bands, workspace.currency],
  );
  if (!bands.length) return null;
  return (
    <>
      <h3 className="under">{t('By the chance that they still buy')}</h3>
      <div ref={ref}>
        {width > 0 && (
          <Stacks
            stacks={stacks}
            pieces={[{ key: 'people', label: t('customers'), tone: 'c1' }]}
            width={width}
            height={170}
            write={short}
            name={t('Customers by the chance that they still buy')}
            unfinished=""
            axis={t('chance that they still buy, %')}
            onPick={(stack) =>
              open({ title: t('chance to still buy {band}', { band: stack.key }), asked, which: { alive: stack.key } })
            }
          />
        )}
      </div>
    </>
  );
}
