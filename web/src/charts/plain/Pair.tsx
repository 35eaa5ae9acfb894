/** Two estimates of one thing on one line, each with its interval: which is larger, and do they overlap? */
import { around } from './scale';

export type Half = { value: number | null; low?: number | null | undefined; high?: number | null | undefined };

const TALL = 30;
const EDGE = 8;

/** The upper one, a dot, is spoken of; the lower one, a square, is what it is held against. */
export function Pair({ one, two, width, name }: { one: Half; two: Half; width: number; name: string }) {
  const [low, high] = around([one.value, one.low, one.high, two.value, two.low, two.high]);
  const x = (v: number) => EDGE + ((width - 2 * EDGE) * (v - low)) / (high - low || 1);
  const sure = (half: Half, y: number) =>
    half.low == null || half.high == null ? null : (
      <line className="sure" x1={x(half.low)} x2={x(half.high)} y1={y} y2={y} />
    );
  return (
    <svg className="pair" width={width} height={TALL} viewBox={`0 0 ${width} ${TALL}`} role="img" aria-label={name}>
      <line className="grid" x1={EDGE} x2={width - EDGE} y1={TALL / 2} y2={TALL / 2} />
      {one.value != null && (
        <g className="mark main">
          {sure(one, 9)}
          <circle cx={x(one.value)} cy={9} r={4.4} />
        </g>
      )}
      {two.value != null && (
        <g className="mark other">
          {sure(two, 21)}
          <rect x={x(two.value) - 4} y={17} width={8} height={8} />
        </g>
      )}
    </svg>
  );
}
