/** What the drawn journey is made of; read from the answer to `journey_map` and pure from there on. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import {
  axisOf,
  type Feeling,
  feelingsOf,
  type Kind,
  limitsOf,
  NOTHING,
  number,
  type Quote,
  quotesOf,
  stageQuotes,
} from './feelings';

export type Touchpoint = {
  id: string;
  name: string;
  stage: string;
  column: number;
  instances: number;
  before: number | null;
  wentOn: number;
  left: number;
  waiting: number;
  converted: number;
  goesOn: { rate: number | null; low: number | null; high: number | null; n: number; left: number };
  goesOnBefore: number | null;
  seconds: number | null;
  contacts: number | null;
  cost: number | null;
  attempts: number | null;
  planned: boolean;
  feeling: Feeling;
  feelingBefore: number | null;
  theme: string | null;
  quote: string | null;
  quotes: Quote[];
  /** The touchpoints it stands for, when its stage is folded. */
  folded: number;
};

export type Move = {
  source: string;
  target: string;
  instances: number;
  before: number | null;
  seconds: number | null;
  planned: boolean;
  kind: 'forward' | 'same' | 'back';
  harm: 'none' | 'drag' | 'harm';
};

export type Stage = {
  name: string;
  owner: string | null;
  needs: string | null;
  expects: string | null;
  instances: number;
  before: number | null;
  left: number;
  waiting: number;
  converted: number;
  goesOn: { rate: number | null; low: number | null; high: number | null; n: number; left: number };
  goesOnBefore: number | null;
  /** The difference of a touchpoint, the same way as the stage's, stands out from chance. */
  flagged: boolean;
  seconds: number | null;
  contacts: number | null;
  cost: number | null;
  feeling: Feeling;
  feelingBefore: number | null;
  quotes: Quote[];
};

export type Journey = {
  title: string;
  goal: string;
  instances: number;
  stages: Stage[];
  touchpoints: Touchpoint[];
  moves: Move[];
  scale: string;
  compared: boolean;
  feelingName: string;
  /** Lowest and highest of the scale. */
  limits: [number, number];
  /** What is drawn of the scale. */
  axis: [number, number];
  folded: boolean;
  /** Whether the map says which answers tell how it feels. */
  asks: boolean;
};

type MapStep =
  | string
  | { touchpoint?: string; expected?: boolean; one_of?: MapStep[]; any_order?: MapStep[]; in_order?: MapStep[] };
type MapForm = {
  title?: string;
  map: string;
  goal: string | string[];
  feedback?: unknown[];
  stages: { stage: string; owner?: string; needs?: string; expects?: string; steps: MapStep[] }[];
};

type Figures = Row & {
  stage: string;
  touchpoint: string;
  instances: number;
  went_on: number;
  converted: number;
  left: number;
  waiting: number;
};

/** More touchpoints than this are shown stage by stage, until a stage is opened. */
export const MANY = 24;

/** Columns of the map's steps: one a step; alternatives and parallel ones share one, what is not planned hangs beside. */
function places(form: MapForm): Map<string, { stage: string; column: number; planned: boolean }> {
  const found = new Map<string, { stage: string; column: number; planned: boolean }>();
  for (const stage of form.stages) {
    let column = -1;
    const put = (step: MapStep, planned: boolean, fixed: boolean) => {
      if (typeof step === 'string') {
        if (!fixed) column += 1;
        found.set(step, { stage: stage.stage, column: Math.max(0, column), planned });
        return;
      }
      const own = planned && step.expected !== false;
      if (step.touchpoint) {
        if (!fixed && (own || column < 0)) column += 1;
        found.set(step.touchpoint, { stage: stage.stage, column: Math.max(0, column), planned: own });
      }
      for (const one of step.in_order ?? []) put(one, own, fixed);
      const beside = step.one_of ?? step.any_order;
      if (beside) {
        if (!fixed) column += 1;
        for (const one of beside) put(one, own, true);
      }
    };
    for (const step of stage.steps) put(step, true, false);
  }
  return found;
}

export const shareOf = (row: Row | undefined) => ({
  rate: number(row?.of_decided),
  low: number(row?.of_decided_low),
  high: number(row?.of_decided_high),
  n: Number(row?.decided ?? 0),
  left: Number(row?.decided_left ?? 0),
});

