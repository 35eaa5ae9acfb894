/** Where everything stands in the drawn journey: stages are columns, the busiest touchpoints form one straight road. */
import { wide } from '../plain/scale';
import type { Journey, Move, Stage, Touchpoint } from './model';

export type Column = { x: number; stage: string; column: number; width: number };
export type Node = Touchpoint & { x: number; y: number; width: number; height: number; place: number };
export type Ribbon = Move & { path: string; width: number; x: number; y: number; arrow: boolean };
export type Span = { stage: Stage; from: number; to: number };

const GAP = 24;
const CARD = 136;
/** Below this a touchpoint's name no longer fits: the map scrolls sideways instead. */
export const LEAST_COLUMN = 122;

/** Width in px of a touchpoint's name. */
const named = (text: string) => wide(text, 12, 580);

/** A text in at most two lines that fit, the rest cut with an ellipsis. */
export function wrap(text: string, px: number): string[] {
  const given = text.length > 200 ? text.slice(0, 200) : text;
  if (named(given) <= px) return [given];
  const lines: string[] = [''];
  for (const word of given.split(' ')) {
    const last = lines.length - 1;
    const longer = `${lines[last]} ${word}`.trim();
    if (!lines[last] || named(longer) <= px) lines[last] = longer;
    else lines.push(word);
  }
  const cut = lines.length > 2;
  return lines.slice(0, 2).map((line, i) => {
    let text = line;
    const more = i === 1 && cut ? '…' : '';
    while (text.length > 2 && named(text + (text === line ? more : '…')) > px) text = text.slice(0, -1);
    return text === line ? line + more : `${text}…`;
  });
}

export function columnsOf(journey: Journey, width: number): { columns: Column[]; spans: Span[] } {
  const parts = journey.stages.map((stage) => {
    const columns = [
      ...new Set(journey.touchpoints.filter((one) => one.stage === stage.name).map((one) => one.column)),
    ].sort((a, b) => a - b);
    return { stage, columns: columns.length ? columns : [0] };
  });
  const weights = parts.map(({ columns }) => (columns.length > 1 ? columns.length * 0.96 : 1.08));
  const total = weights.reduce((a, b) => a + b, 0);
  const columns: Column[] = [];
  const spans: Span[] = [];
  let x = 0;
  parts.forEach((part, i) => {
    const wide = (width * (weights[i] as number)) / total;
    const n = part.columns.length;
    part.columns.forEach((column, c) => {
      columns.push({ x: x + (wide * (c + 0.5)) / n, stage: part.stage.name, column, width: wide / n });
    });
    spans.push({ stage: part.stage, from: x, to: x + wide });
    x += wide;
  });
  return { columns, spans };
}

type Drawn = { nodes: Map<string, Node>; ribbons: Ribbon[]; spans: Span[]; columns: Column[] };

/** Heights by instances, as large as fit; the busiest of each column on one line. */
function standing(journey: Journey, columns: Column[], height: number): { nodes: Map<string, Node>; scale: number } {
  const inColumn = columns.map((c) =>
    journey.touchpoints.filter((one) => one.stage === c.stage && one.column === c.column),
  );
  const wide = (c: Column) => Math.min(CARD, c.width - 32);
  const high = (one: Touchpoint, c: Column, scale: number) =>
    Math.max(named(one.name) > wide(c) - 20 ? 58 : 44, one.instances * scale);
  const place = (scale: number) => {
    const main = inColumn.map((all) =>
      all.reduce<Touchpoint | null>((a, one) => (a && a.instances >= one.instances ? a : one), null),
    );
    const road = 4 + Math.max(...main.map((one, i) => (one ? high(one, columns[i] as Column, scale) / 2 : 0)));
    const rows = inColumn.map((all, i) => {
      const heights = all.map((one) => high(one, columns[i] as Column, scale));
      const at = all.indexOf(main[i] as Touchpoint);
      let y = road - (heights[at] ?? 0) / 2 - heights.slice(0, Math.max(0, at)).reduce((a, h) => a + h + GAP, 0);
      return heights.map((h) => {
        const row = { y, h };
        y += h + GAP;
        return row;
      });
    });
    const all = rows.flat();
    return { rows, bottom: Math.max(...all.map((r) => r.y + r.h)), top: Math.min(...all.map((r) => r.y)) };
  };
  const most = Math.max(1, ...journey.touchpoints.map((one) => one.instances));
  let low = 0;
  let top = height / most;
  for (let i = 0; i < 24; i++) {
    const middle = (low + top) / 2;
    const placed = place(middle);
    if (placed.bottom > height - 4 || placed.top < 2) top = middle;
    else low = middle;
  }
  const scale = Math.min(low, 118 / most);
  const placed = place(scale);
  const shift = Math.max(0, 2 - placed.top);
  const nodes = new Map<string, Node>();
  columns.forEach((c, i) => {
    inColumn[i]?.forEach((one, j) => {
      const row = placed.rows[i]?.[j] as { y: number; h: number };
      const width = wide(c);
      nodes.set(one.id, { ...one, x: c.x - width / 2, y: row.y + shift, width, height: row.h, place: i });
    });
  });
  return { nodes, scale };
}

