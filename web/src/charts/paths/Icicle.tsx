/** The tree of paths as columns: a column a step, a cell's height its people; every way on lies beside its step. */
import { memo, useEffect, useId, useMemo, useRef, useState } from 'react';
import { int, pct, step, tone } from '../../lib/format';
import { Hatches } from '../plain/ground';
import { fitted } from '../plain/scale';
import { type Cell, each, trail } from './cells';

type Box = { cell: Cell; x: number; y: number; w: number; h: number };
export type Look = {
  root: Cell;
  /** Cells whose ways on are not drawn. */
  folded: ReadonlySet<string>;
  width: number;
  height: number;
  /** Fewer decided than this: no rate is written. */
  few: number;
};

const SMALL = 0.8;

/** Where each cell stands. */
export function place({ root, folded, width, height }: Omit<Look, 'few'>): { boxes: Box[]; columns: number } {
  const unit = height / Math.max(1, root.people);
  let deep = 0;
  each(root, (cell) => {
    if (cell.kind === 'step' && cell.people * unit > 5) deep = Math.max(deep, cell.depth - root.depth);
  });
  const columns = Math.max(2, Math.min(deep + 2, Math.max(3, Math.floor(width / 128)), 9));
  const room = width / columns;
  const boxes: Box[] = [];
  const lay = (cell: Cell, y: number, column: number) => {
    const h = cell.people * unit;
    if (column >= columns || h < SMALL) return;
    const over = shade(cell).startsWith('lf');
    boxes.push({ cell, x: column * room, y, w: over ? Math.min(room, 96) : room, h });
    if (folded.has(cell.key)) return;
    let at = y;
    for (const kid of cell.kids) {
      lay(kid, at, column + 1);
      at += kid.people * unit;
    }
  };
  lay(root, 0, 0);
  return { boxes, columns };
}

/** The colour says how much more or less often they get there than who went on otherwise; grey where chance may say so. */
export function shade(cell: Cell): string {
  if (cell.kind === 'converted') return cell.goal ? 'goal' : 'lf';
  if (cell.kind === 'left') return 'lf';
  if (cell.kind === 'undecided') return 'lf un';
  if (cell.kind === 'more') return 'ot';
  const { more } = cell;
  const tells = more?.value != null && more.low != null && more.high != null && (more.low > 0 || more.high < 0);
  return tells ? tone(step(more.value, 0, 0.3) || Math.sign(more.value as number)) : 'd0';
}

function words(cell: Cell, few: number): string {
  const { decided } = cell.whole;
  return cell.rate?.value != null && decided >= few ? pct(cell.rate.value) : '';
}

const One = memo(function One(given: { box: Box; few: number; hatch: string; folded: boolean }) {
  const { cell, x, y, w, h } = given.box;
  const round = Math.min(5, h / 3);
  const two = h > 34;
  const rate = words(cell, given.few);
  const count = int(cell.people) + (rate ? ` · ${rate}` : '');
  const name = (cell.kind === 'converted' && cell.goal ? '✓ ' : '') + cell.label;
  const over = shade(cell).startsWith('lf');
  const inside = { x: x + 0.75, y: y + 0.5, width: Math.max(1, w - 1.5), height: Math.max(0.7, h - 1), rx: round };
  const mark = given.folded ? ' +' : '';
  return (
    <>
      <rect {...inside} />
      {over && h > 3 && (
        <rect className="hx" {...inside} fill={`url(#${given.hatch}${cell.kind === 'undecided' ? 'u' : ''})`} />
      )}
      {two && (
        <>
          <text x={x + 8} y={y + Math.min(h / 2, 22) - 2} className="nm">
            {fitted(name + mark, w - 16, 12, 600)}
          </text>
          <text x={x + 8} y={y + Math.min(h / 2, 22) + 14} className="ct">
            {fitted(count, w - 16, 12)}
          </text>
        </>
      )}
      {!two && h > 14.5 && (
        <text x={x + 8} y={y + h / 2 + 4} className="nm sm">
          {fitted(name + mark, w - 22 - int(cell.people).length * 7, 11.5, 560)}{' '}
          <tspan className="ct">{int(cell.people)}</tspan>
        </text>
      )}
    </>
  );
});

