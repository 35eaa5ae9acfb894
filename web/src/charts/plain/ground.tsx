/** What charts stand on: a picture that is pointed at and walked along by keys, the marks of its axis, what is read there. */
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';

/** One tab stop; whoever points or walks is told what is there. */
export function Plot(given: {
  name: string;
  width: number;
  height: number;
  /** Whether what is pointed at can be opened. */
  can?: boolean | undefined;
  onPoint: (event: PointerEvent<SVGSVGElement>) => void;
  onLeave: () => void;
  onKey: (event: KeyboardEvent) => void;
  onPick?: (() => void) | undefined;
  children: ReactNode;
}) {
  const { width, height } = given;
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={given.name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go along what is drawn
      tabIndex={0}
      className={given.can ? 'can' : undefined}
      onPointerMove={given.onPoint}
      onPointerLeave={given.onLeave}
      onBlur={given.onLeave}
      onKeyDown={given.onKey}
      onClick={given.onPick}
    >
      {given.children}
    </svg>
  );
}

const ACROSS = ['ArrowLeft', 'ArrowRight'];
const DOWN = ['ArrowUp', 'ArrowDown'];

/** Walk along `count` things: arrows, Home and End; Esc leaves, Enter and space pick where there is something to pick. */
export function walk(
  event: KeyboardEvent,
  here: number | null,
  count: number,
  go: (to: number | null) => void,
  pick: (() => void) | null,
  down = false,
) {
  const [back, on] = (down ? DOWN : ACROSS) as [string, string];
  const last = count - 1;
  const to = { [on]: (here ?? -1) + 1, [back]: (here ?? count) - 1, Home: 0, End: last }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    go(Math.max(0, Math.min(last, to)));
  } else if (event.key === 'Escape') go(null);
  else if ((event.key === 'Enter' || event.key === ' ') && pick) {
    event.preventDefault();
    pick();
  }
}

/** Lines across, with what each stands for at the left. */
export function Ticks(given: {
  marks: number[];
  left: number;
  width: number;
  y: (value: number) => number;
  write: (value: number) => string;
  /** Whether the line of zero is like all others. */
  plain?: boolean;
}) {
  const { marks, left, width, y, write } = given;
  return marks.map((mark) => (
    <g key={mark}>
      <line className={mark === 0 && !given.plain ? 'zero' : 'grid'} x1={left} x2={width} y1={y(mark)} y2={y(mark)} />
      <text className="axis" x={left - 8} y={y(mark) + 4} textAnchor="end">
        {write(mark)}
      </text>
    </g>
  ));
}

/** What is read at a place, on the side where there is room. */
export function Reading(given: { x: number; width: number; top?: number | undefined; children: ReactNode }) {
  const { x, width, top } = given;
  return (
    <div
      className={`reading${top === undefined ? '' : ' below'}${x > width / 2 ? ' before' : ''}`}
      style={{ insetInlineStart: x, ...(top === undefined ? {} : { top }) }}
      role="status"
    >
      {given.children}
    </div>
  );
}

/** Patterns of who left (`id`) and who is undecided (`idu`). */
export function Hatches({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect className="hatch" width="1.6" height="6" />
      </pattern>
      <pattern id={`${id}u`} width="6" height="6" patternUnits="userSpaceOnUse">
        <circle className="hatch" cx="2" cy="2" r="1.1" />
      </pattern>
    </defs>
  );
}
