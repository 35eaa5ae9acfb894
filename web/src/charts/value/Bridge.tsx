/** From what there was to what there is: what came on top and what went away, bar after bar. */
import { memo, useMemo, useState } from 'react';
import { Plot, Reading, Ticks, walk } from '../plain/ground';
import { around, inLines, ticks, wide } from '../plain/scale';

export type Bar = {
  key: string;
  label: string;
  value: number;
  /** A whole stands on the line; what comes and goes hangs where the one before ended. */
  kind: 'whole' | 'up' | 'down';
  note?: string;
};
type Given = {
  bars: Bar[];
  width: number;
  height?: number;
  write: (x: number) => string;
  name: string;
  onPick?: ((bar: Bar) => void) | undefined;
};

const TOP = 20;
const FOOT = 34;

/** Where each bar begins and ends; pure. */
export function spans(bars: Bar[]): { from: number; to: number }[] {
  let level = 0;
  return bars.map((bar) => {
    if (bar.kind === 'whole') {
      level = bar.value;
      return { from: 0, to: level };
    }
    const from = level;
    level += bar.kind === 'up' ? bar.value : -bar.value;
    return { from, to: level };
  });
}

function place({ bars, width, height = 230, write }: Given) {
  const all = spans(bars);
  const ends = all.flatMap((span) => [span.from, span.to]);
  const wholes = bars.flatMap((bar) => (bar.kind === 'whole' ? [bar.value] : []));
  // what moves is small beside the whole: the foot is cut off, and the axis says so
  const least = Math.min(...ends.filter((end, i) => end > 0 && i > 0), ...wholes);
  const most = Math.max(...ends, 0);
  const cut = wholes.length > 1 && least > 0 && least > most * 0.5;
  const [low, high] = around(cut ? [least - (most - least) * 0.6, most] : ends, !cut, 4);
  const marks = ticks(low, high, 4);
  const left = Math.ceil(Math.max(...marks.map((mark) => wide(write(mark), 11)))) + 10;
  const room = (width - left - 4) / Math.max(1, bars.length);
  const y = (v: number) => TOP + (1 - (Math.max(low, v) - low) / (high - low || 1)) * (height - TOP - FOOT);
  return { all, marks, left, room, y, low, cut, height, bar: Math.min(76, room * 0.66) };
}

const Drawn = memo(function Drawn({ given }: { given: Given }) {
  const { bars, width, write } = given;
  const { all, marks, left, room, y, height, bar, low, cut } = useMemo(() => place(given), [given]);
  return (
    <>
      <Ticks marks={marks} left={left} width={width} y={y} write={write} />
      {bars.map((each, i) => {
        const { from, to } = all[i]!;
        const x = left + room * (i + 0.5);
        const top = y(Math.max(from, to));
        const tall = Math.max(1, Math.abs(y(from) - y(to)));
        const tone = each.kind === 'whole' ? '' : each.kind === 'up' ? ' c3' : ' down';
        const next = all[i + 1];
        return (
          <g key={each.key}>
            <rect className={`piece${tone}`} x={x - bar / 2} y={top} width={bar} height={tall} rx={2} />
            {each.kind === 'whole' && cut && low > 0 && (
              <path className="broken" d={`M${x - bar / 2 - 3} ${y(low) - 8}l${bar + 6} -6`} />
            )}
            {next && <line className="joint" x1={x + bar / 2} x2={x + room - bar / 2} y1={y(to)} y2={y(to)} />}
            <text className="barvalue" x={x} y={top - 5} textAnchor="middle">
              {each.kind === 'whole' || each.value === 0 ? '' : each.kind === 'up' ? '+' : '−'}
              {write(each.value)}
            </text>
            {inLines(each.label, room - 4, 2, 11).map((line, k) => (
              <text key={line} className="axis name" x={x} y={height - FOOT + 16 + k * 13} textAnchor="middle">
                {line}
              </text>
            ))}
          </g>
        );
      })}
    </>
  );
});

export function Bridge(given: Given) {
  const { bars, width, onPick, write } = given;
  // biome-ignore lint/correctness/useExhaustiveDependencies: functions are made anew each time and draw the same
  const still = useMemo(() => given, [bars, width, given.height, given.name]);
  const { left, room, height } = useMemo(() => place(still), [still]);
  const [here, set] = useState<number | null>(null);
  const pointed = (event: React.PointerEvent<SVGSVGElement>) => {
    const i = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - left) / room);
    set(i >= 0 && i < bars.length ? i : null);
  };
  const bar = here === null ? undefined : bars[here];
  const open = bar && onPick ? () => onPick(bar) : null;
  const middle = left + room * ((here ?? 0) + 0.5);
  return (
    <div className="plot">
      <Plot
        name={given.name}
        width={width}
        height={height}
        can={!!onPick}
        onPoint={pointed}
        onLeave={() => set(null)}
        onKey={(event) => walk(event, here, bars.length, set, open)}
        onPick={open ?? undefined}
      >
        {here !== null && (
          <rect className="under" x={middle - room / 2} y={4} width={room} height={height - 8} rx={4} />
        )}
        <Drawn given={still} />
      </Plot>
      {bar && (
        <Reading x={middle} width={width}>
          <b>{bar.label}</b>
          <span>
            {bar.kind === 'down' ? '−' : bar.kind === 'up' ? '+' : ''}
            {write(bar.value)}
          </span>
          {bar.note && <small>{bar.note}</small>}
        </Reading>
      )}
    </div>
  );
}