function sum(list: (number | null)[]): number | null {
  const known = list.filter((x): x is number => x !== null);
  return known.length ? known.reduce((a, b) => a + b, 0) : null;
}

function moved(answer: Answer, at: Map<string, Touchpoint>, order: Map<string, number>): Move[] {
  const key = (row: Row) => `${row.from}\n${row.to}`;
  const all = extra<Row>(answer, 'moves');
  const before = new Map(all.filter((row) => row.group === 'other').map((row) => [key(row), Number(row.instances)]));
  const found = new Map<string, Move>();
  for (const row of all) {
    if ((row.group ?? 'this') !== 'this') continue;
    const [a, b] = [at.get(String(row.from)), at.get(String(row.to))];
    if (!a || !b || a === b) continue;
    const [ca, cb] = [order.get(`${a.stage}\n${a.column}`) ?? 0, order.get(`${b.stage}\n${b.column}`) ?? 0];
    const planned = row.expected !== false;
    // associated with feeling worse or reaching the goal less often, beyond chance
    const hurts = a.feeling.differs === 'low' || b.feeling.differs === 'low' || (number(row.difference_high) ?? 1) < 0;
    const one: Move = {
      source: a.id,
      target: b.id,
      instances: Number(row.instances),
      before: before.get(key(row)) ?? null,
      seconds: number(row.median_seconds),
      planned,
      kind: ca === cb ? 'same' : cb > ca ? 'forward' : 'back',
      harm: planned ? 'none' : hurts ? 'harm' : 'drag',
    };
    const known = found.get(`${a.id}\n${b.id}`);
    if (known) {
      known.instances += one.instances;
      known.before = sum([known.before, one.before]);
      known.seconds = null;
      known.planned &&= one.planned;
    } else found.set(`${a.id}\n${b.id}`, one);
  }
  return [...found.values()].sort((a, b) => b.instances - a.instances);
}

/** Read the answer. `open` are the stages of a long map that are shown touchpoint by touchpoint. */
export function journeyOf(answer: Answer, kind: Kind, open: string[]): Journey {
  const form = answer.question.map as unknown as MapForm;
  const placed = places(form);
  const table = rows<Figures>(answer.table);
  const of = (group: string) => table.filter((row) => (row.group ?? 'this') === group);
  const before = new Map(of('other').map((row) => [row.touchpoint, row]));
  const compared = before.size > 0;
  const feelings = feelingsOf(answer, kind);
  const quotes = quotesOf(answer);
  const felt = (group: string, touchpoint: string) => feelings.get(`${group}\n${touchpoint}`) ?? NOTHING;
  const touchpoints: Touchpoint[] = of('this').map((row) => {
    const place = placed.get(row.touchpoint);
    const earlier = before.get(row.touchpoint);
    return {
      id: row.touchpoint,
      name: row.touchpoint,
      stage: row.stage,
      column: place?.column ?? 0,
      instances: row.instances,
      before: earlier ? earlier.instances : null,
      wentOn: row.went_on,
      left: row.left,
      waiting: row.waiting,
      converted: row.converted,
      goesOn: shareOf(row),
      goesOnBefore: number(earlier?.of_decided),
      seconds: number(row.median_seconds),
      contacts: number(row.contacts),
      cost: number(row.cost),
      attempts: number(row.attempts),
      planned: place?.planned ?? true,
      feeling: felt('this', row.touchpoint),
      feelingBefore: felt('other', row.touchpoint).value,
      theme: row.theme as string | null,
      quote: row.quote as string | null,
      quotes: quotes.get(row.touchpoint) ?? [],
      folded: 1,
    };
  });
  const stages = stagesOf(answer, form, touchpoints, felt);
  const long = touchpoints.length > MANY;
  const shown = long ? folded(touchpoints, stages, open) : touchpoints;
  const at = new Map<string, Touchpoint>();
  for (const one of touchpoints)
    at.set(one.id, shown.find((s) => s.id === one.id) ?? (shown.find((s) => s.stage === one.stage) as Touchpoint));
  const order = new Map<string, number>();
  for (const stage of stages)
    for (const column of [...new Set(shown.filter((one) => one.stage === stage.name).map((one) => one.column))].sort(
      (a, b) => a - b,
    ))
      order.set(`${stage.name}\n${column}`, order.size);
  return {
    title: form.title ?? form.map,
    goal: Array.isArray(form.goal) ? form.goal.join(', ') : form.goal,
    instances: touchpoints.length ? Math.max(...stages.map((stage) => stage.instances)) : 0,
    stages,
    touchpoints: shown,
    moves: moved(answer, at, order),
    scale: kind,
    compared,
    feelingName: kind,
    limits: limitsOf(kind, touchpoints),
    axis: axisOf(touchpoints, limitsOf(kind, touchpoints)),
    folded: long,
    asks: (form.feedback ?? []).length > 0,
  };
}

