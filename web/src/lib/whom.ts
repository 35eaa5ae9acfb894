/** Whom and when is asked, read from the address and written as the server takes it. */
import { useMemo } from 'react';
import { useAddress } from './address';

export type Whom = {
  period?: string;
  against?: string;
  filter?: string;
  cohort?: string;
  breakdown?: string;
  at?: string;
  top?: number;
  unit?: string;
  over?: string;
  person?: string;
  sample?: number;
  like?: string;
};

/** A text as filters write it. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The filter of the chips: channel and further conditions, all of which must hold. */
export function filterOf(query: URLSearchParams): string | undefined {
  const parts = [...query.getAll('filter')];
  const channel = query.get('channel');
  if (channel) parts.unshift(`channel = ${quoted(channel)}`);
  if (parts.length < 2) return parts[0];
  return parts.map((part) => `(${part})`).join(' and ');
}

export function whomOf(query: URLSearchParams): Whom {
  const whom: Whom = {};
  const put = (name: 'period' | 'against' | 'cohort' | 'filter', value: string | null | undefined) => {
    if (value) whom[name] = value;
  };
  put('period', query.get('dates'));
  put('against', query.get('against'));
  put('cohort', query.get('people'));
  put('filter', filterOf(query));
  return whom;
}

/** What the chips say, stable while they say the same. */
export function useWhom(): Whom {
  const { query } = useAddress();
  const text = JSON.stringify(whomOf(query));
  return useMemo(() => JSON.parse(text) as Whom, [text]);
}

/** `against` as the body of a POST takes it. */
export function compareOf(against: string | undefined): Record<string, string> | undefined {
  if (!against) return undefined;
  const [kind, ...rest] = against.split(':');
  if (kind === 'cohort' || kind === 'filter') return { [kind]: rest.join(':') };
  return { period: against };
}
export const body = ({ against, ...whom }: Whom) => ({ ...whom, compare: compareOf(against) });
