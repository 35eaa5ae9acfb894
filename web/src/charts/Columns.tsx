/** Counts over time as columns, each perhaps of several parts; one tab stop, arrows move, Enter opens. */
import { type KeyboardEvent, useMemo, useState } from 'react';

export type Part = { name: string; className: string };
export type Column = { name: string; values: number[] /** Not over yet. */; open?: boolean };

const TOP = 8;
const AXIS = 20;
/** A column is no wider than this, however few there are. */
const WIDEST = 84;

function ticks(most: number): number[] {
  if (most <= 0) return [0];
  const raw = most / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw) ?? power;
  const whole = Math.max(1, size);
  return Array.from({ length: Math.floor(most / whole) + 1 }, (_, i) => i * whole);
}

/** Where the columns stand; pure. */
export function laidOut(columns: Column[], width: number, height: number, left: number) {
  const most = Math.max(1, ...columns.map((column) => column.values.reduce((a, b) => a + b, 0)));
  const room = height - TOP - AXIS;
  const wide = Math.min(WIDEST, (width - left) / Math.max(1, columns.length));
  const bars = columns.map((column, i) => {
    let top = height - AXIS;
    const parts = column.values.map((value) => {
      const tall = (value / most) * room;
      top -= tall;
      return { y: top, tall };
    });
    return { x: left + i * wide, wide, parts };
  });
  return { bars, marks: ticks(most).map((value) => ({ value, y: height - AXIS - (value / most) * room })) };
}

/** Which labels fit below their columns without touching, and where; one at the edge is moved inward. Pure. */
export function labelled(columns: Column[], bars: { x: number; wide: number }[], width: number) {
  const found: { i: number; x: number }[] = [];
  let free = 0;
  bars.forEach((bar, i) => {
    const half = (columns[i]?.name.length ?? 0) * 3.2;
    const x = Math.min(bar.x + bar.wide / 2, width - half);
    if (x - half < free) return;
    found.push({ i, x });
    free = x + half + 12;
  });
  return found;
}

export function Columns(given: {
  columns: Column[];
  parts: Part[];
  width: number;
  height?: number;
  name: string;
  written: (n: number) => string;
  /** What a column and part is called when it is pointed at. */
  told: (column: number) => string;
  onPick?: (column: number) => void;
}) {
  const { columns, parts, width, height = 170, name, written, told, onPick } = given;
  const left = 44;
  const { bars, marks } = useMemo(() => laidOut(columns, width, height, left), [columns, width, height]);
  const labels = useMemo(() => labelled(columns, bars, width), [columns, bars, width]);
  const [at, setAt] = useState<number | null>(null);
  const under = (event: { clientX: number; currentTarget: SVGSVGElement }): number | null => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - left;
    const i = Math.floor(x / (bars[0]?.wide ?? 1));
    return i >= 0 && i < columns.length ? i : null;
  };
  const keys = (event: KeyboardEvent) => {
    const from = at ?? columns.length - 1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: columns.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(columns.length - 1, to)));
    } else if (event.key === 'Escape') setAt(null);
    else if (event.key === 'Enter' && at !== null) onPick?.(at);
  };
  return (
    <div className="columns">
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={name}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move from column to column
        tabIndex={0}
        onKeyDown={keys}
        onBlur={() => setAt(null)}
        onPointerMove={(event) => setAt(under(event))}
        onPointerLeave={() => setAt(null)}
        onClick={(event) => {
          const i = under(event);
          if (i !== null) onPick?.(i);
        }}
      >
        {marks.map((mark) => (
          <g key={mark.value}>
            <line className="grid" x1={left} x2={width} y1={mark.y} y2={mark.y} />
            <text className="ax" x={left - 6} y={mark.y + 4} textAnchor="end">
              {written(mark.value)}
            </text>
          </g>
        ))}
        {labels.map(({ i, x }) => (
          <text key={i} className="ax" x={x} y={height - 5} textAnchor="middle">
            {columns[i]?.name}
          </text>
        ))}
        {bars.map((bar, i) => (
          <g key={columns[i]?.name} className={`cb${at === i ? ' hot' : ''}${columns[i]?.open ? ' open' : ''}`}>
            <rect className="hit" x={bar.x} y={0} width={bar.wide} height={height - AXIS} />
            {bar.parts.map((part, k) => (
              <rect
                key={parts[k]?.name}
                className={parts[k]?.className}
                x={bar.x + Math.min(2, bar.wide * 0.12)}
                width={Math.max(1, bar.wide - Math.min(4, bar.wide * 0.24))}
                y={part.y}
                height={part.tall}
              />
            ))}
          </g>
        ))}
      </svg>
      <p className="foot told" aria-live="polite">
        {at === null ? ' ' : told(at)}
      </p>
    </div>
  );
}
