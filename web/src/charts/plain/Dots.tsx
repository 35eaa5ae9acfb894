/** Estimates with their intervals, one row each: what differs, what scores how much, which rule credits what. */
import { memo, useMemo, useState } from 'react';
import { Plot, Reading, walk } from './ground';
import { around, fitted, ticks, wide } from './scale';

export type Mark = {
  value: number | null;
  low?: number | null | undefined;
  high?: number | null | undefined;
  tone: 'main' | 'other' | 'third' | 'fourth' | 'fifth' | 'good' | 'bad' | 'mid';
  label?: string;
};
export type DotRow = {
  key: string;
  label: string;
  /** A heading above it, where it begins a group. */
  group?: string;
  /** Below the label: how many it is of. */
  sub?: string;
  marks: Mark[];
  /** At the right end; opens people where `onPick` is given and `picks` is not false. */
  text?: string;
  picks?: boolean;
  /** Instead of marks: why there is none. */
  none?: string;
};
type Given = {
  rows: DotRow[];
  width: number;
  write: (x: number) => string;
  name: string;
  /** A line to hold the rows against: no difference, or everyone. */
  rule?: { at: number; label?: string };
  axis?: string;
  domain?: [number, number];
  onPick?: ((row: DotRow) => void) | undefined;
};

const SHAPES = ['circle', 'square', 'diamond', 'up', 'down'] as const;

/** One mark; its shape repeats what its colour says. */
function Shape({ n, x, y }: { n: number; x: number; y: number }) {
  const r = 4.6;
  const shape = SHAPES[n % SHAPES.length];
  if (shape === 'circle') return <circle cx={x} cy={y} r={r} />;
  if (shape === 'square') return <rect x={x - 4} y={y - 4} width={8} height={8} />;
  if (shape === 'diamond') return <path d={`M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`} />;
  const side = shape === 'up' ? -1 : 1;
  return <path d={`M${x} ${y + side * 5}l5 ${-side * 9}h-10z`} />;
}

function place({ rows, width, write, rule, domain, axis }: Given) {
  const slim = width < 520;
  const [low, high] =
    domain ??
    around(
      [...rows.flatMap((row) => row.marks.flatMap((m) => [m.value, m.low, m.high])), rule?.at],
      false,
      slim ? 3 : 6,
    );
  const texts = Math.max(0, ...rows.map((row) => (row.text ? wide(row.text, 12, 600) : 0)));
  const names = Math.max(60, ...rows.map((row) => Math.max(wide(row.label, 12.5), row.sub ? wide(row.sub, 11) : 0)));
  const left = slim ? 10 : Math.min(260, width * 0.34, names + 8) + 14;
  const right = texts ? texts + 24 : 14;
  const x = (v: number) => left + ((width - left - right) * (v - low)) / (high - low || 1);
  let top = rule?.label ? 18 : 4;
  const spots = rows.map((row) => {
    const group = row.group ? 26 : 0;
    const marks = Math.max(1, row.marks.length);
    const tall = (slim ? (row.sub ? 34 : 20) : 0) + Math.max(row.sub && !slim ? 40 : 28, marks * 13 + 8);
    const at = { group: top, top: top + group, tall };
    top += group + tall;
    return at;
  });
  return {
    slim,
    left,
    right,
    x,
    spots,
    marks: ticks(low, high, slim ? 3 : 6),
    bottom: top,
    height: top + (axis ? 38 : 24),
    write,
  };
}

