/** Asking from a view: the last answer stays until the new one is there; long questions tell how far they are. */
import { createContext, useContext, useEffect, useMemo, useReducer, useRef, useSyncExternalStore } from 'react';
import { type Answer, Problem, type Told as Said } from '../api/answer';
import { get, onChanged, onSignedOut, send } from '../api/client';
import { begin, client, listen } from '../api/stream';
import { percents } from './format';
import { body, useWhom, type Whom } from './whom';

export type Progress = { stage: string; done: number; total: number | null };
export type Load<T> = {
  data?: T | undefined;
  problem?: Error | undefined;
  busy: boolean;
  progress?: Progress | undefined;
  /** The data is of a sample of people; the whole is on its way. */
  preview?: boolean | undefined;
  /** The data is of what was asked before. */
  stale?: boolean | undefined;
  stopped?: boolean | undefined;
  again: () => void;
  stop: () => void;
};

type State<T> = Omit<Load<T>, 'again' | 'stop' | 'stale'> & { key: string; of?: string };
type Step<T> = (state: State<T>) => State<T>;

const kept = new Map<string, unknown>();
const KEPT = 60;
const keep = (key: string, value: unknown) => {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
};

/** New data came: what was kept is asked again when it is next looked at, and all that is in sight when somebody wants it. */
let news = false;
let turns = 0;
const watching = new Set<() => void>();
const tellAll = () => {
  for (const one of watching) one();
};
const wait = (f: () => void) => {
  watching.add(f);
  return () => void watching.delete(f);
};
listen((told) => {
  if (told.event !== 'data') return;
  kept.clear();
  news = true;
  tellAll();
});
/** Whether there is newer data than what is in sight. */
export const useNews = () => useSyncExternalStore(wait, () => news);
/** Ask again whatever is in sight. */
export function askAgain() {
  kept.clear();
  news = false;
  turns += 1;
  tellAll();
}
onChanged(askAgain);
/** The session has ended: whoever signs in next may see less. */
onSignedOut(() => kept.clear());

/** The state after a step; data that came is of what is asked now. */
const told = <T>(before: State<T>, after: State<T>): State<T> =>
  after.data === before.data ? after : { ...after, of: after.key };

function useLoading<T>(
  key: string | null,
  start: (tell: (step: Step<T>) => void, signal: AbortSignal) => Promise<T>,
): Load<T> {
  const [state, tell] = useReducer(
    (s: State<T>, next: Step<T>) => next(s),
    null,
    () => ({
      key: key ?? '',
      of: key ?? '',
      data: key ? (kept.get(key) as T | undefined) : undefined,
      busy: key !== null && !kept.has(key),
    }),
  );
  const [turn, again] = useReducer((n: number) => n + 1, 0);
  const all = useSyncExternalStore(wait, () => turns);
  const stop = useRef<() => void>(() => {});
  const begun = useRef(start);
  begun.current = start;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `all` asks again
  useEffect(() => {
    if (key === null) return tell((s) => ({ ...s, busy: false }));
    if (kept.has(key) && turn === 0) return tell(() => ({ key, of: key, data: kept.get(key) as T, busy: false }));
    const cancel = new AbortController();
    stop.current = () => {
      cancel.abort();
      tell((s) => ({ ...s, busy: false, progress: undefined, stopped: true }));
    };
    tell((s) => ({ key, of: s.of ?? key, data: s.data, busy: true }));
    begun
      .current((step) => cancel.signal.aborted || tell((s) => told(s, step(s))), cancel.signal)
      .then(
        (data) => {
          if (cancel.signal.aborted) return;
          keep(key, data);
          tell(() => ({ key, of: key, data, busy: false }));
        },
        (problem: Error) => {
          if (!cancel.signal.aborted) tell((s) => ({ ...s, key, busy: false, progress: undefined, problem }));
        },
      );
    return () => cancel.abort();
  }, [key, turn, all]);
  return useMemo(
    () => ({ ...state, stale: state.data !== undefined && state.of !== state.key, again, stop: () => stop.current() }),
    [state],
  );
}

/** Load by a function of one's own; `null` loads nothing yet. */
export function useAsync<T>(key: string | null, start: (signal: AbortSignal) => Promise<T>): Load<T> {
  return useLoading<T>(key, (_, signal) => start(signal));
}

const underWay = new Map<string, Promise<unknown>>();
/** Parts of a page that need the same read it once. */
function together<T>(path: string): Promise<T> {
  const known = underWay.get(path) as Promise<T> | undefined;
  if (known) return known;
  const asked = get<T>(path).finally(() => underWay.delete(path));
  underWay.set(path, asked);
  return asked;
}

