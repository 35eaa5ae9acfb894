/** Files to take away: what is drawn as SVG or PNG, what was answered as CSV, Parquet or JSON. */
import { url } from '../api/client';
import { body, type Whom } from './whom';

export function save(name: string, blob: Blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const COPIED = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font',
  'font-size',
  'font-weight',
  'font-family',
  'text-anchor',
  'paint-order',
  'stroke-linejoin',
  'stroke-linecap',
  'fill-opacity',
  'stroke-opacity',
  'display',
  'visibility',
];

/** A copy with its styles written into it. */
function styled(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, i) => {
    const look = getComputedStyle(element);
    const target = to[i] as SVGElement;
    for (const property of COPIED) target.style.setProperty(property, look.getPropertyValue(property));
    for (const name of ['class', 'tabindex', 'role']) target.removeAttribute(name);
  });
  return copy;
}

const LINE = 16;
const made = (name: string, attributes: Record<string, string | number>) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
};

/** The pictures one below the other with a caption of what they show, so that the file stands by itself.

What is written beside a picture on the page (`data-caption`) is written above it here. */
export function drawnAlone(
  pictures: SVGSVGElement[],
  caption: string[],
): { text: string; width: number; height: number } {
  const boxes = pictures.map((svg) => svg.getBoundingClientRect());
  const ink = getComputedStyle(document.body).color;
  const write = (said: string, x: number, y: number) => {
    const text = made('text', { x, y, 'font-size': 11, 'font-family': 'system-ui, sans-serif', fill: ink });
    text.textContent = said;
    root.append(text);
  };
  const titled = pictures.filter((svg) => svg.dataset.caption).length;
  const width = Math.max(...boxes.map((box) => box.width));
  const height = boxes.reduce((a, box) => a + box.height, titled * LINE) + 12 + caption.length * LINE;
  const root = made('svg', { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` });
  const ground = getComputedStyle(document.documentElement).getPropertyValue('background-color') || '#fff';
  root.append(made('rect', { width, height, fill: ground }));
  let y = 0;
  pictures.forEach((svg, i) => {
    if (svg.dataset.caption) {
      write(svg.dataset.caption, 1, y + 12);
      y += LINE;
    }
    const copy = styled(svg);
    copy.setAttribute('y', String(y));
    root.append(copy);
    y += (boxes[i] as DOMRect).height;
  });
  for (const [i, said] of caption.entries()) write(said, 4, y + 18 + i * LINE);
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

export function saveSvg(pictures: SVGSVGElement[], name: string, caption: string[]) {
  save(`${name}.svg`, new Blob([drawnAlone(pictures, caption).text], { type: 'image/svg+xml' }));
}

export async function savePng(pictures: SVGSVGElement[], name: string, caption: string[]) {
  const { text, width, height } = drawnAlone(pictures, caption);
  const source = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * 2;
    canvas.height = height * 2;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
    if (blob) save(`${name}.png`, blob);
  } finally {
    URL.revokeObjectURL(source);
  }
}

export type Asked = { question?: string; metric?: string; fields?: Record<string, unknown>; whom: Whom };

const path = ({ question, metric }: Asked) =>
  metric ? `/api/metrics/${encodeURIComponent(metric)}` : `/api/ask/${question}`;

export const addressOf = (asked: Asked, table?: string) =>
  url(path(asked), {
    ...(asked.fields && Object.keys(asked.fields).length ? { fields: JSON.stringify(asked.fields) } : {}),
    ...asked.whom,
    table,
  });

/** The same question's table as a file, from the server. */
export async function saveTable(asked: Asked, kind: 'csv' | 'parquet' | 'json', table?: string) {
  const accept = { csv: 'text/csv', parquet: 'application/vnd.apache.parquet', json: 'application/json' }[kind];
  const response = await fetch(addressOf(asked, table), { headers: { accept }, credentials: 'same-origin' });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  save(`${asked.question ?? asked.metric}${table ? `-${table}` : ''}.${kind}`, await response.blob());
}

const shell = (text: string) => (/^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const flag = (name: string) => `--${name.replaceAll('_', '-')}`;
const SINGULAR: Record<string, string> = { steps: '--step' };

/** How to ask the same elsewhere. */
export function elsewhere(asked: Asked): { python: string; curl: string; command: string } {
  const name = asked.question ?? (asked.metric as string);
  const { compare, ...whom } = body(asked.whom);
  const given = { ...asked.fields, ...whom, ...(compare ? { compare } : {}) };
  const python = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `    ${key}=${literal(value)},\n`)
    .join('');
  const flags = Object.entries<unknown>({ ...asked.fields, ...whom })
    .filter(([, value]) => value !== undefined && value !== false)
    .flatMap(([key, value]) => {
      if (value === true) return [flag(key)];
      if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
        return value.map((one) => `${SINGULAR[key] ?? flag(key)} ${shell(String(one))}`);
      return [`${flag(key)} ${shell(typeof value === 'object' ? JSON.stringify(value) : String(value))}`];
    });
  for (const [key, value] of Object.entries(compare ?? {})) flags.push(`--compare ${shell(`${key}=${value}`)}`);
  return {
    python: `import desirepath\n\nwith desirepath.open("FOLDER") as ws:\n    answer = ws.${asked.metric ? 'metric' : 'ask'}("${name}",\n${python.replaceAll('\n    ', '\n        ').replace(/^ {4}/, '        ')}    )\n`,
    curl: `curl -H "Authorization: Bearer $DESIREPATH_TOKEN" ${shell(location.origin + addressOf(asked))}`,
    command: ['desirepath ask', name.replaceAll('_', '-'), ...flags].join(' '),
  };
}

function literal(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value as object)
      .map(([key, one]) => `${JSON.stringify(key)}: ${literal(one)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}
