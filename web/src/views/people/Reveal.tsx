/** Who this is: the identities behind a label, for a reason that is kept in the audit log. */
import { type FormEvent, useState } from 'react';
import { send } from '../../api/client';
import { t } from '../../lib/i18n';
import { Dialog } from '../../ui/dialog';

type Identity = { kind: string; value: string } | string;

const parts = (one: Identity): [string, string] => {
  if (typeof one !== 'string') return [one.kind, one.value];
  const at = one.indexOf(':');
  return at < 0 ? ['', one] : [one.slice(0, at), one.slice(at + 1)];
};

/** What was shown is forgotten when the dialog closes. */
export function Reveal({ handle, label, onClose }: { handle: string; label: string; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [shown, show] = useState<Identity[] | null>(null);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    send<{ identities: Identity[] }>('POST', `/api/people/${encodeURIComponent(handle)}/reveal`, {
      reason: reason.trim(),
    })
      .then(({ identities }) => show(identities))
      .catch((problem: Error) => setWrong(problem.message))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={shown ? t('Who {label} is', { label }) : t('Show who {label} is?', { label })} onClose={onClose}>
      {shown ? (
        <>
          <p className="foot">{t('That you looked, and why, stands in the audit log.')}</p>
          <ul className="idents">
            {shown.map((one) => {
              const [kind, value] = parts(one);
              return (
                <li key={`${kind}:${value}`}>
                  <small>{kind}</small> <bdi>{value}</bdi>
                </li>
              );
            })}
          </ul>
          <div className="acts">
            <button type="button" className="btn" onClick={onClose}>
              {t('Hide again')}
            </button>
          </div>
        </>
      ) : (
        <form onSubmit={submit}>
          <label className="field">
            {t('Why do you need to know?')}
            <textarea
              value={reason}
              required
              minLength={3}
              maxLength={500}
              onChange={(event) => setReason(event.target.value)}
            />
            <small>{t('Your name, the time, this person and the reason are written to the audit log.')}</small>
          </label>
          {wrong && (
            <p className="t-bad" role="alert">
              {wrong}
            </p>
          )}
          <button type="submit" className="btn pri" disabled={busy || reason.trim().length < 3}>
            {t('Show the identity')}
          </button>
        </form>
      )}
    </Dialog>
  );
}