/** Read a path of the server; `null` reads nothing yet. */
export function useGet<T>(path: string | null): Load<T> {
  return useLoading<T>(path, () => together<T>(path as string));
}

/** An answer whose sentences are written as those of the page. */
const spoken = (answer: Answer): Answer => ({
  ...answer,
  words: answer.words.map(percents),
  warnings: answer.warnings.map((one) => ({ ...one, text: percents(one.text) })),
});

type Asked = { question?: string; metric?: string; fields?: Record<string, unknown> } & Whom;

/** What is being asked; whoever closes the tab has given it up. */
const open = new Set<string>();
const giveUp = (id: string) => void send('DELETE', `/api/queries/${id}`).catch(() => {});
addEventListener('pagehide', () => open.forEach(giveUp));

/** Whether what is asked here stands beside the main thing of the view, which is to come first: `<Aside value>`. */
export const Aside = createContext(false);

/** Main questions that are on their way to the server: what stands beside them waits until they are in line. */
const leading = new Set<Promise<unknown>>();
async function sent(question: Record<string, unknown>, aside: boolean, signal: AbortSignal) {
  if (aside) {
    await new Promise((done) => setTimeout(done)); // the inner parts of a view ask before the outer ones
    await Promise.allSettled(leading);
    signal.throwIfAborted();
  }
  // not given up on the way: a question whose id is not known cannot be stopped
  const made = send<{ id: string } | { answer: Answer }>('POST', '/api/queries', { ...question, aside });
  if (!aside) {
    leading.add(made);
    const over = () => leading.delete(made);
    made.then(over, over);
  }
  return made;
}

async function ask(
  asked: Asked,
  aside: boolean,
  tell: (step: Step<Answer>) => void,
  signal: AbortSignal,
): Promise<Answer> {
  begin();
  const waiting = new Map<string, (told: { event: string; [name: string]: unknown }) => void>();
  const early: { event: string; id: string }[] = [];
  let mine = '';
  const deaf = listen((told) => {
    if (!('id' in told)) return;
    const heard = waiting.get(told.id);
    if (heard) heard(told);
    else early.push(told);
  });
  try {
    const { question, metric, fields, ...whom } = asked;
    const given = { client, question, metric, fields, ...body(whom), preview: true };
    const first = await sent(given, aside, signal);
    if ('answer' in first) return spoken(first.answer);
    const id = first.id;
    if (signal.aborted) {
      giveUp(id);
      throw new DOMException('stopped', 'AbortError');
    }
    mine = id;
    open.add(id);
    return await new Promise<Answer>((done, fail) => {
      const heard = (told: { event: string; [name: string]: unknown }) => {
        if (told.event === 'progress') tell((s) => ({ ...s, progress: told as unknown as Progress }));
        if (told.event === 'preview') tell((s) => ({ ...s, data: spoken(told.answer as Answer), preview: true }));
        if (told.event === 'result') done(spoken(told.answer as Answer));
        if (told.event === 'error') fail(new Problem(422, told.problem as Said));
      };
      waiting.set(id, heard);
      for (const told of early) if (told.id === id) heard(told);
      signal.addEventListener('abort', () => {
        giveUp(id);
        fail(new DOMException('stopped', 'AbortError'));
      });
    });
  } finally {
    open.delete(mine);
    deaf();
  }
}

/** Ask a question of whom the chips say; `null` asks nothing yet. `over` changes or adds to whom is asked.

    const load = useAsk('funnel', { steps: ['visit', 'order'], window: '7 days' }, { breakdown: 'channel' }); */
export function useAsk(question: string | null, fields: Record<string, unknown> = {}, over: Whom = {}): Load<Answer> {
  const whom = useWhom();
  const asked = { question: question ?? '', fields, ...whom, ...over };
  const aside = useContext(Aside) || over.over !== undefined; // many buckets take many times as long as the whole
  return useLoading<Answer>(question === null ? null : JSON.stringify(asked), (tell, signal) =>
    ask(asked, aside, tell, signal),
  );
}

/** Ask a metric; it stands beside whatever question the view asks. */
export function useMetric(metric: string | null, over: Whom = {}): Load<Answer> {
  const whom = useWhom();
  const asked = { metric: metric ?? '', ...whom, ...over };
  return useLoading<Answer>(metric === null ? null : JSON.stringify(asked), (tell, signal) =>
    ask(asked, true, tell, signal),
  );
}
