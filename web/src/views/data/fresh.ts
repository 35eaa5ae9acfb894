/** What must be read anew each time a view is opened, such as the log of what was done. */
import { useId, useState } from 'react';
import { get } from '../../api/client';
import { type Load, useAsync } from '../../lib/asking';

let opened = 0;

/** Read a path; what an earlier visit to the view read is not shown. */
export function useFresh<T>(path: string | null): Load<T> {
  const id = useId();
  const [visit] = useState(() => ++opened);
  return useAsync<T>(path === null ? null : `${path}#${id}${visit}`, (signal) => get<T>(path as string, signal));
}
