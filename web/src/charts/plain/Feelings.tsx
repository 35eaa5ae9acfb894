/** How people feel along a journey: a curve over its touchpoints with its band, those who did not come by beside it. */
import { memo, useMemo, useState } from 'react';
import { step, tone } from '../../lib/format';
import { Plot, Reading, walk } from './ground';
import { type At, area, fitted, inLines, monotone, ticks } from './scale';

export type Feeling = {
  touchpoint: string;
  stage: string | null;
  people: number;
  value: number | null;
  low: number | null;
  high: number | null;
  /** Of those who did not come by. */
  others: number | null;
  /** What it is held against: other dates, another segment. */
  before: number | null;
  /** It stands out from the others. */
  side: 'low' | 'high' | null;
};
type Given = {
  feelings: Feeling[];
  width: number;
  write: (x: number) => string;
  name: string;
  say: (feeling: Feeling) => string[];
  few: number;
  onPick?: ((feeling: Feeling) => void) | undefined;
};

const HEIGHT = 268;
const TOP = 30;
const FOOT = 44;
const LEFT = 34;

function place({ feelings, width: room }: Given) {
  const width = Math.max(room, LEFT + feelings.length * 84);
  const values = feelings.flatMap((f) => [f.value, f.low, f.high, f.others, f.before]).filter((v) => v != null);
  const reach = Math.min(5, Math.max(1, Math.ceil(Math.max(...values.map((v) => Math.abs(v as number)), 0.5))));
  const gap = (width - LEFT - 8) / Math.max(1, feelings.length);
  const x = (i: number) => LEFT + gap * (i + 0.5);
  const y = (v: number) =>
    TOP + (1 - (Math.max(-reach, Math.min(reach, v)) + reach) / (2 * reach)) * (HEIGHT - TOP - FOOT - 6) + 4;
  const spot = (value: (f: Feeling) => number | null): At[] =>
    feelings.flatMap((f, i) => (value(f) == null ? [] : [[x(i), y(value(f) as number)] as At]));
  const stages: { name: string; from: number; to: number }[] = [];
  feelings.forEach((f, i) => {
    const last = stages.at(-1);
    if (last && last.name === (f.stage ?? '')) last.to = i;
    else stages.push({ name: f.stage ?? '', from: i, to: i });
  });
  const most = Math.max(1, ...feelings.map((f) => f.people));
  return { width, reach, gap, x, y, spot, stages, size: (n: number) => 4 + 5 * Math.sqrt(n / most) };
}

const Drawn = memo(function Drawn({ given, here }: { given: Given; here: number | null }) {
  const { feelings, write } = given;
  const { width, reach, gap, x, y, spot, stages, size } = useMemo(() => place(given), [given]);
  // above its dot, or below it where the line of the others would cross it
  const free = (f: Feeling) => {
    const above = y(f.value as number) - size(f.people) - 5;
    const struck = f.others != null && y(f.others) < above + 3 && y(f.others) > above - 13;
    return struck ? y(f.value as number) + size(f.people) + 13 : above;
  };
  const sure = feelings.filter((f) => f.low != null && f.high != null);
  const upper = sure.map((f) => [x(feelings.indexOf(f)), y(f.high as number)] as At);
  const lower = sure.map((f) => [x(feelings.indexOf(f)), y(f.low as number)] as At);
  return (
    <>
      {stages.map((stage, k) => (
        <g key={`${stage.name}${stage.from}`}>
          {k % 2 === 1 && (
            <rect
              className="stagebox"
              x={x(stage.from) - gap / 2}
              y={0}
              width={gap * (stage.to - stage.from + 1)}
              height={HEIGHT - FOOT}
            />
          )}
          <text className="grouphead" x={x(stage.from) - gap / 2 + 6} y={14}>
            {fitted(stage.name, gap * (stage.to - stage.from + 1) - 10, 12, 620)}
          </text>
        </g>
      ))}
      {ticks(-reach, reach, 4).map((mark) => (
        <g key={mark}>
          <line className={mark === 0 ? 'zero' : 'grid'} x1={LEFT} x2={width} y1={y(mark)} y2={y(mark)} />
          <text className="axis" x={LEFT - 6} y={y(mark) + 4} textAnchor="end">
            {write(mark)}
          </text>
        </g>
      ))}
      <path className="sureband" d={area(upper, lower)} />
      <path className="prevline" d={monotone(spot((f) => f.before))} />
      <path className="feel" d={monotone(spot((f) => f.value))} />
      {feelings.map((f, i) => {
        const lines = inLines(f.touchpoint, gap - 8, 2, 11);
        return (
          <g key={f.touchpoint} className={here === i ? 'row on' : 'row'}>
            {here === i && (
              <rect className="under" x={x(i) - gap / 2} y={TOP - 8} width={gap} height={HEIGHT - TOP + 6} rx={6} />
            )}
            {f.others != null && (
              <line className="others" x1={x(i) - 12} x2={x(i) + 12} y1={y(f.others)} y2={y(f.others)} />
            )}
            {f.value != null && (
              <>
                <circle
                  className={`feeldot ${tone(step(f.value, 0, 5))}${f.people < given.few ? ' few' : ''}`}
                  cx={x(i)}
                  cy={y(f.value)}
                  r={size(f.people)}
                />
                <text className={`value${f.side ? ' on' : ''}`} x={x(i)} y={free(f)} textAnchor="middle">
                  {f.side === 'low' ? '▼ ' : f.side === 'high' ? '▲ ' : ''}
                  {write(f.value)}
                </text>
              </>
            )}
            {lines.map((line, k) => (
              <text key={line} className="axis name" x={x(i)} y={HEIGHT - FOOT + 17 + k * 13} textAnchor="middle">
                {line}
                <title>{f.touchpoint}</title>
              </text>
            ))}
          </g>
        );
      })}
    </>
  );
});

export function Feelings(given: Given) {
  const { feelings, onPick } = given;
  // biome-ignore lint/correctness/useExhaustiveDependencies: functions are made anew each time and draw the same
  const still = useMemo(() => given, [feelings, given.width, given.name]);
  const { width, x, gap } = useMemo(() => place(still), [still]);
  const [here, set] = useState<number | null>(null);
  const last = feelings.length - 1;
  const pointed = (event: React.PointerEvent<SVGSVGElement>) => {
    const i = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / gap);
    set(i < 0 || i > last ? null : i);
  };
  const f = here === null ? undefined : feelings[here];
  const open = f ? () => onPick?.(f) : null;
  return (
    <div
      className="plot scrollx"
      {...(width > given.width ? { tabIndex: 0, role: 'region', 'aria-label': given.name } : {})}
    >
      <Plot
        name={given.name}
        width={width}
        height={HEIGHT}
        can={!!onPick}
        onPoint={pointed}
        onLeave={() => set(null)}
        onKey={(event) => walk(event, here, feelings.length, set, open)}
        onPick={open ?? undefined}
      >
        <Drawn given={still} here={here} />
      </Plot>
      {f && (
        <Reading x={x(here as number)} width={width}>
          <b>
            <bdi>{f.touchpoint}</bdi>
          </b>
          {given.say(f).map((line) => (
            <span key={line}>{line}</span>
          ))}
        </Reading>
      )}
    </div>
  );
}