const Drawn = memo(function Drawn({ given, here }: { given: Given; here: number | null }) {
  const { rows, width, write, rule, axis } = given;
  const { slim, left, right, x, spots, marks, bottom, height } = useMemo(() => place(given), [given]);
  return (
    <>
      {marks.map((mark) => (
        <g key={mark}>
          <line className="grid" x1={x(mark)} x2={x(mark)} y1={rule?.label ? 14 : 2} y2={bottom} />
          <text className="axis" x={x(mark)} y={bottom + 16} textAnchor="middle">
            {write(mark)}
          </text>
        </g>
      ))}
      {rule && (
        <>
          <line className="zero" x1={x(rule.at)} x2={x(rule.at)} y1={rule.label ? 14 : 2} y2={bottom} />
          {rule.label && (
            <text
              className="axis"
              x={Math.min(Math.max(x(rule.at), left + 20), width - right - 20)}
              y={10}
              textAnchor="middle"
            >
              {rule.label}
            </text>
          )}
        </>
      )}
      {axis && (
        <text className="axis" x={slim ? width / 2 : (left + width - right) / 2} y={height - 4} textAnchor="middle">
          {fitted(axis, width - 8, 11)}
        </text>
      )}
      {rows.map((row, i) => {
        const { group, top, tall } = spots[i]!;
        const head = slim ? (row.sub ? 34 : 20) : 0;
        const begin = top + head;
        const room = tall - head;
        const gap = Math.min(13, (room - 6) / Math.max(1, row.marks.length));
        const names = slim ? width - 16 - (row.text ? wide(row.text, 12, 600) + 10 : 0) : left - 18;
        return (
          <g key={row.key} className={here === i ? 'row on' : 'row'}>
            {row.group && (
              <text className="grouphead" x={4} y={group + 18}>
                {fitted(row.group, width - 8, 12, 620)}
              </text>
            )}
            {i > 0 && !row.group && row.marks.length > 1 && (
              <line className="grid" x1={0} x2={width} y1={top} y2={top} />
            )}
            {here === i && <rect className="under" x={0} y={top} width={width} height={tall} rx={5} />}
            <text className="rowname" x={slim ? 10 : 4} y={slim ? top + 15 : top + tall / 2 + (row.sub ? -3 : 4)}>
              {fitted(row.label, names, 12.5)}
              <title>{row.label}</title>
            </text>
            {row.sub && (
              <text className="axis" x={slim ? 10 : 4} y={slim ? top + 29 : top + tall / 2 + 12}>
                {fitted(row.sub, slim ? width - 16 : names, 11)}
              </text>
            )}
            {row.none && (
              <text className="axis" x={left} y={begin + room / 2 + 4}>
                {fitted(row.none, width - left - right, 11)}
              </text>
            )}
            {row.marks.map((mark, k) => {
              if (mark.value == null) return null;
              const y = begin + room / 2 + (k - (row.marks.length - 1) / 2) * gap;
              const n = ['main', 'other', 'third', 'fourth', 'fifth'].indexOf(mark.tone);
              return (
                <g key={`${mark.tone}${mark.label ?? k}`} className={`mark ${mark.tone}`}>
                  {mark.low != null && mark.high != null && (
                    <line className="sure" x1={x(mark.low)} x2={x(mark.high)} y1={y} y2={y} />
                  )}
                  <Shape n={Math.max(0, n)} x={x(mark.value)} y={y} />
                </g>
              );
            })}
            {row.text && (
              <text
                className={given.onPick && row.picks !== false ? 'rowtext can' : 'rowtext'}
                x={width - 4}
                y={slim ? top + 15 : top + tall / 2 + 4}
                textAnchor="end"
              >
                {row.text}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
});

export function Dots(given: Given) {
  const { rows, width, onPick, write } = given;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `write` and `onPick` are made anew each time and draw the same
  const still = useMemo(() => given, [rows, width, given.name, given.rule?.at, given.rule?.label, given.axis]);
  const { spots, height, x } = useMemo(() => place(still), [still]);
  const [here, set] = useState<number | null>(null);
  const pointed = (event: React.PointerEvent<SVGSVGElement>) => {
    const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
    const i = spots.findIndex((spot) => y >= spot.top && y < spot.top + spot.tall);
    set(i < 0 ? null : i);
  };
  const row = here === null ? undefined : rows[here];
  const open = row && onPick && row.picks !== false ? () => onPick(row) : null;
  const middle = row?.marks[0]?.value != null ? x(row.marks[0].value) : width / 2;
  const sure = (mark: Mark) =>
    mark.low != null && mark.high != null ? `${write(mark.low)} – ${write(mark.high)}` : '';
  return (
    <div className="plot">
      <Plot
        name={given.name}
        width={width}
        height={height}
        can={!!onPick && row?.picks !== false}
        onPoint={pointed}
        onLeave={() => set(null)}
        onKey={(event) => walk(event, here, rows.length, set, open, true)}
        onPick={open ?? undefined}
      >
        <Drawn given={still} here={here} />
      </Plot>
      {row?.marks.some((mark) => mark.value != null) && (
        <Reading x={middle} width={width} top={spots[here as number]!.top + spots[here as number]!.tall + 2}>
          <b>
            <bdi>{row.label}</bdi>
          </b>
          {row.marks.map((mark) =>
            mark.value == null ? null : (
              <span key={mark.tone + (mark.label ?? '')} className={mark.tone}>
                {mark.label} <b>{write(mark.value)}</b> <small>{sure(mark)}</small>
              </span>
            ),
          )}
          {row.sub && <small>{row.sub}</small>}
        </Reading>
      )}
    </div>
  );
}

/** Which mark is which, by colour and shape. */
export function Marks({ marks }: { marks: { tone: Mark['tone']; label: string }[] }) {
  return (
    <div className="legend">
      {marks.map((mark) => (
        <span key={mark.tone} className="kx">
          <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" className={`mark ${mark.tone}`}>
            <Shape n={Math.max(0, ['main', 'other', 'third', 'fourth', 'fifth'].indexOf(mark.tone))} x={7} y={7} />
          </svg>
          <bdi>{mark.label}</bdi>
        </span>
      ))}
    </div>
  );
}
