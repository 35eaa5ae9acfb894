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

/** The picture with its styles written into it and a caption of what it shows, so that it stands by itself. */
export function drawnAlone(svg: SVGSVGElement, caption: string[]): { text: string; width: number; height: number } {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, i) => {
    const look = getComputedStyle(element);
    const target = to[i] as SVGElement;
    for (const property of COPIED) target.style.setProperty(property, look.getPropertyValue(property));
    target.removeAttribute('class');
    target.removeAttribute('tabindex');
  });
  const { width, height } = svg.getBoundingClientRect();
  const line = 16;
  const all = height + 12 + caption.length * line;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(all));
  copy.setAttribute('viewBox', `0 0 ${width} ${all}`);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', String(width));
  ground.setAttribute('height', String(all));
  ground.setAttribute(
    'fill',
    getComputedStyle(document.documentElement).getPropertyValue('background-color') || '#fff',
  );
  copy.prepend(ground);
  caption.forEach((said, i) => {
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    text.setAttribute('x', '4');
    text.setAttribute('y', String(height + 18 + i * line));
    text.setAttribute('font-size', '11');
    text.setAttribute('font-family', 'system-ui, sans-serif');
    text.setAttribute('fill', getComputedStyle(document.body).color);
    text.textContent = said;
    copy.append(text);
  });
  return { text: new XMLSerializer().serializeToString(copy), width, height: all };
}

export function saveSvg(svg: SVGSVGElement, name: string, caption: string[]) {
  save(`${name}.svg`, new Blob([drawnAlone(svg, caption).text], { type: 'image/svg+xml' }));
}

export async function savePng(svg: SVGSVGElement, name: string, caption: string[]) {
  const { text, width, height } = drawnAlone(svg, caption);
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
