/** Steps over time with their intervals: who has come back by then, who is still a customer after so long. */
import { memo, useMemo, useState } from 'react';
import { duration, pct, pct1 } from '../../lib/format';
import { Plot, Reading, Ticks } from '../plain/ground';
import { apart, fitted, ticks, wide } from '../plain/scale';

export type Step = { at: number; y: number; low: number | null; high: number | null };
export type Steps = { key: string; label: string; tone: 'main' | 'other'; points: Step[] };
type Given = {
  curves: Steps[];
  width: number;
  height?: number;
  name: string;
  axis: string;
  /** Where the curve begins: nobody has come back yet, or everybody is still there. */
  begin: 0 | 1;
};

const DAY = 86_400;
const TOP = 10;
const FOOT = 38;

/** Round lengths of time up to one. */
function marksOf(last: number, most: number): number[] {
  const units = [1, 60, 3600, DAY, 30 * DAY, 365 * DAY];
  const unit = units.findLast((u) => last / u >= 2) ?? 1;
  return ticks(0, last / unit, most)
    .filter((n) => Number.isInteger(n))
    .map((n) => n * unit);
}

/** What holds at a moment: the last step before it. */
export function holding(points: Step[], at: number): Step | undefined {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.at <= at) low = middle + 1;
    else high = middle;
  }
  return points[low - 1];
}

function place({ curves, width, height = 210, begin }: Given) {
  const slim = width < 460;
  const last = Math.max(1, ...curves.map((curve) => curve.points.at(-1)?.at ?? 0));
  const values = curves.flatMap((curve) => curve.points.flatMap((p) => [p.y, p.high ?? p.y, p.low ?? p.y]));
  const top = begin === 1 ? 1 : Math.min(1, Math.max(0.05, ...values) * 1.04);
  const bottom = begin === 1 ? Math.max(0, Math.floor(Math.min(...values, 0.9) * 10) / 10) : 0;
  const left = Math.ceil(wide('100%', 11)) + 10;
  const right = slim ? 12 : Math.min(150, 14 + Math.max(20, ...curves.map((c) => wide(c.label, 12, 600) + 44)));
  const x = (at: number) => left + ((width - left - right) * at) / last;
  const y = (v: number) => TOP + (1 - (v - bottom) / (top - bottom || 1)) * (height - TOP - FOOT);
  const drawn = curves.map((curve) => {
    const edge = (value: (p: Step) => number) => {
      let d = `M${x(0)} ${y(begin)}`;
      for (const p of curve.points) d += `H${x(p.at)}V${y(value(p))}`;
      return d;
    };
    const sure = curve.points.filter((p) => p.low !== null && p.high !== null);
    let band = '';
    if (sure.length > 1) {
      band = `M${x(sure[0]!.at)} ${y(sure[0]!.high as number)}`;
      for (const p of sure) band += `H${x(p.at)}V${y(p.high as number)}`;
      const back = [...sure].reverse();
      back.forEach((p, i) => {
        const to = back[i + 1];
        band += `V${y(p.low as number)}`;
        if (to) band += `V${y(to.low as number)}H${x(to.at)}`;
      });
      band += 'Z';
    }
    return { curve, path: edge((p) => p.y), band };
  });
  const ends = apart(
    curves.map((curve) => y(curve.points.at(-1)?.y ?? begin)),
    15,
    TOP,
    height - FOOT,
  );
  return {
    slim,
    last,
    left,
    right,
    height,
    x,
    y,
    drawn,
    ends,
    marks: ticks(bottom, top, 4),
    times: marksOf(last, slim ? 4 : 7),
  };
}

const Drawn = memo(function Drawn({ given }: { given: Given }) {
  const { width, axis } = given;
  const { slim, left, right, height, x, y, drawn, ends, marks, times } = useMemo(() => place(given), [given]);
  return (
    <>
      <Ticks marks={marks} left={left} width={width - right} y={y} write={pct} plain />
      {times.map((at) => (
        <text key={at} className="axis" x={x(at)} y={height - 22} textAnchor="middle">
          {at === 0 ? '0' : duration(at)}
        </text>
      ))}
      <text className="axis" x={(left + width - right) / 2} y={height - 5} textAnchor="middle">
        {axis}
      </text>
      {drawn.map(({ curve, path, band }, i) => (
        <g key={curve.key} className={`serie ${curve.tone}`}>
          {band && <path className="sureband" d={band} />}
          <path d={path} />
          {!slim && curve.points.length > 0 && (
            <text className={`end ${curve.tone}`} x={width - right + 8} y={(ends[i] as number) + 4}>
              {fitted(curve.label, right - 50, 12, 600)} {pct(curve.points.at(-1)!.y)}
            </text>
          )}
        </g>
      ))}
    </>
  );
});

export function Survival(given: Given) {
  const { curves, width } = given;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rest says the same as long as these do
  const still = useMemo(() => given, [curves, width, given.name, given.axis]);
  const { x, y, left, right, height, last } = useMemo(() => place(still), [still]);
  const [here, set] = useState<number | null>(null);
  const room = Math.max(1, width - left - right);
  const pointed = (event: React.PointerEvent<SVGSVGElement>) => {
    const at = (event.clientX - event.currentTarget.getBoundingClientRect().left - left) / room;
    set(Math.max(0, Math.min(1, at)) * last);
  };
  const key = (event: React.KeyboardEvent) => {
    const jump = last / 20;
    const to = { ArrowRight: (here ?? -jump) + jump, ArrowLeft: (here ?? last + jump) - jump, Home: 0, End: last }[
      event.key
    ];
    if (to !== undefined) {
      event.preventDefault();
      set(Math.max(0, Math.min(last, to)));
    } else if (event.key === 'Escape') set(null);
  };
  const at = here === null ? [] : curves.map((curve) => ({ curve, step: holding(curve.points, here) }));
  return (
    <div className="plot">
      <Plot name={given.name} width={width} height={height} onPoint={pointed} onLeave={() => set(null)} onKey={key}>
        <Drawn given={still} />
        {here !== null && (
          <g className="here">
            <line x1={x(here)} x2={x(here)} y1={TOP} y2={height - FOOT} />
            {at.map(({ curve, step }) => (
              <circle key={curve.key} className={curve.tone} cx={x(here)} cy={y(step?.y ?? given.begin)} r={4.5} />
            ))}
          </g>
        )}
      </Plot>
      {here !== null && (
        <Reading x={x(here)} width={width}>
          <b>{duration(here)}</b>
          {at.map(({ curve, step }) => (
            <span key={curve.key} className={curve.tone}>
              <bdi>{curve.label}</bdi> <b>{pct1(step?.y ?? given.begin)}</b>{' '}
              {step && step.low !== null && step.high !== null && (
                <small>
                  {pct1(step.low)} – {pct1(step.high)}
                </small>
              )}
            </span>
          ))}
        </Reading>
      )}
      {width < 460 && curves.length > 1 && (
        <div className="legend">
          {curves.map((curve) => (
            <span key={curve.key} className={`kx key ${curve.tone}`}>
              <i /> <bdi>{curve.label}</bdi>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
