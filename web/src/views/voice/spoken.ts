/** Which events hold what people say, and how they score: of the maps, of the words for metrics, or by their names. */
import { go, useAddress } from '../../lib/address';
import { useGet } from '../../lib/asking';
import { NONE, pct1, points, signed1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { type Extent, useExtent } from '../../ui/bar';
import { asEvent, asOne, type Known, type KnownMap, stepsOf, useKnown } from '../maps';

/** Events with a score, with words, or with both. */
export type Survey = { label: string; answers: string; text: string; score: string; scale: string };
export type Words = Record<string, string | null>;

export const SCALES: [string, string][] = [
  ['nps', 'NPS'],
  ['csat5', 'CSAT (1 to 5)'],
  ['csat7', 'CSAT (1 to 7)'],
  ['ces7', 'CES (1 to 7)'],
  ['stars', 'Stars'],
];
export const scaleName = (scale: string) => SCALES.find(([name]) => name === scale)?.[1] ?? scale;

/** A score as its scale writes it: points, the share of the satisfied, or a mean. */
export function scoreText(scale: string, x: number | null | undefined): string {
  if (scale === 'nps') return signed1(x);
  return scale.startsWith('csat') ? pct1(x) : dec2(x);
}
const hundredths = new Intl.NumberFormat(document.documentElement.lang || 'en', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
/** Means of a few steps differ in their second place. */
export const dec2 = (x: number | null | undefined) => (x == null ? NONE : hundredths.format(x).replace('-', '−'));
/** What lies between two scores, as it is written. */
export function scoreDifference(scale: string, x: number | null | undefined): string {
  if (scale.startsWith('csat')) return points(x);
  if (scale !== 'nps' && x != null) return `${x > 0 ? '+' : ''}${dec2(x)}`;
  return signed1(x);
}
/** The ends of a scale. */
export function ends(scale: string): [number, number] {
  if (scale === 'nps') return [-100, 100];
  if (scale.startsWith('csat')) return [0, 1];
  if (scale === 'stars') return [1, 5];
  if (scale === 'ces7') return [1, 7];
  const [a, b] = scale.split(' to ').map(Number);
  return [Math.min(a ?? 0, b ?? 10), Math.max(a ?? 0, b ?? 10)];
}

const TEXTS = ['comment', 'text', 'message', 'remark', 'feedback', 'review', 'body', 'verbatim', 'description'];
const SCORES = ['score', 'rating', 'nps', 'stars', 'csat', 'ces'];
const SURVEYS = /survey|review|feedback|rating|\bnps\b|csat|\bces\b|opinion/i;

/** Whether a name or a filter speaks of events that there are. */
export function speaksOf(filter: string | null | undefined, names: string[]): boolean {
  if (!filter) return false;
  const known = new Set(names);
  if (known.has(filter)) return true;
  return [...filter.matchAll(/'((?:[^']|'')*)'/g)].some(([, name]) =>
    known.has((name as string).replaceAll("''", "'")),
  );
}

const first = (wanted: string[], properties: string[]) => wanted.find((name) => properties.includes(name)) ?? '';

/** What the workspace offers, the journey of the chips first. */
export function surveysOf({ maps, chosen, names, properties }: Known, words: Words): Survey[] {
  const text = first(TEXTS, properties);
  const score = first(SCORES, properties);
  const found: Survey[] = [];
  const add = (survey: Survey) => {
    if (!found.some((one) => one.answers === survey.answers && one.score === survey.score)) found.push(survey);
  };
  const ofMap = (map: KnownMap) => {
    for (const asking of map.outline.feedback ?? []) {
      const answers = asOne(asking.event, names, stepsOf(map.outline));
      const scale = asking.scale ?? (asking.score ? 'nps' : '');
      const about = asking.about ?? map.title;
      const label = scale ? t('{scale} about {about}', { scale: scaleName(scale), about }) : about;
      add({ label, answers, text: asking.comment ?? '', score: asking.score ?? '', scale });
    }
  };
  if (chosen) ofMap(chosen);
  for (const scale of ['nps', 'csat', 'ces']) {
    const answers = words[`${scale}_answer`];
    if (!answers || !speaksOf(answers, names)) continue;
    const known = scale === 'nps' ? 'nps' : scale === 'csat' ? 'csat5' : 'ces7';
    add({ label: scaleName(known), answers, text, score: words.score ?? score, scale: known });
  }
  maps.forEach(ofMap);
  for (const name of names.filter((one) => SURVEYS.test(one)).slice(0, 6))
    if (!found.some((one) => one.answers.includes(name)) && (text || score))
      add({ label: name, answers: name, text, score, scale: '' });
  return found;
}

