/** Saved questions: a name for an address. They are files in the workspace's folder `questions/`. */
import { type FormEvent, useState } from 'react';
import { send } from '../api/client';
import { useGet } from '../lib/asking';
import { toast } from '../lib/hooks';
import { t } from '../lib/i18n';
import { useMay } from '../lib/session';
import { Dialog } from './dialog';
import { Shown } from './shown';

type Saved = { name: string; title: string; address: string; owner: string | null };

const nameOf = (title: string) =>
  title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);

export function SaveDialog({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState('');
  const [wrong, setWrong] = useState('');
  const may = useMay('analyst');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send('PUT', `/api/saved/${encodeURIComponent(nameOf(title))}`, {
      title,
      address: location.pathname + location.search,
    })
      .then(() => {
        toast(t('Saved.'));
        onClose();
      })
      .catch((problem: Error) => setWrong(problem.message));
  };
  return (
    <Dialog title={t('Save this question')} onClose={onClose}>
      {may ? (
        <form onSubmit={submit}>
          <label className="field">
            {t('Its name')}
            <input value={title} required maxLength={100} onChange={(event) => setTitle(event.target.value)} />
            <small>{t('What the chips and the view say is saved, not the numbers.')}</small>
          </label>
          {wrong && (
            <p className="t-bad" role="alert">
              {wrong}
            </p>
          )}
          <button type="submit" className="btn pri" disabled={!nameOf(title)}>
            {t('Save')}
          </button>
        </form>
      ) : (
        <p>{t('Your role may read, not save. The address can be copied and shared.')}</p>
      )}
    </Dialog>
  );
}

export function SavedDialog({ onClose }: { onClose: () => void }) {
  const load = useGet<Saved[]>('/api/saved');
  const may = useMay('analyst');
  const remove = (name: string) =>
    send('DELETE', `/api/saved/${encodeURIComponent(name)}`)
      .then(load.again)
      .catch((problem: Error) => toast(problem.message));
  return (
    <Dialog title={t('Saved questions')} onClose={onClose}>
      <Shown load={load}>
        {(saved) =>
          saved.length === 0 ? (
            <p>{t('Nothing is saved yet.')}</p>
          ) : (
            <ul className="savedlist">
              {saved.map((one) => (
                <li key={one.name}>
                  <a href={one.address.startsWith('/') && !one.address.startsWith('//') ? one.address : '/overview'}>
                    {one.title}
                  </a>
                  <small>{one.owner}</small>
                  {may && (
                    <button type="button" className="link" onClick={() => void remove(one.name)}>
                      {t('Delete')}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Dialog>
  );
}
