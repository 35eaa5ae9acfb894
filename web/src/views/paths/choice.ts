/** What the view of paths asks: from where to where, which way round, how far, which events; from the address or the map. */
import { go, useAddress } from '../../lib/address';
import { plural, t } from '../../lib/i18n';
import { listed, listOf } from '../../ui/names';
import { asEvent, asOne, type Events, eventOf, type Known, type Outline, stepsOf, useKnown } from '../maps';

export type Direction = 'forward' | 'backward' | 'around';
export type Choice = {
  known: Known;
  start: string;
  end: string;
  window: string;
  direction: Direction;
  length: number;
  hide: string[];
  only: string[];
  collapse: boolean;
  most: number;
  unit: 'person' | 'session';
  /** The fields as the question takes them. */
  fields: Record<string, unknown>;
};

/** In the address: no start, no end, although the map suggests one. */
export const NONE = '*';
const MOST = 40;

type Begun = Outline & { starts?: Events; gives_up_after?: string };

/** What the map suggests: its start, its goal, how long it takes at most. */
export function suggested(known: Known): { start: string; end: string; window: string } {
  const outline = known.chosen?.outline as Begun | undefined;
  if (!outline) return { start: '', end: '', window: '30 days' };
  const steps = stepsOf(outline);
  const first = steps[0];
  const last = steps.findLast((step) => step.expected !== false);
  const start = outline.starts ? asOne(outline.starts, known.names, steps) : first ? eventOf(first, known.names) : '';
  const end = outline.goal ? asOne(outline.goal, known.names, steps) : last ? eventOf(last, known.names) : '';
  return { start, end: end === start ? '' : end, window: outline.gives_up_after ?? '30 days' };
}

/** As the question takes it: a touchpoint of a map may be called otherwise than its events. */
export function opened(text: string, known: Known): string {
  if (!text || known.names.includes(text)) return asEvent(text, known.names);
  for (const map of known.maps) {
    const step = stepsOf(map.outline).find((one) => one.touchpoint === text);
    if (step) return eventOf(step, known.names);
  }
  return text;
}

/** What events are called: the touchpoint of the map where it is one. */
export function called(text: string, known: Known): string {
  if (!text || known.names.includes(text)) return text;
  const named = /^name = '((?:[^']|'')*)'$/.exec(text)?.[1]?.replaceAll("''", "'");
  if (named !== undefined) return named;
  for (const map of known.maps) {
    const step = stepsOf(map.outline).find((one) => eventOf(one, known.names) === text);
    if (step?.touchpoint) return step.touchpoint;
  }
  return text;
}

const chosen = (given: string | null, fallback: string) => (given === NONE ? '' : (given ?? fallback));

export function useChoiceOfPaths(): Choice {
  const { query } = useAddress();
  const known = useKnown();
  const maps = suggested(known);
  const direction = (query.get('direction') ?? 'forward') as Direction;
  const start = direction === 'backward' ? '' : opened(chosen(query.get('start'), maps.start), known);
  const wanted = direction === 'around' ? '' : opened(chosen(query.get('end'), maps.end), known);
  // a start that somebody chose may be the end that the map suggests
  const end = wanted === start && !query.has('end') ? '' : wanted;
  const window = query.get('window') ?? maps.window;
  const length = Number(query.get('length')) || (direction === 'around' ? 3 : 8);
  const hide = listOf(query.get('hide'));
  const only = listOf(query.get('only'));
  const collapse = query.get('repeats') !== 'all';
  const most = Number(query.get('most')) || MOST;
  const fields: Record<string, unknown> = { window, length, most };
  if (start) fields.start = start;
  if (end) fields.end = end;
  if (direction !== 'forward') fields.direction = direction;
  if (hide.length) fields.hide = hide.map((name) => opened(name, known));
  if (only.length) fields.only = only.map((name) => opened(name, known));
  if (!collapse) fields.collapse = false;
  const unit = query.get('of') === 'session' ? 'session' : 'person';
  return { known, start, end, window, direction, length, hide, only, collapse, most, unit, fields };
}

/** Put a choice into the address; what was pointed at in the picture before goes. */
export function choose(query: Record<string, string | null>) {
  go({ query: { at: null, cell: null, fold: null, ...query } });
}
export const hideAlso = (choice: Choice, name: string) => choose({ hide: listed([...choice.hide, name]) });

/** What is counted: people, or visits. */
export const who = (choice: Choice) => (choice.unit === 'session' ? t('visits') : t('people'));

export const counted = (n: number, choice: Choice) =>
  choice.unit === 'session' ? plural(n, '{n} visit', '{n} visits') : plural(n, '{n} person', '{n} people');

/** What is missing before it can be asked. */
export function lacking(choice: Choice): string | null {
  if (choice.direction === 'backward' && !choice.end) return t('Choose an end: what led to it is then told.');
  if (choice.direction === 'around' && !choice.start)
    return t('Choose a touchpoint: what came before and after it is told.');
  return null;
}
