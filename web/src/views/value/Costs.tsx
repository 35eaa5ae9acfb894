/** What was spent, what a conversion cost, and what came back; the amounts are given here and stand in the address. */
import { type FormEvent, useState } from 'react';
import { type Answer, extra } from '../../api/answer';
import { between, dec, money } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Select } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { mine } from '../groups';
import { type Asked, creditRows } from './Credit';
import { named } from './rules';

type CostRow = {
  channel: string;
  cost: number | null;
  conversions: number | null;
  cost_per_conversion: number | null;
  cost_per_conversion_low: number | null;
  cost_per_conversion_high: number | null;
  return_on_spend?: number | null;
  return_on_spend_low?: number | null;
  return_on_spend_high?: number | null;
} & Record<string, never>;

export type Spent = Record<string, number>;

/** The amounts of the address, as far as they are numbers. */
export function spentOf(text: string): Spent {
  try {
    const found: unknown = JSON.parse(text || '{}');
    if (typeof found !== 'object' || found === null) return {};
    return Object.fromEntries(
      Object.entries(found).filter((pair): pair is [string, number] => typeof pair[1] === 'number' && pair[1] > 0),
    );
  } catch {
    return {};
  }
}

const ASKED = 30;

export function Costs(given: {
  answer: Answer;
  asked: Asked;
  spent: Spent;
  rule: string;
  rules: string[];
  by: string;
  put: (spent: Spent) => void;
  putRule: (rule: string) => void;
}) {
  const { answer, asked, spent, rule, by, put, putRule } = given;
  const { workspace } = useSession();
  const [typed, type] = useState<Record<string, string>>({});
  const names = [...new Set([...creditRows(answer).map((row) => row.channel), ...Object.keys(spent)])].slice(0, ASKED);
  const costs = mine(extra<CostRow>(answer, 'costs')).filter((row) => row.cost !== null);
  const take = (event: FormEvent) => {
    event.preventDefault();
    const next: Spent = { ...spent };
    for (const [name, text] of Object.entries(typed)) {
      const amount = Number(text.replace(',', '.'));
      if (text.trim() === '' || !(amount > 0)) delete next[name];
      else next[name] = amount;
    }
    type({});
    put(next);
  };
  const cash = (x: number | null | undefined) => money(x, workspace.currency);
  const times = (x: number | null | undefined) => (x == null ? '–' : `${dec(x)}×`);
  const returns = costs.some((row) => row.return_on_spend != null);
  return (
    <Figure
      title={t('Costs')}
      hint={t('of these dates and these people; judged by the rule {rule}', { rule: named(rule) })}
      source={{ answer, asked, ...(costs.length ? { table: 'costs' } : {}) }}
    >
      {costs.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section className="tablewrap" tabIndex={0} aria-label={t('Cost per conversion, and return on spend')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{by}</th>
                <th scope="col" className="n">
                  {t('spent')}
                </th>
                <th scope="col" className="n">
                  {t('credited conversions')}
                </th>
                <th scope="col" className="n">
                  {t('cost per conversion')}
                </th>
                {returns && (
                  <th scope="col" className="n">
                    {t('return on spend')}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {costs.map((row) => (
                <tr key={row.channel}>
                  <th scope="row">
                    <bdi>{row.channel}</bdi>
                  </th>
                  <td className="n">{cash(row.cost)}</td>
                  <td className="n">{dec(row.conversions)}</td>
                  <td className="n">
                    {cash(row.cost_per_conversion)}{' '}
                    <small>{between(row.cost_per_conversion_low, row.cost_per_conversion_high, cash)}</small>
                  </td>
                  {returns && (
                    <td className="n">
                      {times(row.return_on_spend)}{' '}
                      <small>{between(row.return_on_spend_low, row.return_on_spend_high, times)}</small>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {costs.length === 0 && (
        <p className="saysmall">
          {t('Write in what was spent on each, to see what a conversion cost and what came back per unit spent.')}
        </p>
      )}
      <details className="choices">
        <summary>{t('What was spent, in {currency}', { currency: workspace.currency })}</summary>
        <form onSubmit={take} aria-label={t('What was spent')}>
          {names.map((name) => (
            <label key={name} className="field">
              <bdi>{name}</bdi>
              <input
                inputMode="decimal"
                pattern="[0-9]*[.,]?[0-9]*"
                value={typed[name] ?? (spent[name] === undefined ? '' : String(spent[name]))}
                onChange={(event) => type({ ...typed, [name]: event.target.value })}
              />
            </label>
          ))}
          <Select
            label={t('Judged by')}
            value={rule}
            options={given.rules.map((key) => [key, named(key)])}
            onPick={putRule}
          />
          <div className="acts">
            <button type="submit" className="btn pri">
              {t('Work out')}
            </button>
            {Object.keys(spent).length > 0 && (
              <button type="button" className="btn" onClick={() => put({})}>
                {t('Take all away')}
              </button>
            )}
          </div>
        </form>
      </details>
    </Figure>
  );
}
