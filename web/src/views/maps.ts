/** What journey maps say of the events: which are answers, which bring money, what is the goal. */
import { get } from '../api/client';
import { useAsync } from '../lib/asking';
import { quoted } from '../lib/whom';
import { type Fields, useFields, useJourney } from '../ui/bar';
import { asEvent } from './events';

export type Events = string | string[];
export type MapStep = {
  touchpoint?: string;
  name?: string;
  event?: Events | null;
  revenue?: number | string | null;
  cost?: number | string | null;
  expected?: boolean;
  contact?: string | null;
  one_of?: (string | MapStep)[];
  any_order?: (string | MapStep)[];
  in_order?: (string | MapStep)[];
};
export type Asking = {
  event: Events;
  score?: string | null;
  scale?: string | null;
  comment?: string | null;
  about?: string | null;
};
export type Outline = {
  stages: { name: string; steps: (string | MapStep)[] }[];
  feedback?: Asking[];
  goal?: Events;
  variants?: Record<string, Events>;
};
export type KnownMap = { name: string; title: string; outline: Outline };

/** All steps of a map in order, blocks opened. */
export function stepsOf(outline: Outline): MapStep[] {
  const flat = (step: string | MapStep): MapStep[] => {
    if (typeof step === 'string') return [{ touchpoint: step }];
    const inner = step.one_of ?? step.any_order ?? step.in_order;
    if (inner) return inner.flatMap(flat);
    return [{ ...step, touchpoint: step.touchpoint ?? step.name ?? '' }];
  };
  return outline.stages.flatMap((stage) => (stage.steps ?? []).flatMap(flat)).filter((step) => step.touchpoint);
}

/** Events of a map as a question takes them: one name or filter. */
export function asOne(events: Events, names: string[], steps: MapStep[] = []): string {
  const opened = (Array.isArray(events) ? events : [events]).flatMap((event) => {
    const step = steps.find((one) => one.touchpoint === event && one.event);
    return step?.event ?? event;
  });
  if (opened.length === 1) return asEvent(opened[0] as string, names);
  const known = new Set(names);
  if (opened.every((one) => known.has(one))) return `name in (${opened.map(quoted).join(', ')})`;
  return opened.map((one) => (known.has(one) ? `name = ${quoted(one)}` : `(${one})`)).join(' or ');
}

export { asEvent };

/** What a step is made of, as a question takes it. */
export const eventOf = (step: MapStep, names: string[]) => asOne(step.event ?? (step.touchpoint as string), names);

export type Known = {
  busy: boolean;
  fields: Fields | undefined;
  names: string[];
  properties: string[];
  /** The maps, the one of the chips first. */
  maps: KnownMap[];
  chosen: KnownMap | null;
};

/** The maps with their outlines, and the names there are. */
export function useKnown(): Known {
  const journey = useJourney();
  const fields = useFields();
  const names = journey.maps.slice(0, 20).map((map) => map.name);
  const read = async (signal: AbortSignal) => {
    const one = (name: string) => get<KnownMap>(`/api/maps/${encodeURIComponent(name)}`, signal);
    const found = await Promise.allSettled(names.map(one));
    return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  };
  const load = useAsync<KnownMap[]>(names.length ? `outlines ${JSON.stringify(names)}` : null, read);
  const all = load.data ?? [];
  const chosen = all.find((map) => map.name === journey.name) ?? null;
  return {
    busy:
      journey.busy ||
      (fields.data === undefined && !fields.problem) ||
      (names.length > 0 && !load.data && !load.problem),
    fields: fields.data,
    names: fields.data?.names ?? [],
    properties: fields.data?.properties ?? [],
    maps: chosen ? [chosen, ...all.filter((map) => map !== chosen)] : all,
    chosen,
  };
}

/** What success is: of the chosen map its goal, else its last expected step. */
export function goalOf({ maps, names }: Known): string {
  for (const map of maps) {
    if (map.outline.goal) return asOne(map.outline.goal, names, stepsOf(map.outline));
    const last = stepsOf(map.outline).findLast((one) => one.expected !== false);
    if (last) return eventOf(last, names);
  }
  return '';
}
