/** The address is the state: the page in the path, what is asked in the query. */
import { useSyncExternalStore } from 'react';

const watching = new Set<() => void>();
const tell = () => {
  for (const watch of watching) watch();
};
addEventListener('popstate', tell);
const watch = (f: () => void) => {
  watching.add(f);
  return () => void watching.delete(f);
};

export type Address = { page: string; query: URLSearchParams };

export function useAddress(): Address {
  const href = useSyncExternalStore(watch, () => location.pathname + location.search);
  const url = new URL(href, location.origin);
  return { page: plain(url.pathname.replace(/^\/+|\/+$/g, '')) || 'overview', query: url.searchParams };
}

/** A path that is no well-formed one, such as `/100%`, is a page that there is not; it must not end the page. */
function plain(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export type Change = { page?: string; query?: Record<string, string | null> };

/** The address after a change; what belongs to one view alone (`keep`) goes when the page changes. */
export function address(change: Change): string {
  const url = new URL(location.href);
  if (change.page != null) {
    url.pathname = `/${change.page.split('/').map(encodeURIComponent).join('/')}`;
    const keep = new URLSearchParams();
    for (const name of GLOBAL) for (const value of url.searchParams.getAll(name)) keep.append(name, value);
    url.search = keep.toString();
  }
  for (const [name, value] of Object.entries(change.query ?? {})) {
    if (value == null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.pathname + url.search;
}

/** What goes along from page to page: whom and when is asked. */
export const GLOBAL = ['journey', 'dates', 'against', 'people', 'channel', 'filter', 'lang', 'theme'];

export function go(change: Change, replace = false) {
  history[replace ? 'replaceState' : 'pushState'](null, '', address(change));
  if (change.page != null) scrollTo(0, 0);
  tell();
}