export function Icicle(
  given: Look & {
    name: string;
    picked: string;
    say: (cell: Cell) => string;
    onPick: (cell: Cell) => void;
    /** Go to the cell alone, or back from it. */
    onOpen: (cell: Cell) => void;
    onFold: (cell: Cell) => void;
    onPoint: (cell: Cell | null, at?: DOMRect) => void;
  },
) {
  const { root, folded, width, height, few, picked } = given;
  const hatch = `h${useId().replace(/\W/g, '')}`;
  const svg = useRef<SVGSVGElement>(null);
  const [here, set] = useState<Cell | null>(null);
  const { boxes, columns } = useMemo(() => place({ root, folded, width, height }), [root, folded, width, height]);
  const drawn = useMemo(() => new Map(boxes.map((box) => [box.cell.key, box])), [boxes]);
  const tab = drawn.has(picked) ? picked : root.key;
  const lit = useMemo(() => (here ? new Set(trail(here).map((cell) => cell.key)) : null), [here]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tree has other cells
  useEffect(() => {
    set(null);
    given.onPoint(null);
  }, [root]);
  const point = (cell: Cell | null, element?: Element) => {
    set(cell);
    given.onPoint(cell, element?.getBoundingClientRect());
  };
  const focus = (cell: Cell | null | undefined) => {
    if (!cell || !drawn.has(cell.key)) return;
    given.onPick(cell);
    requestAnimationFrame(() =>
      svg.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(cell.key)}"]`)?.focus(),
    );
  };
  const key = (event: React.KeyboardEvent, cell: Cell) => {
    const beside = cell === root ? [cell] : (cell.parent?.kids ?? [cell]);
    const at = beside.indexOf(cell);
    const to: Record<string, Cell | null | undefined> = {
      ArrowRight: cell.kids[0],
      ArrowLeft: cell === root ? null : cell.parent,
      ArrowDown: beside[at + 1],
      ArrowUp: beside[at - 1],
      Home: root,
    };
    if (event.key in to) {
      event.preventDefault();
      focus(to[event.key]);
    } else if (event.key === 'Enter') given.onOpen(cell);
    else if (event.key === ' ') given.onFold(cell);
    else if (event.key === 'Escape') {
      point(null);
      if (root.parent) given.onOpen(root);
    } else return;
    event.preventDefault();
  };
  return (
    <svg
      ref={svg}
      className="icicle"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree that is drawn is still a tree
      role="tree"
      aria-label={given.name}
      onPointerLeave={() => point(null)}
    >
      <Hatches id={hatch} />
      {boxes.map((box) => {
        const { cell } = box;
        const off = lit && !lit.has(cell.key) && here && !trail(cell).includes(here);
        const steps = cell.kids.length > 0;
        return (
          <g
            key={cell.key}
            data-key={cell.key}
            className={`cell ${shade(cell)}${off ? ' off' : ''}${picked === cell.key ? ' on' : ''}`}
            role="treeitem"
            aria-level={cell.depth - root.depth + 1}
            aria-selected={picked === cell.key}
            {...(steps ? { 'aria-expanded': !folded.has(cell.key) } : {})}
            tabIndex={tab === cell.key ? 0 : -1}
            aria-label={given.say(cell)}
            onPointerEnter={(event) => point(cell, event.currentTarget)}
            onFocus={(event) => event.currentTarget.matches(':focus-visible') && point(cell, event.currentTarget)}
            onBlur={() => point(null)}
            onKeyDown={(event) => key(event, cell)}
            onClick={() => given.onPick(cell)}
            onDoubleClick={() => given.onOpen(cell)}
          >
            <One box={box} few={few} hatch={hatch} folded={steps && folded.has(cell.key)} />
          </g>
        );
      })}
      {Array.from({ length: columns - 1 }, (_, i) => (
        <line
          // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other key
          key={i}
          className="rule"
          x1={(width / columns) * (i + 1)}
          x2={(width / columns) * (i + 1)}
          y1={0}
          y2={height}
        />
      ))}
    </svg>
  );
}
