/** What the plain charts share: round ticks, smooth lines that never overshoot, text that fits, labels that keep apart. */

/** Round numbers from `low` to `high`, about `most` of them. */
export function ticks(low: number, high: number, most = 5): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((n) => n * power >= rough * 0.999) as number) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A domain around the values, with zero in it where asked, that ends on ticks. */
export function around(values: (number | null | undefined)[], zero = false, most = 5): [number, number] {
  const known = values.filter((x): x is number => x != null && Number.isFinite(x));
  if (zero) known.push(0);
  if (!known.length) return [0, 1];
  let low = Math.min(...known);
  let high = Math.max(...known);
  // what differs in the last digits alone is the same: a step between ticks would be nothing
  if (high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))) {
    low -= Math.abs(low) * 0.1 || 0.5;
    high += Math.abs(high) * 0.1 || 0.5;
  }
  const marks = ticks(low, high, most);
  const step = marks.length > 1 ? (marks[1] as number) - (marks[0] as number) : high - low;
  return [
    Number((Math.floor(low / step + 1e-9) * step).toPrecision(12)),
    Number((Math.ceil(high / step - 1e-9) * step).toPrecision(12)),
  ];
}

export type At = readonly [number, number];

/** A smooth line through points from left to right (monotone cubic, Fritsch and Carlson 1980). */
export function monotone(points: At[]): string {
  const n = points.length;
  const at = (i: number) => points[i] as At;
  if (n === 0) return '';
  if (n === 1) return `M${at(0)[0]} ${at(0)[1]}h0.01`;
  const dx = Array.from({ length: n - 1 }, (_, i) => at(i + 1)[0] - at(i)[0] || 1e-6);
  const slope = dx.map((d, i) => (at(i + 1)[1] - at(i)[1]) / d);
  const turn = [slope[0] as number];
  for (let i = 1; i < n - 1; i++) {
    const [a, b, u, v] = [slope[i - 1], slope[i], dx[i - 1], dx[i]] as [number, number, number, number];
    turn.push(a * b <= 0 ? 0 : (3 * (u + v)) / ((2 * v + u) / a + (v + 2 * u) / b));
  }
  turn.push(slope[n - 2] as number);
  let d = `M${at(0)[0]} ${at(0)[1]}`;
  for (let i = 0; i < n - 1; i++) {
    const h = (dx[i] as number) / 3;
    const [x0, y0, x1, y1] = [...at(i), ...at(i + 1)] as [number, number, number, number];
    d += `C${x0 + h} ${y0 + (turn[i] as number) * h} ${x1 - h} ${y1 - (turn[i + 1] as number) * h} ${x1} ${y1}`;
  }
  return d;
}

/** The area between an upper and a lower edge, both from left to right. */
export function area(upper: At[], lower: At[]): string {
  if (upper.length < 2) return '';
  const back = [...lower].reverse().map(([x, y]) => `L${x} ${y}`);
  return `${straight(upper)}${back.join('')}Z`;
}
export const straight = (points: At[]) => points.map(([x, y], i) => `${i ? 'L' : 'M'}${x} ${y}`).join('');

let pen: CanvasRenderingContext2D | null = null;
const widths = new Map<string, number>();
export function wide(text: string, size = 12, weight = 400): number {
  const key = `${size}/${weight}/${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  pen ??= document.createElement('canvas').getContext('2d');
  let found = text.length * size * 0.55;
  if (pen) {
    pen.font = `${weight} ${size}px "Inter Variable", Inter, system-ui, sans-serif`;
    found = pen.measureText(text).width;
  }
  if (widths.size > 5000) widths.clear();
  widths.set(key, found);
  return found;
}

/** The text, or as much of it as fits. */
export function fitted(text: string, room: number, size = 12, weight = 400): string {
  if (wide(text, size, weight) <= room) return text;
  const all = [...text];
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (wide(`${all.slice(0, middle).join('')}…`, size, weight) <= room) low = middle;
    else high = middle - 1;
  }
  return low ? `${all.slice(0, low).join('').trimEnd()}…` : '';
}

/** The text in lines that fit; the last one is cut. */
export function inLines(text: string, room: number, most: number, size = 12): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && wide(`${last} ${word}`, size) <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const kept = lines.slice(0, most);
  if (lines.length > most) kept[most - 1] = lines.slice(most - 1).join(' ');
  return kept.map((line) => fitted(line, room, size));
}

/** The heights moved as little as needed so that each is `gap` from the next, within `low` and `high`. */
export function apart(heights: number[], gap: number, low: number, high: number): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => (heights[a] as number) - (heights[b] as number));
  const found = heights.map((y) => Math.max(low, Math.min(high, y)));
  for (let k = 1; k < order.length; k++) {
    const [before, here] = [order[k - 1] as number, order[k] as number];
    found[here] = Math.max(found[here] as number, (found[before] as number) + gap);
  }
  let most = high;
  for (let k = order.length - 1; k >= 0; k--) {
    const here = order[k] as number;
    found[here] = Math.min(found[here] as number, most);
    most = (found[here] as number) - gap;
  }
  return found;
}

/** Every how many labels one is shown, so that they do not touch. */
export function every(labels: string[], room: number, size = 11): number {
  const widest = Math.max(1, ...labels.map((label) => wide(label, size)));
  return Math.max(1, Math.ceil((widest + 10) / Math.max(1, room)));
}
