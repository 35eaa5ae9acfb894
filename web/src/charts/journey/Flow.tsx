/** How people flow between touchpoints: cards on a main road, ribbons as wide as the people that went. */
import { type KeyboardEvent, memo, useId, useMemo, useState } from 'react';
import { duration, int, pct, short, signed, signed1, step, tone } from '../../lib/format';
import { t } from '../../lib/i18n';
import { layout, type Node, type Ribbon, wrap } from './layout';
import type { Journey, Move } from './model';

export type Active = string | null;
type Given = {
  journey: Journey;
  moves: Move[];
  width: number;
  height: number;
  active: Active;
  onActive: (id: Active, at?: DOMRect) => void;
  onPick: (id: string) => void;
  onMove: (move: Move) => void;
};

export const feelingText = (value: number | null, journey: Journey) =>
  value === null ? '–' : journey.limits[1] > 20 ? signed(value) : signed1(value);
/** The seven-step tone of a feeling; the middle of the scale is neutral. */
export function feelingStep(value: number | null, journey: Journey): number {
  const [low, high] = journey.limits;
  return step(value, (low + high) / 2, (high - low) / 2 / 1.6);
}

export function Flow({ journey, moves, width, height, active, onActive, onPick, onMove }: Given) {
  const id = useId().replace(/\W/g, '');
  const [edge, setEdge] = useState<Ribbon | null>(null);
  const drawn = useMemo(() => layout(journey, moves, width, height), [journey, moves, width, height]);
  const nodes = useMemo(() => [...drawn.nodes.values()], [drawn]);
  const [tab, setTab] = useState<string | null>(null);
  const stop = tab !== null && drawn.nodes.has(tab) ? tab : nodes[0]?.id;
  const near = useMemo(() => {
    if (active === null) return null;
    return new Set(
      drawn.ribbons.flatMap((one) => (one.source === active || one.target === active ? [one.source, one.target] : [])),
    );
  }, [active, drawn]);
  const walk = (event: KeyboardEvent<SVGGElement>, node: Node) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    let next: Node | undefined;
    if (by)
      next = nodes
        .filter((one) => one.place === node.place + by)
        .sort((a, b) => Math.abs(a.y - node.y) - Math.abs(b.y - node.y))[0];
    if (event.key === 'ArrowDown') next = nodes.filter((one) => one.place === node.place && one.y > node.y)[0];
    if (event.key === 'ArrowUp') next = nodes.filter((one) => one.place === node.place && one.y < node.y).at(-1);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onPick(node.id);
    }
    if (event.key === 'Escape') onActive(null);
    if (!next) return;
    event.preventDefault();
    setTab(next.id);
    event.currentTarget.ownerSVGElement?.querySelector<SVGGElement>(`[data-place="${nodes.indexOf(next)}"]`)?.focus();
  };
  const label = t('Flow between touchpoints. Use the arrow keys to move from one to the next, Enter to open it.');
  return (
    <svg
      className="flow"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={label}
    >
      <defs>
        {(['harm', 'drag', 'none'] as const).map((harm) => (
          <marker
            key={harm}
            id={`a${harm}${id}`}
            className={`mk ${harm}`}
            viewBox="0 0 8 8"
            refX="3"
            refY="4"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" />
          </marker>
        ))}
      </defs>
      {drawn.spans.slice(1).map((span) => (
        <line key={span.stage.name} className="rule" x1={span.from} x2={span.from} y1={0} y2={height} />
      ))}
      <Ribbons ribbons={drawn.ribbons} active={active} edge={edge} id={id} onEdge={setEdge} onMove={onMove} />
      {nodes.map((node, place) => {
        const off = active !== null && active !== node.id && !near?.has(node.id);
        return (
          <g
            key={node.id}
            data-place={place}
            className={`node${off ? ' off' : ''}${active === node.id ? ' on' : ''}${node.planned ? '' : ' unplanned'}`}
            role="button"
            tabIndex={stop === node.id ? 0 : -1}
            aria-label={told(node, drawn.ribbons, journey)}
            onFocus={(event) => {
              setTab(node.id);
              if (event.currentTarget.matches(':focus-visible'))
                onActive(node.id, event.currentTarget.getBoundingClientRect());
            }}
            onBlur={() => onActive(null)}
            onKeyDown={(event) => walk(event, node)}
            onPointerEnter={(event) => onActive(node.id, event.currentTarget.getBoundingClientRect())}
            onPointerLeave={() => onActive(null)}
            onClick={() => onPick(node.id)}
          >
            <Card node={node} journey={journey} />
          </g>
        );
      })}
      <Labels
        ribbons={drawn.ribbons}
        active={active}
        edge={edge}
        width={width}
        height={height}
        compared={journey.compared}
      />
    </svg>
  );
}

