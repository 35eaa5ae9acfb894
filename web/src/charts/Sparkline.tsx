/** One number over time in a line: what is not over yet is dashed, what is missing is left out, the target is a thin line. */
import { useMemo } from 'react';

export type Point = {
  bucket: string;
  value: number | null /** Not over yet, or only partly in the data. */;
  open: boolean;
};

type Spot = { x: number; y: number; open: boolean };

const PAD = 5;

/** Where the points lie; pure. Runs of known points, each with whether its end is still open. */
export function laidOut(points: Point[], target: number | null, width: number, height: number) {
  const known = points.flatMap((p) => (p.value === null ? [] : [p.value]));
  const all = target === null ? known : [...known, target];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || Math.abs(low) || 1;
  const x = (i: number) => PAD + ((width - 2 * PAD) * i) / Math.max(1, points.length - 1);
  const y = (value: number) => height - PAD - ((value - low) / span) * (height - 2 * PAD);
  const spots: (Spot | null)[] = points.map((p, i) =>
    p.value === null ? null : { x: x(i), y: y(p.value), open: p.open },
  );
  const parts: { d: string; open: boolean }[] = [];
  for (let i = 1; i < spots.length; i++) {
    const [from, to] = [spots[i - 1], spots[i]];
    if (!from || !to) continue;
    const open = from.open || to.open;
    const last = parts.at(-1);
    const step = `L${to.x.toFixed(1)} ${to.y.toFixed(1)}`;
    if (last && last.open === open && spots[i - 2]) last.d += step;
    else parts.push({ d: `M${from.x.toFixed(1)} ${from.y.toFixed(1)}${step}`, open });
  }
  const alone = spots.filter((spot, i): spot is Spot => spot !== null && !spots[i - 1] && !spots[i + 1]);
  const end = spots.findLast((spot) => spot !== null) ?? null;
  return { parts, alone, end, target: target === null ? null : y(target) };
}

export function Sparkline({
  points,
  target,
  width,
  side,
  name,
}: {
  points: Point[];
  target: number | null;
  width: number;
  side: 'good' | 'bad' | 'mid';
  name: string;
}) {
  const height = 38;
  const drawn = useMemo(() => laidOut(points, target, width, height), [points, target, width]);
  if (!points.some((p) => p.value !== null)) return <div className="spark" />;
  return (
    <svg
      className={`spark ${side}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={name}
    >
      {drawn.target !== null && <line className="aim" x1={0} x2={width} y1={drawn.target} y2={drawn.target} />}
      {drawn.parts.map((part) => (
        <path key={part.d} d={part.d} className={part.open ? 'open' : ''} />
      ))}
      {drawn.alone.map((spot) => (
        <circle key={spot.x} cx={spot.x} cy={spot.y} r="2" />
      ))}
      {drawn.end && <circle className={drawn.end.open ? 'open' : ''} cx={drawn.end.x} cy={drawn.end.y} r="3" />}
    </svg>
  );
}
