/** New, returning, resurrected and dormant, bucket by bucket, and how they add up. */

import { useMemo, useState } from 'react';
import { type Answer, rows } from '../../api/answer';
import { type Line, Lines } from '../../charts/plain/Lines';
import { type Piece, Pieces, type Stack, Stacks } from '../../charts/plain/Stacks';
import { between, FEW, int, pct, pct1, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import type { Whom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Num, usePeople } from '../../ui/people';
import { againstText, mine, side, theirs, thisText } from '../groups';
import { Rest } from '../Rest';
import { axisTexts, bucketText, one, type Unit } from './buckets';

export type LifeRow = {
  bucket: string;
  over: boolean;
  active: number;
  new: number;
  returning: number;
  resurrected: number;
  dormant: number;
  undecided: number;
  of_before: number | null;
  of_before_low: number | null;
  of_before_high: number | null;
} & Record<string, never>;
type State = 'returning' | 'resurrected' | 'new' | 'dormant' | 'undecided';
type Asked = { question: string; fields: Record<string, unknown>; whom: Whom };
type Given = { answer: Answer; asked: Asked; unit: Unit };

const POINTS = 80;

export const pieces = (): (Piece & { key: State })[] => [
  { key: 'returning', label: t('returning'), tone: 'c1' },
  { key: 'resurrected', label: t('back after a pause'), tone: 'c2' },
  { key: 'new', label: t('new'), tone: 'c3' },
  { key: 'dormant', label: t('stayed away'), tone: 'down' },
  { key: 'undecided', label: t('undecided: not over'), tone: 'none' },
];

/** The lines of this side, from the first with anybody on. */
export function linesOf(answer: Answer): LifeRow[] {
  const all = mine(rows<LifeRow>(answer.table));
  const first = all.findIndex((row) => row.active > 0);
  return first < 0 ? [] : all.slice(first);
}

export function Movement({ answer, asked, unit }: Given) {
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(() => linesOf(answer).slice(-POINTS), [answer]);
  const stacks: Stack[] = useMemo(() => {
    const labels = axisTexts(all.map((row) => row.bucket));
    return all.map((row, i) => ({
      key: row.bucket,
      label: labels[i] as string,
      values: {
        returning: row.returning,
        resurrected: row.resurrected,
        new: row.new,
        dormant: -row.dormant,
        undecided: -row.undecided,
      },
      open: !row.over,
      note: t('{n} active', { n: int(row.active) }),
    }));
  }, [all]);
  return (
    <Figure
      title={t('Who is active, and who stays away, by {unit}', { unit: one(unit) })}
      hint={t('above the line: active; below: of those active before, not again')}
      source={{ answer, asked }}
    >
      <div ref={ref}>
        {width > 0 && (
          <Stacks
            stacks={stacks}
            pieces={pieces()}
            width={width}
            height={280}
            write={(n) => short(Math.abs(n))}
            name={answer.words.join(' ')}
            unfinished={t('not over yet')}
            onPick={(stack, piece) =>
              open({
                title: `${bucketText(stack.key)}: ${piece.label}`,
                asked,
                which: { ...side(asked.whom), bucket: stack.key, state: piece.key },
              })
            }
          />
        )}
      </div>
      <Pieces pieces={pieces()} open={t('not over yet')} />
    </Figure>
  );
}

/** The share of those active before who are active again. */
export function Again({ answer, asked, unit }: Given) {
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(() => linesOf(answer).slice(-POINTS), [answer]);
  const { whom } = asked;
  const lines: Line[] = useMemo(() => {
    const points = (found: LifeRow[]) =>
      found.map((row) => ({
        y: row.returning + row.dormant < FEW ? null : row.of_before,
        low: row.of_before_low,
        high: row.of_before_high,
      }));
    const other = theirs(rows<LifeRow>(answer.table)).slice(-all.length);
    const lines: Line[] = [{ key: 'this', label: thisText(whom), tone: 'main', points: points(all) }];
    if (other.length) lines.unshift({ key: 'other', label: againstText(whom), tone: 'other', points: points(other) });
    return lines;
  }, [answer, all, whom]);
  const labels = useMemo(() => axisTexts(all.map((row) => row.bucket)), [all]);
  const drawn = lines.some((line) => line.points.some((p) => p.y !== null));
  return (
    <Figure
      title={t('Active again')}
      hint={t('of those active the {unit} before; 95% interval', { unit: one(unit) })}
      source={{ answer, asked }}
    >
      {!drawn && (
        <p className="dim">{t('No {unit} is over that {n} people could come back in.', { unit: one(unit), n: FEW })}</p>
      )}
      <div ref={ref}>
        {width > 0 && drawn && (
          <Lines
            lines={lines}
            labels={labels}
            width={width}
            height={220}
            write={pct}
            zero
            name={t('Share active again, by {unit}. {said}', { unit: one(unit), said: answer.words[1] ?? '' })}
            unfinished={t('not over')}
            onPick={(i) =>
              open({
                title: t('{bucket}: active again', { bucket: labels[i] ?? '' }),
                asked,
                which: { ...side(whom), bucket: all[i]?.bucket, state: 'returning' },
              })
            }
          />
        )}
      </div>
    </Figure>
  );
}

const SHOWN = 16;

/** Active before − stayed away − undecided + new + back = active. */
export function Sums({ answer, asked, unit }: Given) {
  const [whole, setWhole] = useState(false);
  const all = useMemo(() => linesOf(answer), [answer]);
  const shown = [...all].reverse().slice(0, whole ? undefined : SHOWN);
  const many = (row: LifeRow, state: State | 'active', text: string) =>
    row[state] === 0 ? (
      <span className="dim">0</span>
    ) : (
      <Num
        n={row[state]}
        title={`${bucketText(row.bucket)}: ${text}`}
        asked={asked}
        which={{ ...side(asked.whom), bucket: row.bucket, state }}
      />
    );
  return (
    <Figure
      title={t('How it adds up')}
      hint={t('active before − stayed away − undecided + new + back after a pause = active')}
      source={{ answer, asked }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="tablewrap" tabIndex={0} aria-label={t('How it adds up')}>
        <table className="table sums">
          <thead>
            <tr>
              <th scope="col">{one(unit)}</th>
              <th scope="col" className="n">
                {t('before')}
              </th>
              <th scope="col" className="n">
                {t('− stayed away')}
              </th>
              <th scope="col" className="n">
                {t('− undecided')}
              </th>
              <th scope="col" className="n">
                {t('+ new')}
              </th>
              <th scope="col" className="n">
                {t('+ back')}
              </th>
              <th scope="col" className="n">
                {t('= active')}
              </th>
              <th scope="col" className="n">
                {t('active again')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.bucket}>
                <th scope="row">
                  {bucketText(row.bucket)}
                  {!row.over && <small> {t('not over')}</small>}
                </th>
                <td className="n">{int(row.returning + row.dormant + row.undecided)}</td>
                <td className="n">{many(row, 'dormant', t('stayed away'))}</td>
                <td className="n">{many(row, 'undecided', t('undecided'))}</td>
                <td className="n">{many(row, 'new', t('new'))}</td>
                <td className="n">{many(row, 'resurrected', t('back after a pause'))}</td>
                <td className="n">{many(row, 'active', t('active'))}</td>
                <td className="n">
                  {row.of_before === null
                    ? '–'
                    : row.returning + row.dormant < FEW
                      ? t('too few')
                      : pct1(row.of_before)}{' '}
                  {row.of_before !== null && row.returning + row.dormant >= FEW && (
                    <small>{between(row.of_before_low, row.of_before_high, pct1)}</small>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Rest count={all.length} shown={SHOWN} whole={whole} onTurn={setWhole} />
    </Figure>
  );
}
