/** Erasing a person: what it does, what it does not reach, and a label typed so that it is meant. */
import { type FormEvent, useState } from 'react';
import { send } from '../../api/client';
import type { JobShape } from '../../api/schema';
import { t } from '../../lib/i18n';
import { Dialog } from '../../ui/dialog';
import { Counts } from './Counts';

export function EraseDialog({
  job,
  onClose,
  onBegun,
}: {
  job: JobShape;
  onClose: () => void;
  onBegun: (job: JobShape) => void;
}) {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const meant = typed.trim().toUpperCase() === job.label;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason'));
    setBusy(true);
    send<JobShape>('POST', '/api/privacy/erase', { identity: job.handle, confirm: typed, reason })
      .then((begun) => {
        onBegun(begun);
        onClose();
      })
      .catch((problem: Error) => {
        setWrong(problem.message);
        setBusy(false);
      });
  };
  return (
    <Dialog title={t('Erase {label}?', { label: job.label })} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          <b>{t('There is no way back.')}</b>{' '}
          {t(
            'The archive is written anew without the person, and the database is made again from it. Meanwhile questions wait.',
          )}
        </p>
        {job.kind === 'look' && job.standing === 'done' && <Counts job={job} />}
        <ul className="plainlist">
          <li>{t('Their names in rows of others become “[erased]”.')}</li>
          <li>{t('Numbers of the past change, as if they had never come.')}</li>
          <li>
            {t(
              'Files of your own, exports, vendors and earlier backups are not reached: erase there first, or they come back with the next import.',
            )}
          </li>
        </ul>
        <label className="field">
          {t('Why; it stands in the log of erasures, without their name')}
          <input name="reason" required maxLength={500} autoComplete="off" />
        </label>
        <label className="field">
          {t('Type {label} to confirm', { label: job.label })}
          <input
            value={typed}
            required
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        {wrong && (
          <p className="t-bad" role="alert">
            <bdi>{wrong}</bdi>
          </p>
        )}
        <div className="acts">
          <button type="submit" className="btn bad" disabled={!meant || busy}>
            {t('Erase for good')}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            {t('Keep the person')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
