/** Small parts that views are made of: chips, switches, differences, headings. */
import { type ReactNode, useId, useRef } from 'react';
import { t } from '../lib/i18n';
import { Icon } from './Icon';

export type Option = { value: string; text: string; hint?: string };

/** A chip with a native popover: no portal, no style element, closes on Esc and outside press, works under a strict policy. */
export function Menu(given: {
  icon?: string;
  label: string;
  value: string;
  options: Option[];
  onPick: (value: string) => void;
  shown?: string;
  ghost?: boolean;
  bare?: boolean;
}) {
  const { icon, label, value, options, onPick } = given;
  const id = `m${useId().replace(/\W/g, '')}`;
  const button = useRef<HTMLButtonElement>(null);
  const pop = useRef<HTMLDivElement>(null);
  const current = given.shown ?? options.find((o) => o.value === value)?.text ?? value;
  const place = () => {
    const at = button.current!.getBoundingClientRect();
    const menu = pop.current!;
    menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = `${at.bottom + 6}px`;
  };
  const step = (event: React.KeyboardEvent) => {
    const buttons = [...pop.current!.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, to))]?.focus();
  };
  const opened = (event: React.ToggleEvent) => {
    if (event.newState !== 'open') return;
    place();
    (pop.current!.querySelector<HTMLElement>('[aria-selected=true]') ?? pop.current!.querySelector('button'))?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={given.bare ? 'ib' : `chip${given.ghost ? ' ghost' : ''}`}
        popoverTarget={id}
        aria-haspopup="listbox"
        aria-label={`${label}: ${current}`}
      >
        {icon && <Icon n={icon} s={given.bare ? 16 : 14} />}
        {!given.bare && (
          <>
            <span className="k">{label}</span> <b>{current}</b>
            <Icon n="down" s={12} c="dim" />
          </>
        )}
      </button>
      <div
        ref={pop}
        id={id}
        popover="auto"
        className="menu"
        role="listbox"
        aria-label={label}
        onToggle={opened}
        onKeyDown={step}
      >
        {options.map((o) => (
          <button
            key={o.value}
            type="button"
            role="option"
            aria-selected={o.value === value}
            onClick={() => {
              pop.current!.hidePopover();
              button.current!.focus();
              onPick(o.value);
            }}
          >
            <span>{o.text}</span>
            {o.hint && <small>{o.hint}</small>}
            {o.value === value && <Icon n="check" s={14} />}
          </button>
        ))}
      </div>
    </>
  );
}

/** One of a few, all in sight. */
export function Switch(given: {
  label: string;
  value: string;
  options: [string, string][];
  onPick: (value: string) => void;
}) {
  const name = useId();
  return (
    <fieldset className="seg">
      <legend className="k">{given.label}</legend>
      {given.options.map(([value, text]) => (
        <label key={value} className={value === given.value ? 'on' : ''}>
          <input type="radio" name={name} checked={value === given.value} onChange={() => given.onPick(value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

/** A difference with its sign as a triangle, a colour and a word. */
export function Delta({
  x,
  text,
  upIsGood = true,
}: {
  x: number | null | undefined;
  text: string;
  upIsGood?: boolean | null;
}) {
  if (x == null) return null;
  if (Math.abs(x) < 1e-9) return <span className="delta mid">{t('no change')}</span>;
  const side = upIsGood === null ? 'mid' : x > 0 === upIsGood ? 'good' : 'bad';
  return (
    <span className={`delta ${side}`}>
      <span aria-hidden="true">{x > 0 ? '▲' : '▼'}</span> {text.replace(/^[+−-]/, '')}
      <span className="sr">{x > 0 ? t(' up') : t(' down')}</span>
    </span>
  );
}

/** The head of a view: its title, and the sentence that states the finding. */
export function Head({ title, say, children }: { title: string; say?: ReactNode; children?: ReactNode }) {
  return (
    <header className="head">
      <div>
        <h1>{title}</h1>
        {say && <p className="say">{say}</p>}
      </div>
      {children && <div className="tools">{children}</div>}
    </header>
  );
}
