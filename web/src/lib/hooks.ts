/** Small things that views share: width of an element, narrow screens, a message that goes by itself. */
import { useCallback, useState, useSyncExternalStore } from 'react';
import { t } from './i18n';

/** Width of an element that may mount later. */
export function useWidth<T extends HTMLElement>() {
  const [width, set] = useState(0);
  const ref = useCallback((element: T | null) => {
    if (!element) return;
    const seen = new ResizeObserver(() => set(Math.round(element.clientWidth)));
    seen.observe(element);
    set(Math.round(element.clientWidth));
    return () => seen.disconnect();
  }, []);
  return [ref, width] as const;
}

const narrow = matchMedia('(max-width: 760px)');
const onNarrow = (f: () => void) => {
  narrow.addEventListener('change', f);
  return () => narrow.removeEventListener('change', f);
};
export const useNarrow = () => useSyncExternalStore(onNarrow, () => narrow.matches);

let message = '';
const readers = new Set<() => void>();
let timer = 0;
/** Say something at the lower edge for a few seconds; screen readers hear it. */
export function toast(text: string) {
  message = text;
  clearTimeout(timer);
  if (text) timer = window.setTimeout(() => toast(''), 4000);
  for (const read of readers) read();
}
const onToast = (f: () => void) => {
  readers.add(f);
  return () => void readers.delete(f);
};
export const useToast = () => useSyncExternalStore(onToast, () => message);

/** Copy a text and say so. Browsers give no clipboard to a page over plain http, and may refuse it elsewhere. */
export async function copied(text: string, said = t('Copied.')) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast(t('The browser does not let this be copied; select it instead.'));
  }
}
