/** One stream of events a browser, however many tabs: the tab that holds the lock reads it and tells the others.

HTTP/1.1 allows six connections a host; a stream in each tab would use them up. */

export type Told =
  | { event: 'progress'; id: string; stage: string; done: number; total: number | null }
  | { event: 'preview'; id: string; answer: unknown }
  | { event: 'result'; id: string; answer: unknown; etag?: string }
  | { event: 'error'; id: string; problem: unknown }
  | { event: 'data'; version: number }
  | { event: 'open' };

const NAMES = ['progress', 'preview', 'result', 'error', 'data'] as const;

function remembered(): string {
  const made = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, '0')).join('');
  try {
    const known = localStorage.getItem('client') ?? made();
    localStorage.setItem('client', known);
    return known;
  } catch {
    return made();
  }
}
export const client = remembered();

const hearers = new Set<(told: Told) => void>();
const others = 'BroadcastChannel' in window ? new BroadcastChannel('desirepath') : null;
const hear = (told: Told) => {
  for (const f of hearers) f(told);
};
others?.addEventListener('message', (message: MessageEvent<Told>) => hear(message.data));

export function listen(f: (told: Told) => void) {
  hearers.add(f);
  return () => void hearers.delete(f);
}

function read(): Promise<void> {
  return new Promise(() => {
    const source = new EventSource(`/api/stream?client=${client}`);
    const pass = (told: Told) => {
      hear(told);
      others?.postMessage(told);
    };
    source.onopen = () => pass({ event: 'open' });
    for (const name of NAMES) {
      // the browser's own `error` event carries no data
      source.addEventListener(name, (event) => {
        const data = (event as MessageEvent<string>).data;
        if (data) pass({ event: name, ...(JSON.parse(data) as object) } as Told);
      });
    }
    addEventListener('pagehide', () => source.close());
  });
}

let begun = false;
/** Begin to listen; once, after signing in. */
export function begin() {
  if (begun) return;
  begun = true;
  if (navigator.locks) void navigator.locks.request('desirepath-stream', read);
  else void read();
}
