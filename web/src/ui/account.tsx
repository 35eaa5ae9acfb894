/** One's own account: another password, signing out. */
import { type FormEvent, useState } from 'react';
import { send } from '../api/client';
import { toast } from '../lib/hooks';
import { t } from '../lib/i18n';
import { Dialog } from './dialog';
import { LEAST } from './gate';

/** Signs out, and forgets what the page holds in memory: whoever comes next may see less. */
export async function signOut(renew: () => Promise<void>) {
  try {
    await send('POST', '/api/logout');
  } catch (problem) {
    toast((problem as Error).message);
    return renew();
  }
  location.reload();
}

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const [wrong, setWrong] = useState('');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    if (given.new !== given.again) return setWrong(t('The two passwords differ.'));
    return send('POST', '/api/password', { old: given.old, new: given.new })
      .then(() => {
        toast(t('The password is changed. Other sessions of yours have ended.'));
        onClose();
        // the session was made anew, and with it what guards against forged requests
        location.reload();
      })
      .catch((problem: Error) => setWrong(problem.message));
  };
  return (
    <Dialog title={t('Change the password')} onClose={onClose}>
      <form onSubmit={submit}>
        <label className="field">
          {t('The password until now')}
          <input name="old" type="password" autoComplete="current-password" required />
        </label>
        <label className="field">
          {t('The new one')}
          <input name="new" type="password" autoComplete="new-password" required minLength={LEAST} />
          <small>{t('At least {n} characters.', { n: LEAST })}</small>
        </label>
        <label className="field">
          {t('Once more')}
          <input name="again" type="password" autoComplete="new-password" required minLength={LEAST} />
        </label>
        {wrong && (
          <p className="t-bad" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className="btn pri">
          {t('Change')}
        </button>
      </form>
    </Dialog>
  );
}
