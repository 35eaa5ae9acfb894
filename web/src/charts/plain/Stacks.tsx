/** Counts a bucket as stacks, what was gained above the line and what was lost below: lifecycle, revenue, distributions. */
import { memo, useMemo, useState } from 'react';
import { Plot, Reading, Ticks } from './ground';
import { around, every, ticks, wide } from './scale';

export type Piece = {
  key: string;
  label: string;
  tone: 'c1' | 'c2' | 'c3' | 'c4' | 'down' | 'down2' | 'none';
};
export type Stack = {
  key: string;
  label: string;
  /** By the piece's key; a negative number hangs below the line. */
  values: Record<string, number>;
  /** Not over yet: drawn pale and hatched. */
  open?: boolean;
  /** Said in the reading, besides the values. */
  note?: string;
};
type Given = {
  stacks: Stack[];
  pieces: Piece[];
  width: number;
  height?: number;
  write: (x: number) => string;
  name: string;
  unfinished: string;
  axis?: string;
  onPick?: ((stack: Stack, piece: Piece) => void) | undefined;
};

function place({ stacks, pieces, width, height = 220, write, axis }: Given) {
  const sums = stacks.map((stack) => {
    let up = 0;
    let down = 0;
    const boxes = pieces.flatMap((piece) => {
      const value = stack.values[piece.key] ?? 0;
      if (!value) return [];
      const from = value > 0 ? up : down;
      if (value > 0) up += value;
      else down += value;
      return [{ piece, from, to: from + value }];
    });
    return { up, down, boxes };
  });
  const [low, high] = around(
    sums.flatMap((s) => [s.up, s.down]),
    true,
  );
  const marks = ticks(low, high, 4);
  const left = Math.ceil(Math.max(...marks.map((mark) => wide(write(mark), 11)))) + 10;
  const foot = axis ? 38 : 22;
  const room = (width - left - 4) / Math.max(1, stacks.length);
  const y = (v: number) => 8 + (1 - (v - low) / (high - low || 1)) * (height - foot - 12);
  const skip = every(
    stacks.map((stack) => stack.label),
    room,
  );
  return { sums, marks, left, room, y, height, skip, bar: Math.max(2, Math.min(46, room * 0.72)) };
}

const Drawn = memo(function Drawn({ given }: { given: Given }) {
  const { stacks, width, write } = given;
  const { sums, marks, left, room, y, height, skip, bar } = useMemo(() => place(given), [given]);
  return (
    <>
      <Ticks marks={marks} left={left} width={width} y={y} write={write} />
      {stacks.map((stack, i) => {
        const middle = left + room * (i + 0.5);
        return (
          <g key={stack.key}>
            {sums[i]!.boxes.map((box) => {
              const top = y(Math.max(box.from, box.to));
              const tall = Math.max(0.5, Math.abs(y(box.from) - y(box.to)) - 1);
              return (
                <rect
                  key={box.piece.key}
                  className={`piece ${box.piece.tone}${stack.open ? ' unfinished' : ''}`}
                  x={middle - bar / 2}
                  y={top}
                  width={bar}
                  height={tall}
                  rx={2}
                />
              );
            })}
            {i % skip === 0 && (
              <text className="axis" x={middle} y={height - (given.axis ? 20 : 4)} textAnchor="middle">
                {stack.label}
              </text>
            )}
          </g>
        );
      })}
      {given.axis && (
        <text className="axis" x={(left + width) / 2} y={height - 4} textAnchor="middle">
          {given.axis}
        </text>
      )}
    </>
  );
});

export function Stacks(given: Given) {
  const { stacks, pieces, width, write, onPick } = given;
  // biome-ignore lint/correctness/useExhaustiveDependencies: functions are made anew each time and draw the same
  const still = useMemo(() => given, [stacks, pieces, width, given.height, given.name]);
  const { sums, left, room, y, height, bar } = useMemo(() => place(still), [still]);
  const [here, set] = useState<[number, number] | null>(null);
  const pointed = (event: React.PointerEvent<SVGSVGElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const i = Math.floor((event.clientX - frame.left - left) / room);
    if (i < 0 || i >= stacks.length) return set(null);
    const at = event.clientY - frame.top;
    const inside = (box: { from: number; to: number }) =>
      at >= y(Math.max(box.from, box.to)) && at <= y(Math.min(box.from, box.to));
    set([i, sums[i]!.boxes.findIndex(inside)]);
  };
  const pick = () => {
    const stack = here && stacks[here[0]];
    const box = here && sums[here[0]]?.boxes[here[1]];
    if (!stack || !box || !onPick) return false;
    onPick(stack, box.piece);
    return true;
  };
  const key = (event: React.KeyboardEvent) => {
    const [i, k] = here ?? [-1, 0];
    const last = stacks.length - 1;
    const to = { ArrowRight: i + 1, ArrowLeft: here ? i - 1 : last, Home: 0, End: last }[event.key];
    const many = sums[Math.max(0, i)]?.boxes.length ?? 0;
    const turn = { ArrowUp: k + 1, ArrowDown: k - 1 }[event.key];
    if (to !== undefined) set([Math.max(0, Math.min(last, to)), Math.max(0, k)]);
    else if (turn !== undefined && here && many) set([i, (turn + many) % many]);
    else if (event.key === 'Escape') return set(null);
    else if (!(event.key === 'Enter' || event.key === ' ') || !pick()) return;
    event.preventDefault();
  };
  const stack = here ? stacks[here[0]] : undefined;
  const picked = here ? sums[here[0]]?.boxes[here[1]] : undefined;
  const middle = here ? left + room * (here[0] + 0.5) : 0;
  return (
    <div className="plot">
      <Plot
        name={given.name}
        width={width}
        height={height}
        can={!!onPick && !!picked}
        onPoint={pointed}
        onLeave={() => set(null)}
        onKey={key}
        onPick={pick}
      >
        {here && <rect className="under" x={middle - room / 2} y={4} width={room} height={height - 24} rx={4} />}
        <Drawn given={still} />
        {picked && (
          <rect
            className="picked"
            x={middle - bar / 2 - 1}
            y={y(Math.max(picked.from, picked.to)) - 1}
            width={bar + 2}
            height={Math.abs(y(picked.from) - y(picked.to)) + 1}
            rx={3}
          />
        )}
      </Plot>
      {stack && (
        <Reading x={middle} width={width}>
          <b>
            <bdi>{stack.label}</bdi>
          </b>
          {pieces.map((piece) =>
            stack.values[piece.key] ? (
              <span key={piece.key} className={picked?.piece === piece ? 'on' : ''}>
                <i className={`piece ${piece.tone}`} /> {piece.label}{' '}
                <b>{write(Math.abs(stack.values[piece.key] as number))}</b>
              </span>
            ) : null,
          )}
          {stack.note && <small>{stack.note}</small>}
          {stack.open && <small>{given.unfinished}</small>}
        </Reading>
      )}
    </div>
  );
}

/** Which piece is which; beside the picture, and readable without it. */
export function Pieces({ pieces, open }: { pieces: Piece[]; open?: string | undefined }) {
  return (
    <div className="legend">
      {pieces.map((piece) => (
        <span key={piece.key} className="kx">
          <i className={`swatch piece ${piece.tone}`} /> {piece.label}
        </span>
      ))}
      {open && (
        <span className="kx">
          <i className="swatch piece unfinished" /> {open}
        </span>
      )}
    </div>
  );
}
