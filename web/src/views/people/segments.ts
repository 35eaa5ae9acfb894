/** Segments: what each means in words, and how one that is put together on the page is asked for and saved. */
import type { Asked } from '../../lib/export';
import { t } from '../../lib/i18n';
import type { Whom } from '../../lib/whom';
import { condition } from '../../ui/filter';

export type Segment = {
  name: string;
  size: number | null;
  /** People with an event that fits; or the people behind a number of a question. */
  where?: string | null;
  question?: string | null;
  fields?: Record<string, unknown> | null;
  asked_of?: Record<string, unknown> | null;
  which?: Record<string, unknown> | null;
  /** Whether people or accounts are in it. */
  unit?: string;
  /** Why its people cannot be found at present. */
  problem?: string | null;
};

export type Condition = { field: string; test: string; value: string };
export type Kind = 'event' | 'then' | 'not';
export type Draft = {
  kind: Kind;
  conditions: Condition[];
  /** All conditions of one event, or any of them. */
  join: 'and' | 'or';
  /** The filter written by hand, in place of the conditions. */
  own: string | null;
  first: string;
  second: string;
  number: string;
  unit: string;
  /** Of whom: a segment, or `not` and a segment; everybody if empty. */
  whom: string;
};

export const EMPTY: Condition = { field: 'name', test: '=', value: '' };
export const FRESH: Draft = {
  kind: 'event',
  conditions: [EMPTY],
  join: 'and',
  own: null,
  first: '',
  second: '',
  number: '7',
  unit: 'days',
  whom: '',
};
export const UNITS = ['minutes', 'hours', 'days', 'weeks'];

/** What the workspace takes as a segment's name. */
export const NAME = '(?![nN][oO][tT]\\b)[\\p{L}\\p{N}_][\\p{L}\\p{N}_ .,+%\\-]{0,79}';
export const named = (name: string) =>
  new RegExp(`^${NAME}$`, 'u').test(name) && !['true', 'false'].includes(name.toLowerCase());

export const complete = (one: Condition) =>
  one.field.trim() !== '' && (one.test.endsWith('missing') || one.value.trim() !== '');

/** The filter of a draft; null while a condition is not complete. */
export function filterOf(draft: Draft): string | null {
  if (draft.own !== null) return draft.own.trim() || null;
  if (!draft.conditions.length || !draft.conditions.every(complete)) return null;
  const written = draft.conditions.map((one) => condition(one.field, one.test, one.value));
  return written.length === 1 ? (written[0] as string) : written.map((one) => `(${one})`).join(` ${draft.join} `);
}

export const windowOf = (draft: Draft): string | null => {
  const n = Number(draft.number);
  return Number.isInteger(n) && n > 0 ? `${n} ${draft.unit}` : null;
};

/** The question whose people a draft means, and which of them; null while it is not complete. */
export function askedOf(draft: Draft): { asked: Asked; which: Record<string, unknown> } | null {
  const whom: Whom = draft.whom ? { cohort: draft.whom } : {};
  if (draft.kind === 'event') {
    const filter = filterOf(draft);
    if (!filter) return null;
    return { asked: { question: 'measure', fields: { event: filter }, whom }, which: { did: 'yes' } };
  }
  const window = windowOf(draft);
  if (!draft.first || !draft.second || !window) return null;
  const fields = { steps: [draft.first, draft.second], window };
  const which = draft.kind === 'then' ? { step: 2, outcome: 'reached' } : { step: 1, outcome: 'dropped' };
  return { asked: { question: 'funnel', fields, whom }, which };
}

/** What is written to the server; people of everybody with an event are saved as their filter alone. */
export function savedAs(draft: Draft): Record<string, unknown> | null {
  const found = askedOf(draft);
  if (!found) return null;
  if (draft.kind === 'event' && !draft.whom) return { filter: filterOf(draft) };
  const { question, fields, whom } = found.asked;
  return { question, fields, ...whom, which: found.which };
}

/** What questions are asked with where nothing else is said. */
const USUAL: Record<string, unknown> = {
  order: 'ordered',
  entry: 'any',
  excluded: 'end_chain',
  rates: 'closed',
  distinct: true,
  grace: '0 seconds',
  instead_within: '24 hours',
  instead_top: 5,
  unit: 'person',
  sample: 1,
};
const OWN = ['steps', 'window', 'event', 'cohort', 'cutoff'];

/** What a segment's question says beyond what is usual; the end of the data of its day says nothing. */
const further = (given: Record<string, unknown> | null | undefined) =>
  Object.entries(given ?? {}).filter(
    ([key, value]) =>
      !OWN.includes(key) && value != null && value !== USUAL[key] && !(Array.isArray(value) && value.length === 0),
  );

/** A saved segment as a draft, where it is of a kind that is put together here. */
export function draftOf(segment: Segment): Draft | null {
  if (segment.where) return { ...FRESH, own: segment.where };
  const fields = segment.fields ?? {};
  const which = segment.which ?? {};
  const of = segment.asked_of ?? {};
  const whom = typeof of.cohort === 'string' && of.cohort !== 'true' ? of.cohort : '';
  if (further(fields).length || further(of).length) return null;
  if (segment.question === 'measure' && which.did === 'yes' && typeof fields.event === 'string')
    return { ...FRESH, own: fields.event, whom };
  const steps = fields.steps;
  if (segment.question !== 'funnel' || !Array.isArray(steps) || steps.length !== 2) return null;
  const kind =
    which.step === 1 && which.outcome === 'dropped'
      ? 'not'
      : which.step === 2 && which.outcome === 'reached'
        ? 'then'
        : null;
  const time = /^(\d+) (minutes?|hours?|days?|weeks?)$/.exec(String(fields.window ?? '30 days'));
  const [first, second] = steps as unknown[];
  if (!kind || !time || typeof first !== 'string' || typeof second !== 'string') return null;
  const unit = (time[2] as string).replace(/s?$/, 's');
  return { ...FRESH, kind, first, second, number: time[1] as string, unit, whom };
}

const written = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.map(written).join(' → ') : JSON.stringify(value);

/** What a segment means, in words. */
export function meaning(segment: Segment): string {
  if (segment.where) return t('With an event that fits: {filter}', { filter: segment.where });
  const draft = draftOf(segment);
  const of = draft?.whom ? ` ${t('Of {whom}.', { whom: draft.whom })}` : '';
  if (draft?.kind === 'event') return t('With an event that fits: {filter}', { filter: draft.own ?? '' }) + of;
  if (draft) {
    const slots = { first: draft.first, second: draft.second, window: windowOf(draft) ?? '' };
    return draft.kind === 'then'
      ? t('Did “{first}”, then “{second}” within {window}.', slots) + of
      : t('Did “{first}”, then not “{second}” within {window}.', slots) + of;
  }
  const told = (all: [string, unknown][]) => all.map(([key, value]) => `${key}: ${written(value)}`);
  const steps = segment.fields?.steps ?? segment.fields?.event;
  return t('Behind a number of {question}: {which}', {
    question: segment.question?.replaceAll('_', ' ') ?? '',
    which: [
      ...told(Object.entries(segment.which ?? {})),
      ...(steps ? [written(steps)] : []),
      ...told(further(segment.fields)),
      ...told(further(segment.asked_of)),
      ...(segment.asked_of?.cohort ? [written(segment.asked_of.cohort)] : []),
    ].join(', '),
  });
}
