/** The rules side by side: who gets how much of the credit, with intervals. */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { type DotRow, Dots, type Mark, Marks } from '../../charts/plain/Dots';
import { between, dec, FEW, int, money, pct1, points, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import type { Whom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Num, usePeople } from '../../ui/people';
import { againstText, mine, side, thisText } from '../groups';
import { named, rules } from './rules';

export type CreditRow = { channel: string; people: number; paths: number } & Record<string, number | string | null>;
export type Asked = { question: string; fields: Record<string, unknown>; whom: Whom };
export type Given = {
  answer: Answer;
  asked: Asked;
  /** The rules that are held beside each other. */
  chosen: string[];
  /** Credit in money instead of in conversions. */
  worth: boolean;
  by: string;
};

const TONES: Mark['tone'][] = ['main', 'other', 'third', 'fourth', 'fifth'];
const SHOWN = 14;
const LISTED = 60;

export const creditRows = (answer: Answer): CreditRow[] => mine(rows<CreditRow>(answer.table));
const num = (row: CreditRow, column: string) => row[column] as number | null;

/** How credit is written: conversions with a decimal while they are few, money in the workspace's currency. */
export function useWrite(worth: boolean): (x: number | null) => string {
  const { workspace } = useSession();
  return (x) => (worth ? money(x, workspace.currency) : x !== null && Math.abs(x) < 100 ? dec(x) : int(x));
}

export function Models({ answer, asked, chosen, worth, by }: Given) {
  const open = usePeople();
  const write = useWrite(worth);
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(() => creditRows(answer), [answer]);
  const suffix = worth ? '_value' : '';
  const shown: DotRow[] = useMemo(
    () =>
      all.slice(0, SHOWN).map((row) => ({
        key: row.channel,
        label: row.channel,
        sub: t('{n} of the paths', { n: int(row.paths) }),
        marks: chosen.map((rule, i) => ({
          value: num(row, `${rule}${suffix}`),
          low: num(row, `${rule}${suffix}_low`),
          high: num(row, `${rule}${suffix}_high`),
          tone: TONES[i] ?? 'mid',
          label: named(rule),
        })),
        text: t('{n} people', { n: short(row.people) }),
      })),
    [all, chosen, suffix],
  );
  return (
    <Figure
      title={worth ? t('What each is credited with, in money') : t('What each is credited with, in conversions')}
      hint={t('one mark a rule; bar: 95% interval')}
      source={{ answer, asked }}
    >
      <div ref={ref}>
        {width > 0 && (
          <Dots
            rows={shown}
            width={width}
            write={write}
            name={answer.words.join(' ')}
            onPick={(row) =>
              open({
                title: t('converted, touched by {name}', { name: row.label }),
                asked,
                which: { ...side(asked.whom), channel: row.key },
              })
            }
          />
        )}
      </div>
      <Marks marks={chosen.map((rule, i) => ({ tone: TONES[i] ?? 'mid', label: named(rule) }))} />
      {all.length > SHOWN && (
        <p className="foot">{t('{n} of {all} by {by}; the table has more.', { n: SHOWN, all: int(all.length), by })}</p>
      )}
    </Figure>
  );
}

export function CreditTable({ answer, asked, chosen, worth, by }: Given) {
  const write = useWrite(worth);
  const all = useMemo(() => creditRows(answer), [answer]);
  const suffix = worth ? '_value' : '';
  const most = useMemo(
    () => chosen.map((rule) => Math.max(1e-9, ...all.map((row) => num(row, `${rule}${suffix}`) ?? 0))),
    [all, chosen, suffix],
  );
  const sums = chosen.map((rule) => all.reduce((sum, row) => sum + (num(row, `${rule}${suffix}`) ?? 0), 0));
  return (
    <Figure title={t('Rule by rule')} hint={t('credit with its 95% interval')} source={{ answer, asked }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="tablewrap" tabIndex={0} aria-label={t('Credit rule by rule')}>
        <table className="table credit">
          <thead>
            <tr>
              <th scope="col">{by}</th>
              <th scope="col" className="n">
                {t('people')}
              </th>
              <th scope="col" className="n">
                {t('of conversions')}
              </th>
              {chosen.map((rule) => (
                <th key={rule} scope="col" className="n" title={rules().find((one) => one.key === rule)?.says}>
                  {named(rule)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.slice(0, LISTED).map((row) => (
              <tr key={row.channel}>
                <th scope="row">
                  <bdi>{row.channel}</bdi>
                </th>
                <td className="n">
                  <Num
                    n={row.people}
                    title={t('converted, touched by {name}', { name: row.channel })}
                    asked={asked}
                    which={{ ...side(asked.whom), channel: row.channel }}
                  />
                </td>
                <td className="n">
                  {row.paths < FEW ? t('{n} paths', { n: int(row.paths) }) : pct1(num(row, 'of_conversions'))}
                  {row.paths >= FEW && (
                    <small>{between(num(row, 'of_conversions_low'), num(row, 'of_conversions_high'), pct1)}</small>
                  )}
                </td>
                {chosen.map((rule, i) => {
                  const value = num(row, `${rule}${suffix}`);
                  const p = Math.round((100 * Math.max(0, value ?? 0)) / (most[i] as number));
                  const low = num(row, `${rule}${suffix}_low`);
                  const high = num(row, `${rule}${suffix}_high`);
                  return (
                    <td key={rule} className="n fill" style={{ '--p': `${p}%` } as React.CSSProperties}>
                      {write(value)}
                      <small>
                        {low === null || high === null ? t('too few') : between(low, high, (x) => write(x ?? null))}
                      </small>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t('Together')}</th>
              <td />
              <td />
              {sums.map((sum, i) => (
                <td key={chosen[i]} className="n">
                  {write(sum)}
                  {chosen[i] === 'participation' && <small>{t('counts some more than once')}</small>}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </section>
      {all.length > LISTED && (
        <p className="foot">{t('{n} of {all}; the file has all.', { n: LISTED, all: int(all.length) })}</p>
      )}
    </Figure>
  );
}

type Account = { what: string; paths: number; of_closed_paths: number | null; value?: number | null } & Record<
  string,
  never
>;

/** Where all conversions and paths have gone. */
export function Accounts({ answer, asked }: { answer: Answer; asked: Asked }) {
  const open = usePeople();
  const { workspace } = useSession();
  const all = mine(extra<Account>(answer, 'accounts'));
  const closed = all.filter((row) => row.of_closed_paths !== null).reduce((sum, row) => sum + row.paths, 0);
  const said: Record<string, string> = {
    'credited conversions': t('conversions with a touch: credited'),
    'conversions without a touch': t('conversions without a touch: credited to nobody'),
    'paths to nothing': t('paths that led to nothing'),
    'undecided paths': t('paths that are undecided: they may still convert'),
  };
  return (
    <ul className="figs">
      {all.map((row) => (
        <li key={row.what}>
          <b>{int(row.paths)}</b>
          <span>{said[row.what] ?? row.what}</span>
          <small>
            {row.of_closed_paths !== null &&
              closed >= FEW &&
              t('{share} of closed paths', { share: pct1(row.of_closed_paths) })}
            {row.value != null && ` · ${money(row.value, workspace.currency)}`}
            {row.what === 'credited conversions' && (
              <>
                {' · '}
                <button
                  type="button"
                  className="num"
                  onClick={() => open({ title: t('converted'), asked, which: side(asked.whom) })}
                >
                  {t('everybody who converted')}
                </button>
              </>
            )}
          </small>
        </li>
      ))}
    </ul>
  );
}

/** What is left out of the chance to convert without each; and how likely a path goes on to convert from it. */
export function Effects({ answer, asked }: { answer: Answer; asked: Asked }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const shown: DotRow[] = useMemo(
    () =>
      [...creditRows(answer)]
        .sort((a, b) => (num(b, 'removal_effect') ?? 0) - (num(a, 'removal_effect') ?? 0))
        .slice(0, SHOWN)
        .map((row) => ({
          key: row.channel,
          label: row.channel,
          ...(row.paths < FEW ? { none: t('on fewer than {n} paths', { n: FEW }) } : {}),
          marks: [
            {
              value: row.paths < FEW ? null : num(row, 'removal_effect'),
              low: num(row, 'removal_effect_low'),
              high: num(row, 'removal_effect_high'),
              tone: 'main' as const,
              label: t('left out'),
            },
          ],
          text: row.paths < FEW ? '' : pct1(num(row, 'removal_effect')),
          picks: false,
        })),
    [answer],
  );
  return (
    <Figure
      title={t('Removal effect')}
      hint={t('share of conversions that a chain without it does not reach')}
      source={{ answer, asked }}
    >
      <div ref={ref}>
        {width > 0 && (
          <Dots
            rows={shown}
            width={width}
            write={pct1}
            domain={[0, 1]}
            name={t('Removal effect of each, with its 95% interval')}
          />
        )}
      </div>
      <p className="foot">
        {t(
          'Associated, not caused: what reaches those who would buy anyway has a large effect too. Only an experiment tells what would be missing.',
        )}
      </p>
    </Figure>
  );
}

type ChainRow = {
  channel: string;
  touches: number;
  of_touches_converting: number | null;
  of_touches_converting_low: number | null;
  of_touches_converting_high: number | null;
} & Record<string, never>;

export function Chain({ answer, asked }: { answer: Answer; asked: Asked }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const whole = mine(extra<Account>(answer, 'accounts'))[0]?.of_closed_paths ?? null;
  const shown: DotRow[] = useMemo(
    () =>
      mine(extra<ChainRow>(answer, 'chain'))
        .slice(0, SHOWN)
        .map((row) => ({
          key: row.channel,
          label: row.channel,
          sub: t('{n} touches', { n: int(row.touches) }),
          marks: [
            {
              value: row.touches < FEW ? null : row.of_touches_converting,
              low: row.of_touches_converting_low,
              high: row.of_touches_converting_high,
              tone: 'main' as const,
              label: t('converts after it'),
            },
          ],
          text: row.touches < FEW ? '' : pct1(row.of_touches_converting),
          ...(row.touches < FEW ? { none: t('too few touches for a share') } : {}),
          picks: false,
        })),
    [answer],
  );
  return (
    <Figure
      title={t('What a touch leads to')}
      hint={t('share of touches after which the path goes on to convert')}
      source={{ answer, asked, table: 'chain' }}
    >
      <div ref={ref}>
        {width > 0 && (
          <Dots
            rows={shown}
            width={width}
            write={pct1}
            {...(whole === null ? {} : { rule: { at: whole, label: t('all paths {share}', { share: pct1(whole) }) } })}
            name={answer.words[2] ?? t('Share of touches after which the path converts')}
          />
        )}
      </div>
    </Figure>
  );
}

type Difference = {
  measure: string;
  difference: number | null;
  low: number | null;
  high: number | null;
  flagged: boolean;
};

/** How often each takes part, against what it is held against. */
export function Differences({ answer, asked }: { answer: Answer; asked: Asked }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const shown: DotRow[] = useMemo(
    () =>
      extra<Difference & Record<string, never>>(answer, 'differences')
        .filter((row) => row.difference !== null)
        .slice(0, SHOWN)
        .map((row) => ({
          key: row.measure,
          label: row.measure,
          marks: [
            {
              value: row.difference,
              low: row.low,
              high: row.high,
              tone: row.flagged ? ('main' as const) : ('mid' as const),
            },
          ],
          text: row.flagged ? points(row.difference as number) : t('may be chance'),
          picks: false,
        })),
    [answer],
  );
  if (!shown.length) return null;
  return (
    <section className="panel">
      <Figure
        title={t('{this} against {other}', { this: thisText(asked.whom), other: againstText(asked.whom) })}
        hint={t('difference in the share of conversions that each takes part in; 95% interval')}
        source={{ answer, asked, table: 'differences' }}
      >
        <div ref={ref}>
          {width > 0 && (
            <Dots
              rows={shown}
              width={width}
              write={points}
              rule={{ at: 0, label: t('no difference') }}
              name={t('Difference in the share of conversions that each takes part in')}
            />
          )}
        </div>
      </Figure>
    </section>
  );
}
