/** What one hot spot costs, as a bar with its interval, on the scale of all of them. */
type Given = {
  value: number | null;
  low: number | null;
  high: number | null;
  /** The ends of the scale that all share; zero lies in between. */
  scale: [number, number];
  width: number;
  sure: boolean;
  name: string;
};

const HEIGHT = 18;
const held = (x: number, low: number, high: number) => Math.max(low, Math.min(high, x));

/** A scale that holds the values and most of their intervals, with zero in it. */
export function scaleOf(rows: { value: number | null; low: number | null; high: number | null }[]): [number, number] {
  const values = rows.flatMap((row) => (row.value === null ? [] : [row.value]));
  const most = Math.max(1e-9, ...values.map(Math.abs));
  // one wide interval must not make all bars invisible
  const ends = rows.flatMap((row) => [row.low, row.high]).filter((x): x is number => x !== null);
  const low = Math.min(0, ...values, Math.max(-0.2 * most, ...[Math.min(0, ...ends)]));
  const high = Math.min(1.3 * most, Math.max(0, ...values, ...ends));
  return [low, high || 1];
}

export function Cost({ value, low, high, scale, width, sure, name }: Given) {
  const [from, to] = scale;
  const x = (v: number) => ((held(v, from, to) - from) / (to - from || 1)) * (width - 2) + 1;
  if (value === null) return null;
  const zero = x(0);
  const middle = HEIGHT / 2;
  return (
    <svg
      className={`cost${sure ? ' sure' : ''}`}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={name}
      data-caption={name}
    >
      <rect className="room" x={0} y={4} width={width} height={10} rx={5} />
      <rect
        className={value < 0 ? 'gain' : 'loss'}
        x={Math.min(zero, x(value))}
        y={4}
        width={Math.max(1, Math.abs(x(value) - zero))}
        height={10}
        rx={3}
      />
      <line className="zero" x1={zero} x2={zero} y1={1} y2={HEIGHT - 1} />
      {low !== null && high !== null && (
        <g className="ci">
          <line x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
          {low >= from && <line x1={x(low)} x2={x(low)} y1={middle - 4} y2={middle + 4} />}
          {high <= to && <line x1={x(high)} x2={x(high)} y1={middle - 4} y2={middle + 4} />}
        </g>
      )}
    </svg>
  );
}