/** Where ribbons leave and enter: side by side, in the order of where they go, so that they cross little. */
function ports(nodes: Map<string, Node>, moves: Move[], scale: number, side: 'source' | 'target'): Map<Move, number> {
  const other = side === 'source' ? 'target' : 'source';
  const middle = (id: string) => {
    const node = nodes.get(id) as Node;
    return node.y + node.height / 2;
  };
  const found = new Map<Move, number>();
  for (const node of nodes.values()) {
    const mine = moves
      .filter((move) => move[side] === node.id && move.kind === 'forward')
      .sort((a, b) => middle(a[other]) - middle(b[other]));
    let y = middle(node.id) - mine.reduce((a, move) => a + thick(move, scale), 0) / 2;
    for (const move of mine) {
      const width = thick(move, scale);
      found.set(move, y + width / 2);
      y += width;
    }
  }
  return found;
}
const thick = (move: Move, scale: number) => Math.max(1.5, move.instances * scale);

function ribbon(
  move: Move,
  nodes: Map<string, Node>,
  out: Map<Move, number>,
  into: Map<Move, number>,
  scale: number,
  height: number,
): Ribbon {
  const a = nodes.get(move.source) as Node;
  const b = nodes.get(move.target) as Node;
  const width = thick(move, scale);
  if (move.kind === 'forward') {
    const [x0, x1, y0, y1] = [a.x + a.width, b.x, out.get(move) as number, into.get(move) as number];
    const bend = Math.max(18, (x1 - x0) * 0.5);
    // what passes a column in between swings around its main road
    return {
      ...move,
      width,
      arrow: false,
      path: `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`,
      x: (x0 + x1) / 2,
      y: (y0 + y1) / 2,
    };
  }
  if (move.kind === 'same') {
    const down = b.y > a.y;
    const x = a.x + a.width * (down ? 0.62 : 0.3);
    const [y0, y1] = [down ? a.y + a.height : a.y, down ? b.y : b.y + b.height];
    const [high, low] = [Math.min(y0, y1), Math.max(y0, y1)];
    const between = [...nodes.values()].some(
      (one) => one !== a && one !== b && one.place === a.place && one.y < low && one.y + one.height > high,
    );
    if (between) {
      // round the cards that stand between, on the side where the way on leaves room
      const [side, out] = [a.x + a.width, a.x + a.width + 26 + width / 2];
      const [from, to] = [down ? a.y + a.height * 0.82 : a.y + a.height * 0.3, b.y + b.height / 2];
      return {
        ...move,
        width,
        arrow: true,
        path: `M${side} ${from}C${out} ${from} ${out} ${to} ${b.x + b.width + 7} ${to}`,
        x: out - 6,
        y: (from + to) / 2,
      };
    }
    return { ...move, width, arrow: true, path: `M${x} ${y0}L${x} ${y1 + (down ? -6 : 6)}`, x, y: (y0 + y1) / 2 };
  }
  const column = [...nodes.values()].filter((one) => one.place === a.place);
  const main = column.reduce((x, one) => (one.instances > x.instances ? one : x));
  const to = b.x + b.width * 0.55;
  if (a === main || a.y > main.y) {
    const y = Math.min(height + 6, Math.max(a.y + a.height, b.y + b.height) + 40);
    // a card that others hang under is left by its side, so that the way back does not cross them
    const beside = column.some((one) => one.y > a.y);
    const [x0, y0] = beside ? [a.x, a.y + a.height * 0.8] : [a.x + a.width * 0.5, a.y + a.height];
    const bend = beside ? `${x0 - 46} ${y0 + 8} ${x0 - 60} ${y} ${(x0 + to) / 2} ${y}S` : `${x0} ${y + 6} `;
    return {
      ...move,
      width,
      arrow: true,
      path: `M${x0} ${y0}C${bend}${to} ${y + 6} ${to} ${b.y + b.height + 7}`,
      x: (x0 + to) / 2,
      y: y - 4,
    };
  }
  const from = a.x + a.width * 0.5;
  const y = Math.max(-4, Math.min(a.y, b.y) - 34);
  return {
    ...move,
    width,
    arrow: true,
    path: `M${from} ${a.y}C${from} ${y} ${to} ${y} ${to} ${b.y - 7}`,
    x: (from + to) / 2,
    y: y + 8,
  };
}

export function layout(journey: Journey, moves: Move[], width: number, height: number): Drawn {
  const { columns, spans } = columnsOf(journey, width);
  const { nodes, scale } = standing(journey, columns, height);
  const known = moves.filter((move) => nodes.has(move.source) && nodes.has(move.target));
  const [out, into] = [ports(nodes, known, scale, 'source'), ports(nodes, known, scale, 'target')];
  return { nodes, columns, spans, ribbons: known.map((move) => ribbon(move, nodes, out, into, scale, height)) };
}