/** Equal while the same node is drawn the same; hovering must not draw all cards anew. */
const Card = memo(function Card({ node, journey }: { node: Node; journey: Journey }) {
  const lines = wrap(node.name, node.width - 20);
  const y = node.y + node.height / 2 - (lines.length > 1 ? 10 : 3);
  const felt = feelingStep(node.feeling.value, journey);
  const sign = felt < 0 ? '▼' : felt > 0 ? '▲' : '●';
  return (
    <>
      <rect className="card" x={node.x} y={node.y} width={node.width} height={node.height} rx="8" />
      <rect
        className={`mood ${tone(felt)}`}
        x={node.x}
        y={node.y + 6}
        width="3.5"
        height={node.height - 12}
        rx="1.75"
      />
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines, always in this order
        <text key={i} className="nm" x={node.x + 11} y={y + i * 14}>
          {line}
        </text>
      ))}
      <text className="ct" x={node.x + 11} y={y + 16 + (lines.length - 1) * 14}>
        {short(node.instances)}
        {node.feeling.value !== null && (
          <tspan className={`sn t-${felt < 0 ? 'bad' : felt > 0 ? 'good' : 'mid'}`} dx="7">
            {sign} {feelingText(node.feeling.value, journey)}
          </tspan>
        )}
        {node.folded > 1 && (
          <tspan className="sn t-mid" dx="7">
            ⊞ {node.folded}
          </tspan>
        )}
      </text>
    </>
  );
});

function told(node: Node, ribbons: Ribbon[], journey: Journey): string {
  const onward = ribbons
    .filter((one) => one.source === node.id)
    .slice(0, 2)
    .map((one) =>
      t('{share} go to {name}', { share: pct(one.instances / Math.max(1, node.instances)), name: one.target }),
    )
    .join(', ');
  const felt =
    node.feeling.value === null
      ? ''
      : t('{scale} {value} from {n}. ', {
          scale: journey.scale,
          value: feelingText(node.feeling.value, journey),
          n: int(node.feeling.n),
        });
  return `${node.name}. ${t('{n} instances', { n: int(node.instances) })}. ${onward ? `${onward}. ` : ''}${felt}${t('{n} left here', { n: int(node.left) })}.`;
}

const RANK = { none: 0, drag: 1, harm: 2 };
const Ribbons = memo(function Ribbons({
  ribbons,
  active,
  edge,
  id,
  onEdge,
  onMove,
}: {
  ribbons: Ribbon[];
  active: Active;
  edge: Ribbon | null;
  id: string;
  onEdge: (edge: Ribbon | null) => void;
  onMove: (move: Move) => void;
}) {
  const sorted = useMemo(
    () => [...ribbons].sort((a, b) => RANK[a.harm] - RANK[b.harm] || b.width - a.width),
    [ribbons],
  );
  return (
    <g fill="none">
      {sorted.map((one) => {
        const on = active !== null ? one.source === active || one.target === active : edge ? edge === one : true;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the same is reached by keyboard in the card of a touchpoint
          <path
            key={`${one.source}\n${one.target}`}
            className={`edge ${one.harm} ${one.kind}${on ? '' : ' off'}`}
            d={one.path}
            strokeWidth={one.arrow ? Math.max(2, Math.min(one.width, 11)) : one.width}
            markerEnd={one.arrow ? `url(#a${one.harm}${id})` : undefined}
            onPointerEnter={() => onEdge(one)}
            onPointerLeave={() => onEdge(null)}
            onClick={() => onMove(one)}
          />
        );
      })}
    </g>
  );
});

function Labels({
  ribbons,
  active,
  edge,
  width,
  height,
  compared,
}: {
  ribbons: Ribbon[];
  active: Active;
  edge: Ribbon | null;
  width: number;
  height: number;
  compared: boolean;
}) {
  if (active !== null) return null;
  const rank = { back: 0, forward: 1, same: 2 };
  const worst = ribbons
    .filter((one) => one.harm === 'harm' && one.kind !== 'same')
    .sort((a, b) => rank[a.kind] - rank[b.kind] || b.instances - a.instances)[0];
  const change = worst && compared && worst.before ? worst.instances / worst.before - 1 : null;
  const at = (one: Ribbon) => Math.min(width - 70, Math.max(70, one.x));
  return (
    <g className="elabel" pointerEvents="none">
      {worst && (!edge || edge === worst) && (
        <text x={at(worst)} y={Math.min(height + 2, worst.y + 16)} textAnchor="middle">
          {worst.kind === 'back' ? t('back again') : t('off the planned way')} · {int(worst.instances)}
          {change !== null && Math.abs(change) >= 0.005 && (
            <tspan className={change > 0 ? 't-bad' : 't-good'}>
              {' '}
              {change > 0 ? '▲' : '▼'} {pct(Math.abs(change))}
            </tspan>
          )}
        </text>
      )}
      {edge && edge !== worst && (
        <text x={at(edge)} y={Math.max(12, edge.y - edge.width / 2 - 5)} textAnchor="middle">
          {int(edge.instances)} · {duration(edge.seconds)}
        </text>
      )}
    </g>
  );
}
