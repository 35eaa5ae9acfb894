/** A picture with its name, its table twin and its files. */
import { type ReactNode, useRef, useState } from 'react';
import type { Answer } from '../api/answer';
import { type Asked, elsewhere, savePng, saveSvg, saveTable } from '../lib/export';
import { copied, toast } from '../lib/hooks';
import { t } from '../lib/i18n';
import { Dialog } from './dialog';
import { Menu } from './parts';
import { DataTable, type Sides } from './table';

/** What the picture is of, for its files and its table. */
export type Source = { answer: Answer; asked: Asked; table?: string; sides?: Sides };

function caption(title: string, source: Source): string[] {
  const of = source.answer.asked_of;
  const parts = [
    `${of.period}`,
    of.filter !== 'true' ? `${t('filter')}: ${of.filter}` : '',
    of.cohort !== 'true' ? `${t('people')}: ${of.cohort}` : '',
    `${t('data until')} ${of.cutoff}`,
  ];
  return [`${title} · ${parts.filter(Boolean).join(' · ')}`, ...source.answer.words.slice(0, 1)];
}

export function Figure({
  title,
  hint,
  source,
  children,
  tools,
}: {
  title: string;
  hint?: string;
  source?: Source;
  children: ReactNode;
  tools?: ReactNode;
}) {
  const ref = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<'table' | 'ask' | null>(null);
  const pick = (what: string) => {
    if (!source) return;
    const pictures = [...(ref.current?.querySelectorAll<SVGSVGElement>('svg[role]') ?? [])];
    const file = title.toLowerCase().replace(/[^\w]+/g, '-');
    if (what === 'table' || what === 'ask') setOpen(what);
    else if (what === 'print') print();
    else if (what === 'png' && pictures.length)
      savePng(pictures, file, caption(title, source)).catch((problem: Error) => toast(problem.message));
    else if (what === 'svg' && pictures.length) saveSvg(pictures, file, caption(title, source));
    else if (what === 'csv' || what === 'parquet' || what === 'json')
      saveTable(source.asked, what, what === 'json' ? undefined : source.table).catch((problem: Error) =>
        toast(problem.message),
      );
  };
  const drawn = [
    { value: 'png', text: t('Picture (PNG)') },
    { value: 'svg', text: t('Picture (SVG)') },
  ];
  const always = [
    { value: 'table', text: t('Show as a table') },
    { value: 'ask', text: t('Copy as Python, curl, command') },
    { value: 'csv', text: t('Table (CSV)') },
    { value: 'parquet', text: t('Table (Parquet)') },
    { value: 'json', text: t('Whole answer (JSON)') },
    { value: 'print', text: t('Print') },
  ];
  return (
    <figure className="figure" ref={ref}>
      <header>
        <h2>
          {title} {hint && <small>{hint}</small>}
        </h2>
        {tools}
        {source && (
          <Menu
            ghost
            label={t('Take away')}
            value=""
            shown=""
            icon="share"
            options={[...always.slice(0, 2), ...drawn, ...always.slice(2)]}
            onPick={pick}
          />
        )}
      </header>
      {children}
      {open === 'table' && source && (
        <Dialog title={title} onClose={() => setOpen(null)} drawer>
          <DataTable
            name={title}
            sides={source.sides}
            table={(source.table ? source.answer.extras[source.table] : source.answer.table) ?? {}}
          />
        </Dialog>
      )}
      {open === 'ask' && source && <Elsewhere asked={source.asked} onClose={() => setOpen(null)} />}
    </figure>
  );
}

export function Elsewhere({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const ways = elsewhere(asked);
  const one = (title: string, text: string) => (
    <section key={title} className="field">
      <span>
        <b>{title}</b>{' '}
        <button type="button" className="link" onClick={() => copied(text)}>
          {t('Copy')}
        </button>
      </span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
  return (
    <Dialog title={t('The same question elsewhere')} onClose={onClose}>
      {one(t('Command line'), ways.command)}
      {one('Python', ways.python)}
      {one('curl', ways.curl)}
    </Dialog>
  );
}
