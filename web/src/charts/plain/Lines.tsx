/** Values over an ordered axis as lines with their intervals: retention, scores over time, what customers bring in. */
import { memo, useMemo, useState } from 'react';
import { Plot, Reading, Ticks, walk } from './ground';
import { type At, apart, area, around, every, fitted, monotone, straight, ticks, wide } from './scale';

/** `open`: not over yet, so that the value may still move. */
export type Point = {
  y: number | null;
  low?: number | null | undefined;
  high?: number | null | undefined;
  open?: boolean;
};
export type Line = {
  key: string;
  label: string;
  /** `main` is the one that is spoken of, `other` what it is held against; `faint` ones are its parts. */
  tone: 'main' | 'other' | 'third' | 'faint';
  points: Point[];
};
type Given = {
  lines: Line[];
  labels: string[];
  width: number;
  height?: number;
  write: (y: number | null) => string;
  /** One sentence that says what is seen. */
  name: string;
  zero?: boolean;
  domain?: [number, number];
  axis?: string;
  rule?: number;
  unfinished: string;
  onPick?: ((at: number, line: Line) => void) | undefined;
};

const known = (y: number | null | undefined): y is number => y != null && Number.isFinite(y);

/** Stretches without a gap: nothing is drawn where nothing is known. */
function runs<P extends { i: number }>(points: P[]): P[][] {
  const found: P[][] = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last && last.at(-1)!.i === point.i - 1) last.push(point);
    else found.push([point]);
  }
  return found;
}

function place(given: Given) {
  const { lines, labels, width, height = 210 } = given;
  const spoken = lines.filter((line) => line.tone !== 'faint');
  const slim = width < 560;
  const values = lines.flatMap((line) =>
    line.points.flatMap((p) => (line.tone === 'faint' ? [p.y] : [p.y, p.low, p.high])),
  );
  const [low, high] = given.domain ?? around(values, given.zero);
  const marks = ticks(low, high, 4);
  const left = Math.ceil(Math.max(...marks.map((mark) => wide(given.write(mark), 11)))) + 10;
  const right = slim ? 12 : Math.min(210, 16 + Math.max(20, ...spoken.map((line) => wide(line.label, 12, 600) + 52)));
  const foot = given.axis ? 38 : 24;
  const n = labels.length;
  const x = (i: number) => left + 6 + ((width - left - right - 12) * i) / Math.max(1, n - 1);
  const y = (v: number) => 12 + (1 - (v - low) / (high - low || 1)) * (height - foot - 18);
  const drawn = lines.map((line) => {
    const at = line.points.map((p, i) => ({ ...p, i })).filter((p) => known(p.y));
    const done = at.filter((p) => !p.open);
    const open = at.filter((p) => p.open);
    const spot = (p: { i: number; y: number | null }): At => [x(p.i), y(p.y as number)];
    const sure = at.filter((p) => known(p.low) && known(p.high));
    const band =
      line.tone === 'faint'
        ? ''
        : runs(sure)
            .map((run) =>
              area(
                run.map((p) => [x(p.i), y(p.high as number)]),
                run.map((p) => [x(p.i), y(p.low as number)]),
              ),
            )
            .join('');
    const tail = done.length && open.length ? [done.at(-1) as (typeof at)[0], ...open] : open;
    return {
      line,
      at,
      path: runs(done)
        .map((run) => monotone(run.map(spot)))
        .join(''),
      tail: straight(tail.map(spot)),
      band,
    };
  });
  const ends = drawn.filter((one) => one.line.tone !== 'faint' && one.at.length);
  const heights = apart(
    ends.map((one) => y(one.at.at(-1)!.y as number)),
    15,
    10,
    height - foot,
  );
  return { x, y, marks, left, right, foot, height, slim, drawn, ends, heights, skip: every(labels, x(1) - x(0)) };
}

