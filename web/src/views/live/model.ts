/** The last half hour as the server tells it, and what it says in a sentence. */
import type { Asked } from '../../lib/export';
import { int, moment } from '../../lib/format';
import { plural, t } from '../../lib/i18n';

export type Minute = { at: string; events: number; people: number };
export type Count = { events: number; people: number };
export type Stuck = {
  touchpoint: string;
  stage?: string | null;
  waiting: number;
  longer_than_usual: number | null;
  usual_seconds?: number | null;
};
export type Way = {
  map: string;
  title?: string;
  stages: { stage: string; now: number }[];
  stuck: Stuck[];
};
export type Now = {
  now: string;
  /** When the newest event of all happened. */
  last: string | null;
  events?: number;
  people?: number;
  minutes: Minute[];
  names: ({ name: string } & Count)[];
  channels: ({ channel: string } & Count)[];
  journeys: Way[];
};

const MINUTE = 60_000;
const iso = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z');

/** The half hour as a period that any question takes; its end is left out. */
export function periodOf(minutes: Minute[]): string {
  const first = minutes[0]?.at ?? '';
  const last = minutes.at(-1)?.at ?? first;
  return `${iso(Date.parse(first))}..${iso(Date.parse(last) + MINUTE)}`;
}

/** People with any event in the minutes, or with one that fits. */
export const askedOf = (minutes: Minute[], event?: string): Asked => ({
  question: 'measure',
  fields: event ? { event } : {},
  whom: { period: periodOf(minutes) },
});

/** How long ago, in the words of the reader's language. */
export function ago(seconds: number): string {
  const locale = document.documentElement.lang || 'en';
  const write = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const steps: [Intl.RelativeTimeFormatUnit, number, number][] = [
    ['second', 1, 90],
    ['minute', 60, 5400],
    ['hour', 3600, 129_600],
    ['day', 86_400, 5_184_000],
    ['month', 2_629_800, 63_115_200],
  ];
  const [unit, size] = steps.find(([, , most]) => seconds < most) ?? ['year' as const, 31_557_600];
  return write.format(-Math.max(0, Math.round(seconds / size)), unit);
}

export function finding(now: Now, zone: string): string {
  const events = now.minutes.reduce((a, minute) => a + minute.events, 0);
  if (events === 0) {
    if (!now.last) return t('There are no events yet.');
    const seconds = (Date.parse(now.now) - Date.parse(now.last)) / 1000;
    return t('Nothing came in the last {n} minutes. The last event happened {ago}, on {at}.', {
      n: now.minutes.length,
      ago: ago(seconds),
      at: moment(now.last, zone),
    });
  }
  const top = now.channels[0];
  const n = now.minutes.length;
  const head =
    now.people != null
      ? plural(
          now.people,
          '{n} person did {events} things in the last {m} minutes',
          '{n} people did {events} things in the last {m} minutes',
          {
            events: int(events),
            m: n,
          },
        )
      : plural(events, '{n} event in the last {m} minutes', '{n} events in the last {m} minutes', { m: n });
  return top && now.channels.length > 1
    ? t('{head}, most of them on {channel}.', { head, channel: top.channel })
    : `${head}.`;
}
