/** Talking to the server: reading, writing, and the one stream on which long answers come. */
import { Problem, type Told } from './answer';

let csrf: string | null = null;
export const keepCsrf = (token: string | null) => {
  csrf = token;
};

const away = new Set<() => void>();
/** Be told when the session has ended. */
export const onSignedOut = (f: () => void) => {
  away.add(f);
  return () => void away.delete(f);
};

const changed = new Set<() => void>();
/** Be told when something was saved or taken away, after which what was read before may be old. */
export const onChanged = (f: () => void) => {
  changed.add(f);
  return () => void changed.delete(f);
};

export function url(path: string, query: Record<string, string | number | boolean | null | undefined> = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value != null && value !== '') given.set(name, String(value));
  const text = given.toString();
  return text ? `${path}?${text}` : path;
}

async function failed(response: Response): Promise<Problem> {
  if (response.status === 401) for (const f of away) f();
  const told = (await response.json().catch(() => null)) as Told | null;
  const message = told?.message ?? `The server answered ${response.status} ${response.statusText}.`;
  return new Problem(response.status, { ...told, error: told?.error ?? 'HTTPError', message });
}

async function sent(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init });
  } catch (problem) {
    if ((problem as Error).name === 'AbortError') throw problem;
    throw new Problem(0, {
      error: 'Unreachable',
      message: 'The server cannot be reached. Is `desirepath serve` running?',
    });
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await sent(path, { headers: { accept: 'application/json' }, signal: signal ?? null });
  if (!response.ok) throw await failed(response);
  return (await response.json()) as T;
}

export async function send<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (csrf) headers['x-csrf-token'] = csrf;
  const response = await sent(path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
    // what is given up when a tab is closed must still be said
    keepalive: method === 'DELETE',
  });
  if (!response.ok) throw await failed(response);
  const answer = (response.status === 204 ? undefined : await response.json()) as T;
  if (method === 'PUT' || (method === 'DELETE' && !path.startsWith('/api/queries/'))) for (const f of changed) f();
  return answer;
}