const Drawn = memo(function Drawn(given: Given) {
  const { labels, width, write } = given;
  const { x, y, marks, left, right, height, drawn, ends, heights, slim, skip } = useMemo(() => place(given), [given]);
  return (
    <>
      <Ticks marks={marks} left={left} width={width - right} y={y} write={write} plain />
      {given.rule !== undefined && (
        <line className="zero" x1={left} x2={width - right} y1={y(given.rule)} y2={y(given.rule)} />
      )}
      {labels.map((label, i) =>
        i % skip ? null : (
          <text key={label} className="axis" x={x(i)} y={height - (given.axis ? 22 : 6)} textAnchor="middle">
            {label}
          </text>
        ),
      )}
      {given.axis && (
        <text className="axis" x={(left + width - right) / 2} y={height - 5} textAnchor="middle">
          {given.axis}
        </text>
      )}
      {drawn.map(({ line, band, path, tail, at }) => (
        <g key={line.key} className={`serie ${line.tone}`}>
          {band && <path className="sureband" d={band} />}
          <path d={path} />
          {tail && <path className="tail" d={tail} />}
          {line.tone !== 'faint' &&
            at.length < 40 &&
            at.map((p) => (
              <circle key={p.i} className={p.open ? 'open' : ''} cx={x(p.i)} cy={y(p.y as number)} r={2.8} />
            ))}
        </g>
      ))}
      {!slim &&
        ends.map(({ line, at }, i) => (
          <text key={line.key} className={`end ${line.tone}`} x={x(at.at(-1)!.i) + 9} y={(heights[i] as number) + 4}>
            {fitted(line.label, width - x(at.at(-1)!.i) - 62, 12, 600)} {write(at.at(-1)!.y)}
          </text>
        ))}
    </>
  );
});

export function Lines(given: Given) {
  const { lines, labels, width, write, onPick } = given;
  const [here, set] = useState<number | null>(null);
  // what is drawn does not depend on where the pointer is
  // biome-ignore lint/correctness/useExhaustiveDependencies: `write` and `onPick` are made anew each time and draw the same
  const still = useMemo(() => given, [lines, labels, width, given.height, given.name, given.rule]);
  const { x, y, height, left, right, foot } = useMemo(() => place(still), [still]);
  const n = labels.length;
  const nearest = (event: React.PointerEvent<SVGSVGElement>) => {
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
    set(Math.max(0, Math.min(n - 1, Math.round(((at - left - 6) / Math.max(1, width - left - right - 12)) * (n - 1)))));
  };
  const main = lines.find((line) => line.tone === 'main') ?? lines[0];
  const open = here !== null && main && onPick ? () => onPick(here, main) : null;
  const spoken = lines.filter((line) => line.tone !== 'faint');
  const said = (i: number) =>
    spoken
      .map((line) => ({ line, p: line.points[i] }))
      .filter(({ p }) => known(p?.y))
      .map(({ line, p }) => ({
        line,
        text: write(p!.y),
        sure: known(p!.low) && known(p!.high) ? `${write(p!.low)} – ${write(p!.high)}` : '',
        open: p!.open,
      }));
  return (
    <div className="plot">
      <Plot
        name={given.name}
        width={width}
        height={height}
        can={!!onPick}
        onPoint={nearest}
        onLeave={() => set(null)}
        onKey={(event) => walk(event, here, n, set, open)}
        onPick={open ?? undefined}
      >
        <Drawn {...still} />
        {here !== null && (
          <g className="here">
            <line x1={x(here)} x2={x(here)} y1={8} y2={height - foot} />
            {spoken.map((line) => {
              const p = line.points[here];
              return known(p?.y) ? (
                <circle key={line.key} className={line.tone} cx={x(here)} cy={y(p.y)} r={4.5} />
              ) : null;
            })}
          </g>
        )}
      </Plot>
      {here !== null && (
        <Reading x={x(here)} width={width}>
          <b>
            <bdi>{labels[here]}</bdi>
          </b>
          {said(here).map(({ line, text, sure, open }) => (
            <span key={line.key} className={line.tone}>
              <bdi>{line.label}</bdi> <b>{text}</b> {sure && <small>{sure}</small>}{' '}
              {open && <small>{given.unfinished}</small>}
            </span>
          ))}
        </Reading>
      )}
      {width < 560 && (
        <div className="legend">
          {spoken.map((line) => (
            <span key={line.key} className={`kx key ${line.tone}`}>
              <i /> <bdi>{line.label}</bdi>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
