/** How it feels along the journey: the mean as a line, each touchpoint as a dot, because a mean hides the worst moment. */
import { memo, useId, useMemo } from 'react';
import { int, tone } from '../../lib/format';
import { t } from '../../lib/i18n';
import { monotone, wide } from '../plain/scale';
import { type Active, feelingStep, feelingText } from './Flow';
import { columnsOf } from './layout';
import type { Journey, Touchpoint } from './model';

type Point = { one: Touchpoint; x: number; y: number; r: number };
type Label = { x: number; y: number; anchor: 'start' | 'end' | 'middle' };
type Box = [number, number, number, number];
type Pick = (one: Touchpoint) => number | null;

const clamp = (low: number, x: number, high: number) => Math.max(low, Math.min(high, x));

/** Through the columns where something is known: the mean of their touchpoints, weighted by instances. */
function lineOf(journey: Journey, width: number, y: (value: number) => number, pick: Pick): [number, number][] {
  const { columns } = columnsOf(journey, width);
  const points = columns.flatMap((c): [number, number][] => {
    const mine = journey.touchpoints.filter(
      (one) => one.stage === c.stage && one.column === c.column && pick(one) !== null,
    );
    const weight = mine.reduce((a, one) => a + one.instances, 0);
    return weight ? [[c.x, y(mine.reduce((a, one) => a + (pick(one) as number) * one.instances, 0) / weight)]] : [];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  return [[0, first[1]], ...points, [width, last[1]]];
}

/** Name the extremes; a label goes where it hides neither another one nor the line. */
function labelled(
  points: Point[],
  line: [number, number][],
  width: number,
  height: number,
  journey: Journey,
): Map<string, Label> {
  const found = new Map<string, Label>();
  const taken: Box[] = points.map((p) => [p.x - 7, p.y - 7, p.x + 7, p.y + 7]);
  const sorted = [...points].sort((a, b) => (a.one.feeling.value as number) - (b.one.feeling.value as number));
  const crossed = (b: Box) =>
    line.some((from, i) => {
      const to = line[i + 1];
      if (!to || to[0] < b[0] || from[0] > b[2]) return false;
      return Array.from({ length: 11 }, (_, k) => k / 10).some((u) => {
        const x = from[0] + (to[0] - from[0]) * u;
        const y = from[1] + (to[1] - from[1]) * u * u * (3 - 2 * u);
        return x > b[0] && x < b[2] && y > b[1] - 2 && y < b[3] + 2;
      });
    });
  for (const p of new Set([...sorted.slice(0, 3), ...sorted.slice(-3).reverse()])) {
    const room = wide(`${p.one.name} ${feelingText(p.one.feeling.value, journey)}`, 11.5, 600) + 28;
    const tries: [number, number, Label['anchor']][] = [
      [p.x + p.r + 5, p.y + 4, 'start'],
      [p.x - p.r - 5, p.y + 4, 'end'],
      [p.x, p.y - p.r - 6, 'middle'],
      [p.x, p.y + p.r + 13, 'middle'],
      [p.x + p.r, p.y + p.r + 11, 'start'],
      [p.x - p.r, p.y - p.r - 3, 'end'],
    ];
    for (const [x, y, anchor] of tries) {
      const from = anchor === 'start' ? x : anchor === 'end' ? x - room : x - room / 2;
      const box: Box = [from, y - 11, from + room, y + 3];
      const outside = box[0] < 2 || box[2] > width - 2 || box[1] < 0 || box[3] > height;
      const own = (q: Box) => q[0] === p.x - 7 && q[1] === p.y - 7;
      if (
        outside ||
        crossed(box) ||
        taken.some((q) => q[0] < box[2] && q[2] > box[0] && q[1] < box[3] && q[3] > box[1] && !own(q))
      )
        continue;
      found.set(p.one.id, { x, y, anchor });
      taken.push(box);
      break;
    }
  }
  return found;
}

type Given = {
  journey: Journey;
  width: number;
  height: number;
  active: Active;
  onActive: (id: Active, at?: DOMRect) => void;
  onPick: (id: string) => void;
};

export const Emotion = memo(function Emotion({ journey, width, height, active, onActive, onPick }: Given) {
  const id = useId().replace(/\W/g, '');
  const [low, high] = journey.axis;
  const drawn = useMemo(() => {
    const y = (value: number) => clamp(6, height - 8 - ((value - low) / (high - low || 1)) * (height - 16), height - 6);
    const { columns } = columnsOf(journey, width);
    const most = Math.max(1, ...journey.touchpoints.map((one) => one.feeling.n));
    const points = journey.touchpoints.flatMap((one): Point[] => {
      const column = columns.find((c) => c.stage === one.stage && c.column === one.column);
      if (!column || one.feeling.value === null) return [];
      return [{ one, x: column.x, y: y(one.feeling.value), r: 4 + 4 * Math.sqrt(one.feeling.n / most) }];
    });
    const line = lineOf(journey, width, y, (one) => one.feeling.value);
    const upper = lineOf(journey, width, y, (one) => one.feeling.high);
    const lower = lineOf(journey, width, y, (one) => one.feeling.low);
    const back = monotone(lower.map(([x, v]): [number, number] => [width - x, v]).reverse()).slice(1);
    const turned = back.replace(/(-?[\d.e-]+) (-?[\d.e-]+)/g, (_, x: string, v: string) => `${width - Number(x)} ${v}`);
    const band = upper.length && lower.length ? `${monotone(upper)}L${turned}Z` : '';
    return {
      points,
      line,
      band,
      before: lineOf(journey, width, y, (one) => one.feelingBefore),
      zero: y((low + high) / 2),
      labels: labelled(points, line, width, height, journey),
    };
  }, [journey, width, height, low, high]);
  const sorted = [...drawn.points].sort((a, b) => (a.one.feeling.value as number) - (b.one.feeling.value as number));
  const [worst, best] = [sorted[0], sorted.at(-1)];
  if (!worst || !best)
    return (
      <p className="nothing">
        {journey.asks
          ? t('Nobody who is counted here has said how it feels.')
          : t('This map does not say which answers count: add `feedback` to it, and what people say stands here.')}
      </p>
    );
  const path = monotone(drawn.line);
  const said = t('Feeling along the journey. Lowest: {worst} {low}. Highest: {best} {high}.', {
    worst: worst.one.name,
    low: feelingText(worst.one.feeling.value, journey),
    best: best.one.name,
    high: feelingText(best.one.feeling.value, journey),
  });
  return (
    <svg className="emo" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={said}>
      <defs>
        <clipPath id={`u${id}`}>
          <rect x="0" y="0" width={width} height={drawn.zero} />
        </clipPath>
        <clipPath id={`d${id}`}>
          <rect x="0" y={drawn.zero} width={width} height={height - drawn.zero} />
        </clipPath>
      </defs>
      {columnsOf(journey, width)
        .spans.slice(1)
        .map((span) => (
          <line key={span.stage.name} className="rule" x1={span.from} x2={span.from} y1={0} y2={height} />
        ))}
      <path className="area up" clipPath={`url(#u${id})`} d={`${path}L${width} ${drawn.zero}L0 ${drawn.zero}Z`} />
      <path className="area dn" clipPath={`url(#d${id})`} d={`${path}L${width} ${drawn.zero}L0 ${drawn.zero}Z`} />
      {drawn.band && <path className="band" d={drawn.band} />}
      <line className="zero" x1={0} x2={width} y1={drawn.zero} y2={drawn.zero} />
      {drawn.before.length > 0 && <path className="prev" d={monotone(drawn.before)} />}
      <path className="line" d={path} />
      {drawn.points.map((p) => (
        <Dot
          key={p.one.id}
          p={p}
          label={drawn.labels.get(p.one.id)}
          journey={journey}
          width={width}
          height={height}
          on={active === p.one.id}
          off={active !== null && active !== p.one.id}
          onActive={onActive}
          onPick={onPick}
        />
      ))}
    </svg>
  );
});

type DotGiven = {
  p: Point;
  label: Label | undefined;
  journey: Journey;
  width: number;
  height: number;
  on: boolean;
  off: boolean;
  onActive: Given['onActive'];
  onPick: Given['onPick'];
};

const Dot = memo(function Dot({ p, label, journey, width, height, on, off, onActive, onPick }: DotGiven) {
  const { one, x, y, r } = p;
  const right = x > width - 150;
  const at: Label | undefined =
    label ??
    (on
      ? { x: x + (right ? -r - 6 : r + 6), y: clamp(11, y + 4, height - 4), anchor: right ? 'end' : 'start' }
      : undefined);
  const change = one.feelingBefore === null ? null : (one.feeling.value as number) - one.feelingBefore;
  const worth = change !== null && Math.abs(change) >= (journey.limits[1] - journey.limits[0]) / 50;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the same is reached by keyboard in the flow above
    <g
      className={`pt${off ? ' off' : ''}`}
      onPointerEnter={(event) => onActive(one.id, event.currentTarget.getBoundingClientRect())}
      onPointerLeave={() => onActive(null)}
      onClick={() => onPick(one.id)}
    >
      <circle className={tone(feelingStep(one.feeling.value, journey))} cx={x} cy={y} r={on ? r + 2 : r} />
      {at && (
        <text className="lb" x={at.x} y={at.y} textAnchor={at.anchor}>
          {one.name} <tspan className="v">{feelingText(one.feeling.value, journey)}</tspan>
          {worth && (
            <tspan className={(change as number) < 0 ? 't-bad' : 't-good'}>
              {' '}
              {(change as number) < 0 ? '▼' : '▲'}
              {journey.limits[1] > 20 ? int(Math.abs(change as number)) : Math.abs(change as number).toFixed(1)}
            </tspan>
          )}
        </text>
      )}
    </g>
  );
});
