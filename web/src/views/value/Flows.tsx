/** Movements of revenue by bucket, the bridge of one, retention of revenue, and how it adds up. */

import { useMemo, useState } from 'react';
import { type Answer, extra } from '../../api/answer';
import { type Line, Lines } from '../../charts/plain/Lines';
import { Pieces, type Stack, Stacks } from '../../charts/plain/Stacks';
import { type Bar, Bridge } from '../../charts/value/Bridge';
import { between, FEW, int, money, pct, pct1, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import type { Whom } from '../../lib/whom';
import { Select } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { Num, usePeople } from '../../ui/people';
import { axisTexts, bucketText, one, type Unit } from '../cohorts/buckets';
import { mine } from '../groups';
import { Rest } from '../Rest';
import { brief } from './money';
import { type Asking, type Bucket, buckets, GAINS, MOVES, type Move, moveText, pieces } from './movements';

export type Asked = { question: string; fields: Record<string, unknown>; whom: Whom };
type Given = { answer: Answer; asked: Asked; asking: Asking };

const CUSTOMERS: readonly Move[] = ['new', 'reactivation', 'churn'];
const num = (row: Bucket | undefined, name: string) => Number(row?.[name] ?? 0);
const maybe = (row: Bucket, name: string) => row[name] as number | null;

function useWrite(asMoney: boolean) {
  const { workspace } = useSession();
  return (x: number | null) => (asMoney ? money(x, workspace.currency) : int(x));
}

export function Movements({ answer, asked, asking }: Given) {
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const { workspace } = useSession();
  const all = useMemo(() => buckets(answer).slice(-60), [answer]);
  const prefix = asking.money ? 'mrr_' : 'customers_';
  // who pays more or less is gained or lost as money, not as a customer
  const moves = asking.money ? MOVES : CUSTOMERS;
  const stacks: Stack[] = useMemo(() => {
    const labels = axisTexts(all.map((row) => row.bucket));
    return all.map((row, i) => ({
      key: row.bucket,
      label: labels[i] as string,
      values: Object.fromEntries(
        moves.map((move) => [move, (GAINS.includes(move) ? 1 : -1) * num(row, prefix + move)]),
      ),
      open: !row.over,
      note: t('{n} customers at the end', { n: int(row.customers_end) }),
    }));
  }, [all, prefix, moves]);
  const drawn = pieces().filter((piece) => moves.includes(piece.key));
  const write = (n: number) => (asking.money ? brief(Math.abs(n), workspace.currency) : short(Math.abs(n)));
  return (
    <Figure
      title={asking.money ? t('Movements of monthly revenue') : t('Movements of customers')}
      hint={t('above the line: gained; below: lost; by {unit}', { unit: one(asking.every as Unit) })}
      source={{ answer, asked }}
    >
      <div ref={ref}>
        {width > 0 && (
          <Stacks
            stacks={stacks}
            pieces={drawn}
            width={width}
            height={260}
            write={write}
            name={answer.words.join(' ')}
            unfinished={t('not over yet')}
            onPick={(stack, piece) =>
              open({
                title: `${bucketText(stack.key)}: ${piece.label}`,
                asked,
                which: { bucket: stack.key, movement: piece.key },
              })
            }
          />
        )}
      </div>
      <Pieces pieces={drawn} open={all.some((row) => !row.over) ? t('not over yet') : undefined} />
    </Figure>
  );
}

/** From the start to the end of one bucket. */
export function OneBridge({ answer, asked, asking }: Given) {
  const open = usePeople();
  const write = useWrite(asking.money);
  const { workspace } = useSession();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(() => buckets(answer), [answer]);
  const latest = all.findLast((row) => row.over && row.customers_start > 0) ?? all.at(-1);
  const [chosen, choose] = useState('');
  const row = all.find((each) => each.bucket === chosen) ?? latest;
  const prefix = asking.money ? 'mrr_' : 'customers_';
  const bars: Bar[] = useMemo(() => {
    if (!row) return [];
    const many = (name: string) => t('{n} customers', { n: int(num(row, `customers_${name}`)) });
    const moves = asking.money ? MOVES : CUSTOMERS;
    return [
      { key: 'start', label: t('start'), value: num(row, `${prefix}start`), kind: 'whole', note: many('start') },
      ...moves.map((move) => ({
        key: move,
        label: moveText(move),
        value: num(row, prefix + move),
        kind: GAINS.includes(move) ? ('up' as const) : ('down' as const),
        note: many(move),
      })),
      { key: 'end', label: t('end'), value: num(row, `${prefix}end`), kind: 'whole', note: many('end') },
    ];
  }, [row, prefix, asking.money]);
  if (!row) return null;
  return (
    <Figure
      title={t('From start to end')}
      hint={t('{bucket}{open}', { bucket: bucketText(row.bucket), open: row.over ? '' : ` (${t('not over yet')})` })}
      source={{ answer, asked }}
    >
      <div ref={ref}>
        {width > 0 && (
          <Bridge
            bars={bars}
            width={width}
            write={(x) => (asking.money ? brief(x, workspace.currency) : short(x))}
            name={t('{bucket}: from {start} to {end}', {
              bucket: bucketText(row.bucket),
              start: write(num(row, `${prefix}start`)),
              end: write(num(row, `${prefix}end`)),
            })}
            onPick={(bar) =>
              open({
                title: `${bucketText(row.bucket)}: ${bar.label}`,
                asked,
                which: { bucket: row.bucket, movement: bar.key },
              })
            }
          />
        )}
      </div>
      <div className="pickline">
        <Select
          label={t('Which {unit}', { unit: one(asking.every as Unit) })}
          value={row.bucket}
          options={[...all].reverse().map((each) => [each.bucket, bucketText(each.bucket)])}
          onPick={choose}
        />
      </div>
    </Figure>
  );
}

/** Net and gross retention of revenue, and the customers that are lost. */
export function Kept({ answer, asked, asking }: Given) {
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(() => buckets(answer).slice(-60), [answer]);
  const rated = useMemo(() => all.filter((row) => row.customers_start >= FEW && row.over), [all]);
  const lines: Line[] = useMemo(() => {
    const points = (name: string, turn = false) =>
      all.map((row) => {
        const enough = row.over && row.customers_start >= FEW;
        const [y, low, high] = [maybe(row, name), maybe(row, `${name}_low`), maybe(row, `${name}_high`)];
        const flip = (x: number | null) => (x === null ? null : turn ? 1 - x : x);
        return { y: enough ? flip(y) : null, low: flip(turn ? high : low), high: flip(turn ? low : high) };
      });
    return [
      ...(asking.money
        ? ([
            { key: 'net', label: t('revenue, net'), tone: 'main', points: points('of_mrr_net') },
            { key: 'gross', label: t('revenue, gross'), tone: 'other', points: points('of_mrr_kept') },
          ] as Line[])
        : []),
      {
        key: 'customers',
        label: t('customers'),
        tone: asking.money ? 'third' : 'main',
        points: points('of_customers_lost', true),
      },
    ];
  }, [all, asking.money]);
  const domain = useMemo(() => {
    const values = lines.flatMap((line) =>
      line.points.flatMap((p) => (p.y === null ? [] : [p.y, p.low ?? p.y, p.high ?? p.y])),
    );
    const step = 0.05;
    // a few points of difference shall not look like a cliff
    const low = Math.min(0.9, Math.floor(Math.min(...values, 1) / step) * step);
    return [Math.max(0, low), Math.max(1, Math.ceil(Math.max(...values, 1) / step - 1e-9) * step)] as [number, number];
  }, [lines]);
  const labels = useMemo(() => axisTexts(all.map((row) => row.bucket)), [all]);
  return (
    <Figure
      title={t('What is kept')}
      hint={t('of those who paid when the {unit} began; 95% interval', { unit: one(asking.every as Unit) })}
      source={{ answer, asked }}
    >
      {rated.length === 0 ? (
        <p className="dim">
          {t('No {unit} that is over began with {n} customers; too few for a share.', {
            unit: one(asking.every as Unit),
            n: FEW,
          })}
        </p>
      ) : (
        <div ref={ref}>
          {width > 0 && (
            <Lines
              lines={lines}
              labels={labels}
              width={width}
              height={230}
              write={pct}
              rule={1}
              domain={domain}
              name={answer.words.slice(1).join(' ')}
              unfinished={t('not over')}
              onPick={(i) =>
                open({
                  title: t('{bucket}: paid when it began', { bucket: labels[i] ?? '' }),
                  asked,
                  which: { bucket: all[i]?.bucket, movement: 'start' },
                })
              }
            />
          )}
        </div>
      )}
      <p className="foot">
        {t(
          'Gross: what is left after some pay less or leave. Net: with what others pay more. New and returning customers are in neither.',
        )}
      </p>
    </Figure>
  );
}

const SHOWN = 12;

export function Sums({ answer, asked, asking }: Given) {
  const [whole, setWhole] = useState(false);
  const write = useWrite(true);
  const all = useMemo(() => [...buckets(answer)].reverse(), [answer]);
  const shown = all.slice(0, whole ? undefined : SHOWN);
  const cell = (row: Bucket, name: Move | 'start' | 'end') => {
    const n = num(row, `customers_${name}`);
    return (
      <td key={name} className="n">
        {n === 0 ? (
          <span className="dim">0</span>
        ) : (
          <Num
            n={n}
            title={`${bucketText(row.bucket)}: ${name === 'start' ? t('start') : name === 'end' ? t('end') : moveText(name)}`}
            asked={asked}
            which={{ bucket: row.bucket, movement: name }}
          />
        )}
        {asking.money && <small>{write(num(row, `mrr_${name}`))}</small>}
      </td>
    );
  };
  const rate = (row: Bucket, name: string) => {
    const value = maybe(row, name);
    const few = row.customers_start < FEW;
    return (
      <td key={name} className="n">
        {value === null ? '–' : few ? t('too few') : pct1(value)}
        <small>
          {value === null || few ? '' : between(maybe(row, `${name}_low`), maybe(row, `${name}_high`), pct1)}
        </small>
      </td>
    );
  };
  const moves = asking.money ? MOVES : CUSTOMERS;
  const heads = [
    t('start'),
    ...moves.map((move) => `${GAINS.includes(move) ? '+' : '−'} ${moveText(move)}`),
    t('= end'),
  ];
  const rates: [string, string][] = [
    ['of_customers_lost', t('customers lost')],
    ...(asking.money
      ? ([
          ['of_mrr_kept', t('revenue kept, gross')],
          ['of_mrr_net', t('revenue kept, net')],
        ] as [string, string][])
      : []),
  ];
  return (
    <Figure
      title={t('How it adds up')}
      hint={asking.money ? t('customers, and their monthly revenue') : t('customers')}
      source={{ answer, asked }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="tablewrap" tabIndex={0} aria-label={t('How it adds up')}>
        <table className="table credit">
          <thead>
            <tr>
              <th scope="col">{one(asking.every as Unit)}</th>
              {heads.map((head) => (
                <th key={head} scope="col" className="n">
                  {head}
                </th>
              ))}
              {rates.map(([name, text]) => (
                <th key={name} scope="col" className="n">
                  {text}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.bucket}>
                <th scope="row">
                  {bucketText(row.bucket)} {!row.over && <small>{t('not over')}</small>}
                </th>
                {(['start', ...moves, 'end'] as (Move | 'start' | 'end')[]).map((name) => cell(row, name))}
                {rates.map(([name]) => rate(row, name))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Rest count={all.length} shown={SHOWN} whole={whole} onTurn={setWhole} />
    </Figure>
  );
}

type Kind = { bucket: string; movement: Move; kind: string; customers: number; mrr: number } & Record<string, never>;

/** Why amounts grew or shrank, in the latest bucket that has any. */
export function Kinds({ answer, asked }: { answer: Answer; asked: Asked }) {
  const write = useWrite(true);
  const all = mine(extra<Kind>(answer, 'kinds'));
  const last = all.at(-1)?.bucket;
  if (!last) return null;
  return (
    <section className="panel">
      <Figure title={t('Why it grew or shrank')} hint={bucketText(last)} source={{ answer, asked, table: 'kinds' }}>
        <ul className="lines">
          {all
            .filter((row) => row.bucket === last)
            .map((row) => (
              <li key={row.movement + row.kind}>
                <b>
                  <bdi>{row.kind}</bdi>
                </b>
                : {moveText(row.movement)}{' '}
                <Num
                  n={row.customers}
                  title={`${bucketText(last)}: ${moveText(row.movement)}, ${row.kind}`}
                  asked={asked}
                  which={{ bucket: last, movement: row.movement, kind: row.kind }}
                />{' '}
                {t('customers, {money}', { money: write(row.mrr) })}
              </li>
            ))}
        </ul>
      </Figure>
    </section>
  );
}