function stagesOf(
  answer: Answer,
  form: MapForm,
  touchpoints: Touchpoint[],
  felt: (group: string, touchpoint: string) => Feeling,
): Stage[] {
  const all = extra<Row>(answer, 'stages');
  const find = (group: string, name: string) =>
    all.find((row) => (row.group ?? 'this') === group && row.stage === name);
  const flagged = new Map(
    extra<Row>(answer, 'differences')
      .filter((row) => row.flagged === true)
      .map((row) => [String(row.measure), Number(row.difference)]),
  );
  return form.stages.map((stage) => {
    const row = find('this', stage.stage);
    const earlier = find('other', stage.stage);
    const mine = touchpoints.filter((one) => one.stage === stage.stage);
    const share = shareOf(row);
    const way = Math.sign((share.rate ?? 0) - (number(earlier?.of_decided) ?? share.rate ?? 0)) || Number.NaN;
    const mean = (pick: (one: Touchpoint) => Feeling) => {
      const known = mine.map((one) => ({ one, feeling: pick(one) })).filter(({ feeling }) => feeling.value !== null);
      const weight = known.reduce((a, { one }) => a + one.instances, 0);
      return weight
        ? known.reduce((a, { one, feeling }) => a + (feeling.value as number) * one.instances, 0) / weight
        : null;
    };
    return {
      name: stage.stage,
      owner: stage.owner ?? null,
      needs: stage.needs ?? null,
      expects: stage.expects ?? null,
      instances: Number(row?.instances ?? 0),
      before: earlier ? Number(earlier.instances) : null,
      left: Number(row?.left ?? 0),
      waiting: Number(row?.waiting ?? 0),
      converted: Number(row?.converted ?? 0),
      goesOn: share,
      goesOnBefore: number(earlier?.of_decided),
      flagged: mine.some((one) => Math.sign(flagged.get(`go on from ${one.name}`) ?? 0) === way),
      seconds: number(row?.median_seconds),
      contacts: sum(mine.map((one) => one.contacts)),
      cost: sum(mine.map((one) => one.cost)),
      feeling: { ...NOTHING, value: mean((one) => one.feeling), n: Math.max(0, ...mine.map((one) => one.feeling.n)) },
      feelingBefore: mean((one) => felt('other', one.id)),
      quotes: stageQuotes(mine),
    };
  });
}

/** A long map: a closed stage is one card. */
function folded(touchpoints: Touchpoint[], stages: Stage[], open: string[]): Touchpoint[] {
  return stages.flatMap((stage) => {
    const mine = touchpoints.filter((one) => one.stage === stage.name);
    const first = mine[0];
    if (open.includes(stage.name) || mine.length < 2 || !first) return mine;
    return [
      {
        ...first,
        id: `stage\n${stage.name}`,
        name: stage.name,
        column: 0,
        instances: stage.instances,
        before: stage.before,
        left: stage.left,
        waiting: stage.waiting,
        converted: stage.converted,
        goesOn: stage.goesOn,
        goesOnBefore: stage.goesOnBefore,
        seconds: stage.seconds,
        contacts: stage.contacts,
        cost: stage.cost,
        attempts: null,
        planned: true,
        feeling: stage.feeling,
        feelingBefore: stage.feelingBefore,
        theme: null,
        quote: stage.quotes[0]?.text ?? null,
        quotes: stage.quotes,
        folded: mine.length,
      },
    ];
  });
}

/** Routes that make up a share of all moves; what harms is always shown. */
export function shownMoves(journey: Journey, coverage: number): Move[] {
  const total = journey.moves.reduce((a, move) => a + move.instances, 0);
  let done = 0;
  return journey.moves.filter((move) => {
    const keep = done < total * coverage || move.harm === 'harm';
    done += move.instances;
    return keep;
  });
}
