/** One person's events by channel over time, and how they felt; one tab stop, arrows move, Enter goes to the list. */
import { type KeyboardEvent, memo, useEffect, useMemo, useRef } from 'react';
import { step, tone } from '../../lib/format';
import { t } from '../../lib/i18n';
import { monotone } from '../plain/scale';
import { type Drawn, laidOut, type Mark, type Spot } from './layout';

const TOP = 24;
const ROW = 30;
const MOOD = 74;

type Given = {
  /** Oldest first. */
  spots: Spot[];
  width: number;
  hot: number | null;
  onHot: (row: number | null) => void;
  onPick: (row: number) => void;
  day: (time: number) => string;
  told: (mark: Mark) => string;
  name: string;
  /** At which end the reader begins. */
  from: 'newest' | 'oldest';
};

function shape(mark: Mark, y: number, size: number) {
  const { x } = mark;
  if (mark.kind === 'bad')
    return <path d={`M${x} ${y - size - 1}L${x + size + 1} ${y}L${x} ${y + size + 1}L${x - size - 1} ${y}Z`} />;
  if (mark.kind === 'cost') return <path d={`M${x - size - 1} ${y - size}H${x + size + 1}L${x} ${y + size + 1}Z`} />;
  if (mark.kind === 'income' || mark.kind === 'amount')
    return <path d={`M${x - size} ${y - size}H${x + size}V${y + size}H${x - size}Z`} />;
  return <circle cx={x} cy={y} r={size} />;
}

const CLASS = { event: '', said: 'voice', bad: 'friction', amount: '', income: 'goal', cost: 'paid' } as const;

/** Everything that does not change while the pointer moves. */
const Ground = memo(function Ground({ drawn, day }: { drawn: Drawn; day: (time: number) => string }) {
  const { marks, gaps, lanes, width } = drawn;
  const low = TOP + lanes.length * ROW;
  const felt = marks.filter((mark) => mark.mood !== null);
  const most = Math.max(2, ...felt.map((mark) => Math.ceil(Math.abs(mark.mood as number))));
  const moodAt = (value: number) => low + MOOD / 2 + 4 - (value / most) * (MOOD / 2 - 8);
  let free = Number.NEGATIVE_INFINITY;
  return (
    <>
      {lanes.map((lane, i) => (
        <rect key={lane} className={i % 2 ? 'zb' : 'za'} x={0} y={TOP + i * ROW} width={width} height={ROW} />
      ))}
      {marks.map((mark, i) => {
        const text = day(mark.time);
        const before = marks[i - 1];
        if ((before && day(before.time) === text) || mark.x - 20 < free) return null;
        free = mark.x + 26;
        return (
          <text
            key={mark.rows[0]}
            className="ax"
            x={Math.max(22, Math.min(width - 22, mark.x))}
            y={14}
            textAnchor="middle"
          >
            {text}
          </text>
        );
      })}
      {gaps.map((gap) => (
        <g key={gap.x} className="gp">
          <line x1={gap.x} x2={gap.x} y1={TOP} y2={low} />
        </g>
      ))}
      <path
        className="walk"
        d={marks.map((mark, i) => `${i ? 'L' : 'M'}${mark.x} ${TOP + (mark.lane + 0.5) * ROW}`).join('')}
      />
      {felt.length > 0 && (
        <>
          <line className="zero" x1={0} x2={width} y1={moodAt(0)} y2={moodAt(0)} />
          {felt.length > 1 && (
            <path
              className="line"
              d={monotone(felt.map((mark): [number, number] => [mark.x, moodAt(mark.mood as number)]))}
            />
          )}
          {felt.map((mark) => (
            <circle
              key={mark.rows[0]}
              className={`fp ${tone(step(mark.mood, 0, 3.5))}`}
              cx={mark.x}
              cy={moodAt(mark.mood as number)}
              r={4}
            />
          ))}
        </>
      )}
    </>
  );
});

export function Lanes({ spots, width, hot, onHot, onPick, day, told, name, from: end }: Given) {
  const scroller = useRef<HTMLDivElement>(null);
  const drawn = useMemo(() => laidOut(spots, width, t('other')), [spots, width]);
  const { marks, lanes } = drawn;
  const felt = marks.some((mark) => mark.mood !== null);
  const height = TOP + lanes.length * ROW + (felt ? MOOD : 6);
  const at = hot === null ? -1 : marks.findIndex((mark) => mark.rows.includes(hot));
  // the newest is at the right end, the oldest at the left
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when what is drawn changes
  useEffect(() => {
    if (scroller.current) scroller.current.scrollLeft = end === 'newest' ? scroller.current.scrollWidth : 0;
  }, [drawn, end]);
  const show = (i: number) => {
    const mark = marks[Math.max(0, Math.min(marks.length - 1, i))];
    if (!mark) return;
    onHot(mark.rows[0] ?? null);
    const box = scroller.current;
    if (box && (mark.x < box.scrollLeft + 20 || mark.x > box.scrollLeft + box.clientWidth - 20))
      box.scrollLeft = mark.x - box.clientWidth / 2;
  };
  const keys = (event: KeyboardEvent) => {
    const from = at >= 0 ? at : end === 'newest' ? marks.length - 1 : 0;
    const to = {
      ArrowLeft: at < 0 ? from : from - 1,
      ArrowRight: at < 0 ? from : from + 1,
      Home: 0,
      End: marks.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      show(to);
    } else if (event.key === 'Escape') onHot(null);
    else if (event.key === 'Enter' && at >= 0) onPick(marks[at]?.rows[0] ?? 0);
  };
  return (
    <div className="lanes">
      <ul className="lnames" aria-hidden="true" style={{ paddingTop: TOP }}>
        {lanes.map((lane) => (
          <li key={lane} style={{ height: ROW }}>
            <bdi>{lane}</bdi>
          </li>
        ))}
        {felt && <li style={{ height: MOOD }}>{t('Feeling')}</li>}
      </ul>
      <div className="lscroll" ref={scroller}>
        <svg
          className="tl"
          width={drawn.width}
          height={height}
          viewBox={`0 0 ${drawn.width} ${height}`}
          role="img"
          aria-label={name}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move from mark to mark
          tabIndex={0}
          onKeyDown={keys}
          onBlur={() => onHot(null)}
        >
          <Ground drawn={drawn} day={day} />
          {marks.map((mark, i) => {
            const y = TOP + (mark.lane + 0.5) * ROW;
            return (
              <g
                key={mark.rows[0]}
                className={`ev ${CLASS[mark.kind]}${at >= 0 && at !== i ? ' off' : ''}`}
                onPointerEnter={() => onHot(mark.rows[0] ?? null)}
                onPointerLeave={() => onHot(null)}
                onPointerUp={() => onPick(mark.rows[0] ?? 0)}
              >
                {shape(mark, y, at === i ? 8 : 6)}
                {mark.score !== null && (
                  <text x={mark.x} y={y - 10} textAnchor="middle">
                    {mark.score}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      <p className="foot told" aria-live="polite">
        {at < 0 ? ' ' : told(marks[at] as Mark)}
      </p>
    </div>
  );
}
