/** Events a day in a line of columns; days without any are marked below the line. */
import { useMemo } from 'react';

type Laid = { x: number; wide: number; y: number; tall: number; none: boolean };

/** Where the columns stand; several days share one where there is no room for each. Pure. */
export function laidOut(counts: number[], width: number, height: number): Laid[] {
  const each = Math.max(1, Math.ceil((counts.length * 2) / Math.max(1, width)));
  const sums: { n: number; none: boolean }[] = [];
  for (let i = 0; i < counts.length; i += each) {
    const part = counts.slice(i, i + each);
    const n = part.reduce((a, b) => a + b, 0) / part.length;
    sums.push({ n, none: part.every((one) => one === 0) });
  }
  const most = Math.max(1, ...sums.map((one) => one.n));
  const room = height - 5;
  const wide = Math.min(width / Math.max(1, sums.length), 12);
  return sums.map((one, i) => {
    const tall = one.n ? Math.max(1.5, (one.n / most) * room) : 0;
    return { x: i * wide, wide, y: room - tall, tall, none: one.none };
  });
}

export function Days({ counts, width, name }: { counts: number[]; width: number; name: string }) {
  const height = 40;
  const laid = useMemo(() => laidOut(counts, width, height), [counts, width]);
  return (
    <svg className="days" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={name}>
      {laid.map((day) => (
        <g key={day.x}>
          <rect x={day.x} y={day.y} width={Math.max(0.8, day.wide - (day.wide > 3 ? 1 : 0.3))} height={day.tall} />
          {day.none && <rect className="none" x={day.x} y={height - 3} width={Math.max(1, day.wide)} height={2.5} />}
        </g>
      ))}
    </svg>
  );
}
