/** What is known of a person, as the server tells it, and how their events are put together by visit and day. */
import type { Spot } from '../../charts/people/layout';
import { dec, int, money } from '../../lib/format';
import { t } from '../../lib/i18n';

export type Known = {
  handle: string;
  label: string;
  since: string | null;
  last: string | null;
  events: number;
  sessions: number | null;
  value: number | null;
  currency?: string | null;
};
export type Listed = Known & { channels: string[] };
export type Found = { total: number | null; found: 'identity' | 'label' | 'recent'; people: Listed[] };
export type Person = Known & {
  channels: { channel: string; events: number }[];
  segments: string[];
  /** How many identities of each kind; never which. */
  why: { kind: string; strength: string | null; n: number }[];
  /** What evidence joined them, and how often it was seen. */
  joined?: { by: string; n: number; first: string | null }[];
  conflicts?: number;
  mood: { at: string; value: number }[];
  /** How often they said something, in words or by a score: as many marks of the picture. */
  said: number;
};
export type Event = {
  at: string;
  session: number | null;
  name: string;
  channel: string | null;
  source: string | null;
  value: number | null;
  currency?: string | null;
  /** What the value is, as maps and metrics say. */
  amount: 'revenue' | 'cost' | null;
  entity: string | null;
  detail: string | null;
  quote: string | null;
  sentiment: number | null;
  score?: number | null;
  scale?: string | null;
  /** So many of the same in a row are this line. */
  repeat: number;
};
export type Page = { rows: Event[]; before: string | null; after: string | null };
export type Order = 'newest' | 'oldest';

/** One moment of the server, in milliseconds; one without a zone is of UTC. */
export const timeOf = (at: string) => Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(at) ? at : `${at.replace(' ', 'T')}Z`);

const locale = document.documentElement.lang || 'en';
const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  formats.set(key, known);
  return known;
}
export const shortDay = (time: number, zone: string) => format(zone, { day: 'numeric', month: 'short' }).format(time);
export const longDay = (time: number, zone: string) =>
  format(zone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).format(time);
export const clock = (time: number, zone: string) => format(zone, { hour: '2-digit', minute: '2-digit' }).format(time);

export type Visit = {
  key: string;
  /** The number of the visit; null where events lie in none. */
  session: number | null;
  day: string;
  /** Indices of the rows. */
  rows: number[];
  first: number;
  last: number;
  /** Whole days that nothing happened between this visit and the one below. */
  quiet: number;
};

const DAY = 86_400_000;

/** Rows, in either order, by visit and day. */
export function visitsOf(rows: Event[], zone: string): Visit[] {
  const found: Visit[] = [];
  rows.forEach((row, i) => {
    const time = timeOf(row.at);
    const day = longDay(time, zone);
    const last = found.at(-1);
    if (last && last.day === day && last.session === row.session) {
      last.rows.push(i);
      last.first = Math.min(last.first, time);
      last.last = Math.max(last.last, time);
      return;
    }
    if (last) last.quiet = Math.floor(Math.max(last.first - time, time - last.last) / DAY);
    found.push({ key: `${i}`, session: row.session, day, rows: [i], first: time, last: time, quiet: 0 });
  });
  return found;
}

export const scoreText = (row: Event) =>
  row.score == null ? null : Number.isInteger(row.score) ? int(row.score) : dec(row.score);

/** What an amount is, in words: what something costs is not what it brings in. */
export function amountText(row: Event, currency: string): string | null {
  if (row.value === null) return null;
  const back = row.value < 0;
  const x = money(row.amount === null ? row.value : Math.abs(row.value), row.currency ?? currency);
  if (row.amount === 'cost') return back ? t('cost given back {x}', { x }) : t('costs us {x}', { x });
  if (row.amount === 'revenue') return back ? t('given back {x}', { x }) : t('brings in {x}', { x });
  return t('amount {x}', { x });
}

const sideOf = (row: Event): Spot['amount'] => {
  if (row.value === null || row.value === 0) return null;
  if (row.amount === null) return 'amount';
  return (row.amount === 'cost') === row.value > 0 ? 'cost' : 'income';
};

/** Events as the picture takes them, oldest first. */
export function spotsOf(rows: Event[], zone: string, nowhere: string, order: Order): Spot[] {
  const spots = rows.map((row, i): Spot => {
    const time = timeOf(row.at);
    return {
      row: i,
      time,
      visit: row.session === null ? longDay(time, zone) : `visit ${row.session}`,
      channel: row.channel ?? nowhere,
      name: row.name,
      repeat: row.repeat,
      sentiment: row.sentiment,
      score: scoreText(row),
      said: row.quote !== null || row.score != null,
      amount: sideOf(row),
    };
  });
  return order === 'newest' ? spots.reverse() : spots;
}

/** Pictograms of channels that have one. */
const ICONS: Record<string, string> = {
  web: 'web',
  app: 'app',
  mobile: 'app',
  email: 'email',
  'e-mail': 'email',
  mail: 'email',
  phone: 'phone',
  call: 'phone',
  chat: 'chat',
  store: 'store',
  shop: 'store',
  field: 'field',
  partner: 'partner',
  survey: 'survey',
  billing: 'value',
};
export const channelIcon = (channel: string | null) => ICONS[(channel ?? '').toLowerCase()] ?? 'bolt';
