/** What the funnel asks: its steps, the window, the order; from the address, the journey map, or the most frequent way. */
import { type Answer, rows } from '../../api/answer';
import { go, useAddress } from '../../lib/address';
import { useAsk } from '../../lib/asking';
import { type Extent, useExtent } from '../../ui/bar';
import { listed, listOf } from '../../ui/names';
import { asOne, eventOf, type Known, type MapStep, type Outline, useKnown } from '../maps';
import { called, opened } from '../paths/choice';

export type Order = 'ordered' | 'strict' | 'any';
export type Entry = 'any' | 'first' | 'each';
export type FunnelChoice = {
  known: Known;
  /** It is not yet known which steps there are. */
  busy: boolean;
  steps: string[];
  names: string[];
  window: string;
  order: Order;
  entry: Entry;
  by: string;
  over: string;
  fields: Record<string, unknown>;
};

const MOST = 7;

/** The steps of a map that are meant to be taken: of alternatives, whichever; what is not expected is no step. */
export function stepsOfMap(outline: Outline, known: Known): string[] {
  const one = (step: string | MapStep): string[] => {
    if (typeof step === 'string') return [step];
    if (step.expected === false) return [];
    if (step.one_of) return [asOne(step.one_of.flatMap(one), known.names)];
    const inner = step.any_order ?? step.in_order;
    if (inner) return inner.flatMap(one);
    const name = step.touchpoint ?? step.name;
    return name ? [eventOf({ ...step, touchpoint: name }, known.names)] : [];
  };
  const all = outline.stages.flatMap((stage) => (stage.steps ?? []).flatMap(one));
  return all.filter((step, i) => step && all.indexOf(step) === i).slice(0, MOST);
}

/** Of the most frequent ways, the one with three touchpoints or more that most take; else two. */
export function stepsOfPaths(answer: Answer | undefined): string[] {
  const ways = rows<{ path: string; people: number }>(answer?.table)
    .map((row) => row.path.split(' > '))
    .map((way) => way.filter((name, i) => way.indexOf(name) === i && !name.startsWith('(')));
  return ways.find((way) => way.length >= 3) ?? ways.find((way) => way.length >= 2) ?? [];
}

/** Buckets that fit the dates: some seven to thirty of them. */
export function fitting(dates: string, extent: Extent | undefined): string {
  const span = /^(.+)\.\.(.+)$/.exec(dates);
  const last = /^last (\d+) days$/.exec(dates);
  const of = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;
  let days = extent?.first && extent.last ? of(extent.first, extent.last) : 200;
  if (span) days = of(span[1] as string, span[2] as string);
  else if (last) days = Number(last[1]);
  else if (dates) days = 30;
  return days > 1200 ? 'quarter' : days > 180 ? 'month' : days > 21 ? 'week' : 'day';
}

export function useChoiceOfFunnel(): FunnelChoice {
  const { query } = useAddress();
  const known = useKnown();
  const { data: extent } = useExtent();
  const outline = known.chosen?.outline as (Outline & { gives_up_after?: string }) | undefined;
  const given = listOf(query.get('steps')).map((step) => opened(step, known));
  const ofMap = outline ? stepsOfMap(outline, known) : [];
  const wanting = !known.busy && !query.has('steps') && ofMap.length < 2;
  const ways = useAsk(wanting ? 'paths' : null, { length: MOST, most: 30, window: '30 days' }, { against: '' });
  const found = ofMap.length >= 2 ? ofMap : wanting ? stepsOfPaths(ways.data) : [];
  const steps = query.has('steps') ? given : found;
  const window = query.get('window') ?? outline?.gives_up_after ?? '30 days';
  const order = (query.get('order') ?? 'ordered') as Order;
  const entry = (query.get('entry') ?? 'any') as Entry;
  const names = steps.map((step) => called(step, known));
  const asked = steps.map((step, i) => (names[i] === step ? step : { where: step, name: names[i] }));
  const fields: Record<string, unknown> = { steps: asked, window };
  if (order !== 'ordered') fields.order = order;
  if (entry !== 'any') fields.entry = entry;
  return {
    known,
    busy: known.busy || (wanting && ways.data === undefined && !ways.problem),
    steps,
    names,
    window,
    order,
    entry,
    by: query.get('by') ?? (known.fields && known.fields.channels.length > 1 ? 'channel' : ''),
    over: query.get('each') ?? fitting(query.get('dates') ?? '', extent),
    fields,
  };
}

export const chooseSteps = (steps: string[]) =>
  go({ query: { steps: steps.length ? listed(steps) : '[]', step: null } });
export const choose = (query: Record<string, string | null>) => go({ query });