export type Spoken = {
  busy: boolean;
  known: Known;
  words: Words;
  surveys: Survey[];
  survey: Survey;
  map: string;
  extent: Extent | undefined;
  /** How voice, quotes and what_changed take it. */
  fields: Record<string, unknown>;
  put: (survey: Partial<Survey>) => void;
};

/** What the view asks about: of the address, else the first that the workspace offers. */
export function useSpoken(): Spoken {
  const { query } = useAddress();
  const known = useKnown();
  const metrics = useGet<{ words: Words }>('/api/metrics');
  const extent = useExtent();
  const words = metrics.data?.words ?? {};
  const surveys = surveysOf(known, words);
  const given = (name: string) => query.get(name);
  const offered =
    surveys.find((one) => one.answers === given('answers')) ?? (given('answers') ? undefined : surveys[0]);
  const score = given('score') ?? offered?.score ?? first(SCORES, known.properties);
  const unknown = score !== '' && !given('scale') && !offered?.scale;
  const values = useGet<{ value: string; events: number }[]>(
    unknown ? `/api/values?field=${encodeURIComponent(score)}` : null,
  );
  const best = Math.max(0, ...(values.data ?? []).map((one) => Number(one.value)).filter(Number.isFinite));
  const survey: Survey = {
    label: offered?.label ?? '',
    answers: given('answers') ?? offered?.answers ?? '',
    text: given('text') ?? offered?.text ?? first(TEXTS, known.properties),
    score,
    scale: given('scale') ?? (offered?.scale || (best > 0 && best <= 5 ? 'stars' : 'nps')),
  };
  const map = given('places') === 'none' ? '' : (known.chosen?.name ?? '');
  return {
    busy: known.busy || (!metrics.data && !metrics.problem) || (unknown && !values.data && !values.problem),
    known,
    words,
    surveys,
    survey,
    map,
    extent: extent.data,
    fields: fieldsOf(survey, map, known),
    put: (change) => go({ query: Object.fromEntries(Object.entries(change).map(([k, v]) => [k, v || null])) }),
  };
}

/** Without a map, remarks are hung on the events that most people have. */
function fieldsOf(survey: Survey, map: string, known: Known): Record<string, unknown> {
  const others = known.names.filter((name) => !survey.answers.includes(name)).slice(0, 8);
  const touchpoints = others.map((name) => asEvent(name, known.names));
  const places = map ? { map } : touchpoints.length ? { touchpoints } : {};
  const scored = survey.score ? { score: survey.score, scale: survey.scale } : {};
  return { answers: asEvent(survey.answers, known.names), text: survey.text, ...scored, ...places };
}

/** Buckets that are neither too many nor too thin: of the period, or of the whole log. */
export function useEvery(extent: Extent | undefined): 'day' | 'week' | 'month' {
  const { period } = useWhom();
  const days = daysOf(period, extent);
  return days > 130 ? 'month' : days > 20 ? 'week' : 'day';
}

const DAY = 86_400_000;
function daysOf(period: string | undefined, extent: Extent | undefined): number {
  const span = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(period ?? '');
  if (span) return (Date.parse(span[2] as string) - Date.parse(span[1] as string)) / DAY;
  const last = /^last (\d+) (days|weeks|months)$/.exec(period ?? '');
  if (last) return Number(last[1]) * ({ days: 1, weeks: 7, months: 30 }[last[2] as string] ?? 1);
  if (/^\d{4}-\d\d$/.test(period ?? '') || period === 'last month') return 30;
  if (!extent?.first || !extent.last) return 365;
  return (Date.parse(extent.last) - Date.parse(extent.first)) / DAY;
}
