/** A condition for the chips: field, comparison, value, or the filter language itself. Checked by the server before use. */
import { type FormEvent, useId, useState } from 'react';
import type { Problem } from '../api/answer';
import { send, url } from '../api/client';
import { useGet } from '../lib/asking';
import { t } from '../lib/i18n';
import { quoted } from '../lib/whom';
import { useFields } from './bar';
import { Dialog } from './dialog';

/** Fields that every event has. */
export const OWN = ['name', 'channel', 'source', 'value', 'entity_type'];
/** What can be asked of a field, and how it is called. */
export const TESTS: [string, string][] = [
  ['=', 'is'],
  ['!=', 'is not'],
  ['contains', 'contains'],
  ['starts with', 'starts with'],
  ['>', 'is more than'],
  ['<', 'is less than'],
  ['is missing', 'is missing'],
  ['is not missing', 'is there'],
];

const plain = (field: string) => (/^[A-Za-z_][\w.]*$/.test(field) ? field : `"${field.replaceAll('"', '""')}"`);

/** The condition in the filter language; a number where the test compares numbers. */
export function condition(field: string, test: string, value: string): string {
  if (test.endsWith('missing')) return `${plain(field)} ${test}`;
  const number = (test === '>' || test === '<') && value.trim() !== '' && Number.isFinite(Number(value));
  return `${plain(field)} ${test} ${number ? Number(value) : quoted(value)}`;
}

type Checked = { ok: boolean; problem?: { message: string; nearest?: string | null } | null };

export function FilterDialog({
  onPick,
  onClose,
}: {
  onPick: (filter: string, whose: 'events' | 'people') => void;
  onClose: () => void;
}) {
  const id = useId();
  const { data: fields } = useFields();
  const [field, setField] = useState('name');
  const [test, setTest] = useState('=');
  const [value, setValue] = useState('');
  const [own, setOwn] = useState<string | null>(null);
  const [wrong, setWrong] = useState('');
  const listed = [...OWN, ...(fields?.properties ?? [])];
  const [whose, setWhose] = useState<'events' | 'people'>('events');
  // a name that is still being typed is no field yet
  const { data: values } = useGet<{ value: string; events: number }[]>(
    listed.includes(field) ? url('/api/values', { field }) : null,
  );
  const needs = !test.endsWith('missing');
  const filter = own ?? condition(field, test, value);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send<Checked>('POST', '/api/filters/check', { filter })
      .then((checked) => {
        if (!checked.ok)
          return setWrong(
            [
              checked.problem?.message,
              checked.problem?.nearest && t('Did you mean {nearest}?', { nearest: checked.problem.nearest }),
            ]
              .filter(Boolean)
              .join(' '),
          );
        onPick(filter, whose);
        onClose();
      })
      .catch((problem: Problem) => setWrong(problem.message));
  };
  return (
    <Dialog title={t('Add a filter')} onClose={onClose}>
      <form onSubmit={submit}>
        {own === null ? (
          <div className="row3">
            <label className="field">
              {t('Field')}
              <input list={`${id}f`} value={field} required onChange={(event) => setField(event.target.value)} />
              <datalist id={`${id}f`}>
                {listed.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </label>
            <label className="field">
              {t('Comparison')}
              <select value={test} onChange={(event) => setTest(event.target.value)}>
                {TESTS.map(([written, text]) => (
                  <option key={written} value={written}>
                    {t(text)}
                  </option>
                ))}
              </select>
            </label>
            {needs && (
              <label className="field">
                {t('Value')}
                <input list={`${id}v`} value={value} required onChange={(event) => setValue(event.target.value)} />
                <datalist id={`${id}v`}>
                  {(values ?? []).slice(0, 50).map((one) => (
                    <option key={one.value} value={one.value} />
                  ))}
                </datalist>
              </label>
            )}
          </div>
        ) : (
          <label className="field">
            {t('In the filter language')}
            <textarea value={own} onChange={(event) => setOwn(event.target.value)} spellCheck={false} />
          </label>
        )}
        <fieldset className="whose">
          <legend>{t('What counts')}</legend>
          <label className="check">
            <input type="radio" name={`${id}w`} checked={whose === 'events'} onChange={() => setWhose('events')} />{' '}
            {t('only such events: steps and answers without it drop out')}
          </label>
          <label className="check">
            <input type="radio" name={`${id}w`} checked={whose === 'people'} onChange={() => setWhose('people')} />{' '}
            {t('everything that people did who have such an event')}
          </label>
        </fieldset>
        <p className="foot">
          <code>{filter}</code>{' '}
          <button type="button" className="link" onClick={() => setOwn(own === null ? filter : null)}>
            {own === null ? t('Write it yourself') : t('Choose from lists')}
          </button>
        </p>
        {wrong && (
          <p className="t-bad" role="alert">
            {wrong}
          </p>
        )}
        <div className="acts">
          <button type="submit" className="btn pri">
            {t('Add')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
