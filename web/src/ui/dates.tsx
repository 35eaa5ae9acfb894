/** Dates of one's own: from and to, both days included. */
import { type FormEvent, useState } from 'react';
import { t } from '../lib/i18n';
import type { Extent } from './bar';
import { Dialog } from './dialog';

const DAY = 86_400_000;
const after = (day: string, n: number) =>
  new Date(new Date(`${day}T00:00:00Z`).getTime() + n * DAY).toISOString().slice(0, 10);

export function DatesDialog({
  value,
  extent,
  onPick,
  onClose,
}: {
  value: string;
  extent: Extent | undefined;
  onPick: (value: string) => void;
  onClose: () => void;
}) {
  const span = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(value);
  const [from, setFrom] = useState(span?.[1] ?? extent?.first?.slice(0, 10) ?? '');
  const [to, setTo] = useState(span ? after(span[2] as string, -1) : (extent?.last?.slice(0, 10) ?? ''));
  const wrong = from && to && from > to ? t('The first day comes after the last.') : '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong || !from || !to) return;
    onPick(`${from}..${after(to, 1)}`);
    onClose();
  };
  return (
    <Dialog title={t('Choose dates')} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="row2">
          <label className="field">
            {t('First day')}
            <input type="date" required value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label className="field">
            {t('Last day')}
            <input type="date" required value={to} onChange={(event) => setTo(event.target.value)} />
          </label>
        </div>
        {extent?.first && extent.last && (
          <p className="foot">
            {t('There are events from {first} to {last}.', {
              first: extent.first.slice(0, 10),
              last: extent.last.slice(0, 10),
            })}
          </p>
        )}
        {wrong && (
          <p className="t-bad" role="alert">
            {wrong}
          </p>
        )}
        <div className="acts">
          <button type="submit" className="btn pri">
            {t('Use these dates')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
