/** How many people have so many identities: one column a size, its number above it. */
import { useMemo } from 'react';
import { int } from '../../lib/format';

const TOP = 18;
const AXIS = 20;

/** Where the columns stand; pure. */
export function laidOut(sizes: [number, number][], width: number, height: number) {
  const last = Math.max(1, ...sizes.map(([size]) => size));
  const most = Math.max(1, ...sizes.map(([, n]) => n));
  const wide = Math.min(width / last, 64);
  const room = height - TOP - AXIS;
  return sizes.map(([size, n]) => {
    const tall = Math.max(1.5, (n / most) * room);
    return { size, n, x: (size - 1) * wide, wide, y: TOP + room - tall, tall };
  });
}

export function Sizes({
  sizes,
  width,
  name,
  more,
}: {
  sizes: [number, number][];
  width: number;
  name: string;
  more: number;
}) {
  const height = 170;
  const laid = useMemo(() => laidOut(sizes, width, height), [sizes, width]);
  const every = width / Math.max(1, laid.length) < 26 ? 2 : 1;
  return (
    <svg
      className="sizes"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={name}
    >
      {laid.map((one, i) => (
        <g key={one.size}>
          <rect x={one.x + 1} y={one.y} width={Math.max(1, one.wide - 3)} height={one.tall} rx="2" />
          {one.wide > 30 && (
            <text className="ax" x={one.x + one.wide / 2} y={one.y - 5} textAnchor="middle">
              {int(one.n)}
            </text>
          )}
          {i % every === 0 && (
            <text className="ax" x={one.x + one.wide / 2} y={height - 5} textAnchor="middle">
              {one.size > more ? `${more}+` : one.size}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
