/** Small parts of the views on data: figures in a row, how bad something is, lists that fold, what can be copied. */
import '../../styles/sources.css';
import { type ReactNode, useRef, useState } from 'react';
import { int } from '../../lib/format';
import { copied } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';

export type Fact = { name: string; value: ReactNode; hint?: ReactNode; tone?: 'good' | 'bad' | undefined };

/** Figures side by side. */
export function Facts({ facts, label }: { facts: Fact[]; label: string }) {
  return (
    <dl className="facts" aria-label={label}>
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt>{fact.name}</dt>
          <dd className={fact.tone ? `t-${fact.tone}` : ''}>{fact.value}</dd>
          {fact.hint && <dd className="dh">{fact.hint}</dd>}
        </div>
      ))}
    </dl>
  );
}

export type Severity = 'problem' | 'warning' | 'note' | 'well';
const SIGNS: Record<Severity, string> = { problem: '✕', warning: '!', note: 'i', well: '✓' };

/** How bad it is: a sign, a colour and a word. */
export function Tag({ kind, children }: { kind: Severity; children?: ReactNode }) {
  const words = { problem: t('Problem'), warning: t('Warning'), note: t('Note'), well: t('Well') };
  return (
    <span className={`sev ${kind}`}>
      <i aria-hidden="true">{SIGNS[kind]}</i> {children ?? words[kind]}
    </span>
  );
}

/** A sentence in which what stands between backticks is code. */
export function Coded({ text }: { text: string }) {
  return (
    <>
      {text.split('`').map((part, i) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
        i % 2 ? <code key={i}>{part}</code> : part,
      )}
    </>
  );
}

/** Names one after another, the first few in sight. */
export function NameList({ names, most = 6 }: { names: string[]; most?: number }) {
  const [all, setAll] = useState(false);
  const shown = all ? names : names.slice(0, most);
  return (
    <span className="namelist">
      {shown.map((name, i) => (
        <span key={name}>
          <bdi className="nm">{name}</bdi>
          {i < shown.length - 1 ? ', ' : ''}
        </span>
      ))}
      {names.length > most && (
        <>
          {' '}
          <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? t('fewer') : plural(names.length - most, '{n} more', '{n} more')}
          </button>
        </>
      )}
    </span>
  );
}

/** A command to run, or a text to take along. */
export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className="cmd">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
      <button type="button" className="btn" aria-label={t('Copy: {label}', { label })} onClick={() => copied(text)}>
        {t('Copy')}
      </button>
    </div>
  );
}

/** A secret that is shown this once. */
export function Once({
  value,
  label,
  says,
  onDone,
}: {
  value: string;
  label: string;
  says: string;
  onDone: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <div className="once" role="status">
      <label className="field">
        {label}
        <input ref={field} readOnly value={value} onFocus={(event) => event.target.select()} spellCheck={false} />
      </label>
      <p className="dim">{says}</p>
      <div className="acts">
        <button
          type="button"
          className="btn pri"
          onClick={() => {
            field.current?.select();
            void copied(value);
          }}
        >
          {t('Copy')}
        </button>
        <button type="button" className="btn" onClick={onDone}>
          {t('I have kept it')}
        </button>
      </div>
    </div>
  );
}

/** A table that may be wider than the screen. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="tablewrap flat" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** Parts of a whole as one bar; the numbers stand beside it in words. */
export function Split({ parts, label }: { parts: { n: number; className: string }[]; label: string }) {
  const all = parts.reduce((a, part) => a + part.n, 0);
  return (
    <span className="split" role="img" aria-label={label}>
      {parts.map(
        (part) =>
          part.n > 0 && (
            <i
              key={part.className}
              className={part.className}
              style={{ width: `max(2px, ${(100 * part.n) / all}%)` }}
            />
          ),
      )}
    </span>
  );
}

/** How large one of several is, as a bar. */
export function Bar({ of, most }: { of: number; most: number }) {
  return (
    <span className="mbar" aria-hidden="true">
      <i style={{ width: `${most ? (100 * of) / most : 0}%` }} />
    </span>
  );
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
/** Bytes as people write them. */
export function bytes(n: number): string {
  let size = n;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 10 || unit === 0 ? int(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
