/** The funnel as bars: who got to each step, who was lost on the way, who may still come; between them the share that goes on. */
import { memo, useId, useMemo, useState } from 'react';
import { duration, int, pct, pct1 } from '../../lib/format';
import { Hatches } from '../plain/ground';
import { fitted, inLines, ticks } from '../plain/scale';

export type Step = {
  step: number;
  name: string;
  reached: number;
  /** Got here and no further. */
  dropped: number;
  undecided: number;
  /** Shares over windows that have closed; null where they are of too few. */
  ofFirst: number | null;
  ofPrevious: number | null;
  low: number | null;
  high: number | null;
  /** Change of `ofFirst` against the other group, and whether it stands out. */
  change: number | null;
  flagged: boolean;
  /** Share of the first step in the other group. */
  before: number | null;
  seconds: number | null;
};
type Given = {
  steps: Step[];
  width: number;
  /** The step whose losses are looked at. */
  picked: number;
  worst: number;
  name: string;
  say: (step: Step) => string;
  change: (x: number) => string;
  lost: (n: number) => string;
  onPick: (step: number) => void;
};

const HEIGHT = 360;
const TOP = 30;
const FOOT = 84;
const TALL = HEIGHT - TOP - FOOT;

function place(steps: Step[], width: number) {
  const top = Math.max(1, steps[0]?.reached ?? 1);
  const marks = ticks(0, top, 4);
  const left = 44;
  const room = (width - left) / Math.max(1, steps.length);
  const bar = Math.min(112, room * 0.54);
  const y = (n: number) => TOP + TALL * (1 - Math.min(1, n / top));
  return { top, marks, left, room, bar, y };
}

type Drawing = Pick<Given, 'steps' | 'width' | 'worst' | 'change' | 'lost'> & { i: number; hatch: string };

const Column = memo(function Column({ steps, width, worst, change, lost, i, hatch }: Drawing) {
  const { top, left, room, bar, y } = useMemo(() => place(steps, width), [steps, width]);
  const step = steps[i] as Step;
  const before = steps[i - 1];
  const next = steps[i + 1];
  const x = left + room * i + (room - bar) / 2;
  const gap = x - (room - bar) / 2;
  const from = before ? y(before.reached) : 0;
  const waiting = before ? y(before.reached - before.dropped) : 0;
  const at = y(step.reached);
  const base = TOP + TALL;
  const lines = inLines(step.name, room - 10, 2, 12.5);
  const loss = before ? before.dropped : 0;
  const space = waiting - from;
  const short = base - at <= 26;
  return (
    <>
      {next && (
        <path
          className="link"
          d={`M${x + bar} ${at}L${x + room} ${y(next.reached)}L${x + room} ${base}L${x + bar} ${base}Z`}
        />
      )}
      {before && waiting > from && (
        <>
          <rect className="gone" x={x} y={from} width={bar} height={waiting - from} rx={4} />
          <rect x={x} y={from} width={bar} height={waiting - from} rx={4} fill={`url(#${hatch})`} />
        </>
      )}
      {before && at > waiting && (
        <>
          <rect className="open" x={x} y={waiting} width={bar} height={at - waiting} />
          <rect x={x} y={waiting} width={bar} height={at - waiting} fill={`url(#${hatch}u)`} />
        </>
      )}
      <rect className="now" x={x} y={at} width={bar} height={Math.max(0, base - at)} rx={4} />
      {step.before !== null && (
        <line className="was" x1={x - 6} x2={x + bar + 6} y1={y(step.before * top)} y2={y(step.before * top)} />
      )}
      {step.ofFirst !== null && (
        <text
          className={short ? 'big out' : 'big'}
          x={x + bar / 2}
          y={short ? (loss === 0 || at - from > 18 ? at - 5 : from - 21) : at + 20}
          textAnchor="middle"
        >
          {pct(step.ofFirst)}
        </text>
      )}
      {loss > 0 && (
        <text
          className="lost"
          x={x + bar / 2}
          y={space > (short ? 40 : 20) ? (from + waiting) / 2 + (short ? -4 : 4) : from - 7}
          textAnchor="middle"
        >
          {lost(loss)}
        </text>
      )}
      {lines.map((line, k) => (
        <text key={line} className="nm" x={x + bar / 2} y={base + 18 + k * 14} textAnchor="middle">
          {line}
          <title>{step.name}</title>
        </text>
      ))}
      <text className="ct" x={x + bar / 2} y={base + 18 + lines.length * 14} textAnchor="middle">
        {int(step.reached)}
      </text>
      {step.change !== null && (
        <text
          className={`ct${step.flagged ? (step.change < 0 ? ' t-bad' : ' t-good') : ''}`}
          x={x + bar / 2}
          y={base + 34 + lines.length * 14}
          textAnchor="middle"
        >
          {change(step.change)}
        </text>
      )}
      {before && (
        <g className={i === worst ? 'worst' : ''}>
          {step.ofPrevious !== null && (
            <>
              <text className="go" x={gap} y={base - 38} textAnchor="middle">
                {pct1(step.ofPrevious)}
              </text>
              <text className="tm" x={gap} y={base - 24} textAnchor="middle">
                {fitted(`${pct(step.low)}–${pct(step.high)}`, room - bar - 4, 10.5)}
              </text>
            </>
          )}
          {step.seconds !== null && (
            <text className="tm" x={gap} y={base - 9} textAnchor="middle">
              {fitted(duration(step.seconds), room - bar - 4, 11)}
            </text>
          )}
        </g>
      )}
    </>
  );
});

export function Bars(given: Given) {
  const { steps, width, picked, worst } = given;
  const hatch = `f${useId().replace(/\W/g, '')}`;
  const [here, set] = useState<number | null>(null);
  const { marks, left, room, y } = useMemo(() => place(steps, width), [steps, width]);
  const key = (event: React.KeyboardEvent) => {
    const last = steps.length - 1;
    const at = here ?? picked - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(last, to));
      set(next);
      given.onPick(next + 1);
    } else if (event.key === 'Escape') set(null);
  };
  return (
    <svg
      className="funnel"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="group"
      aria-label={given.name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go from step to step
      tabIndex={0}
      onKeyDown={key}
      onPointerLeave={() => set(null)}
      onBlur={() => set(null)}
    >
      <Hatches id={hatch} />
      {marks.map((mark) => (
        <g key={mark}>
          <line className="rule" x1={0} x2={width} y1={y(mark)} y2={y(mark)} />
          <text className="ax" x={0} y={y(mark) - 4}>
            {mark === 0 ? '' : int(mark)}
          </text>
        </g>
      ))}
      {steps.map((step, i) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: arrows and the table below pick a step by keyboard
        <g
          key={step.step}
          className={`fstep${here !== null && here !== i ? ' off' : ''}${i === worst ? ' worst' : ''}${picked === step.step ? ' picked' : ''}`}
          onPointerEnter={() => set(i)}
          onClick={() => given.onPick(step.step)}
        >
          <rect className="area" x={left + room * i} y={TOP - 16} width={room} height={HEIGHT - TOP + 14} rx={8} />
          <Column {...{ steps, width, worst, i, hatch }} change={given.change} lost={given.lost} />
          <title>{given.say(step)}</title>
        </g>
      ))}
    </svg>
  );
}
