/** Which events and properties a view asks about: chosen on the view, kept in the address, told in a sentence. */
import { type ReactNode, useEffect, useId, useState } from 'react';
import { go, useAddress } from '../lib/address';

/** A choice of a view: what the address says, else what the workspace suggests; `put('')` goes back to that. */
export function useChoice<T extends string>(name: string, fallback: T): [T, (value: string) => void] {
  const { query } = useAddress();
  const put = (value: string) => go({ query: { [name]: value === '' || value === fallback ? null : value } });
  return [(query.get(name) as T | null) ?? fallback, put];
}

/** One of many, or a text of one's own: a name from the list, or a filter. Taken over on Enter and on leaving. */
export function Pick(given: {
  label: string;
  value: string;
  options: string[];
  onPick: (value: string) => void;
  hint?: string;
  placeholder?: string;
}) {
  const { label, value, options, onPick } = given;
  const id = useId();
  const [text, set] = useState(value);
  useEffect(() => set(value), [value]);
  const take = (next: string) => next.trim() !== value && onPick(next.trim());
  return (
    <label className="field">
      {label}
      <input
        dir="auto"
        list={id}
        value={text}
        placeholder={given.placeholder}
        onChange={(event) => {
          set(event.target.value);
          // a choice from the list counts at once
          const native = event.nativeEvent as InputEvent;
          if (native.inputType !== 'insertText' && options.includes(event.target.value)) take(event.target.value);
        }}
        onBlur={() => take(text)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          take(text);
        }}
      />
      <datalist id={id}>
        {options.slice(0, 500).map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
      {given.hint && <small>{given.hint}</small>}
    </label>
  );
}

export function Select(given: {
  label: string;
  value: string;
  options: [string, string][];
  onPick: (value: string) => void;
  hint?: string;
}) {
  const options: [string, string][] = given.options.some(([value]) => value === given.value)
    ? given.options
    : [[given.value, given.value], ...given.options];
  return (
    <label className="field">
      {given.label}
      <select value={given.value} onChange={(event) => given.onPick(event.target.value)}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      {given.hint && <small>{given.hint}</small>}
    </label>
  );
}

/** What is asked about, in a sentence that unfolds into its fields; open from the start where a choice is missing. */
export function Choices({ said, open, children }: { said: ReactNode; open?: boolean; children: ReactNode }) {
  return (
    <details className="choices" open={open}>
      <summary>{said}</summary>
      <form onSubmit={(event) => event.preventDefault()}>{children}</form>
    </details>
  );
}
