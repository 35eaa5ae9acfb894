/** Signing in, and the first visit by the one-time link. */
import { type FormEvent, useState } from 'react';
import { send } from '../api/client';
import { t } from '../lib/i18n';
import type { Session } from '../lib/session';

const LEAST = 10;

/** The token of the one-time link stands behind the #, where no log sees it. */
const linkToken = () => new URLSearchParams(location.hash.slice(1)).get('token') ?? '';

export function Gate({ session, renew }: { session: Session; renew: () => Promise<void> }) {
  const token = linkToken();
  const first = token !== '' && location.pathname === '/setup';
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    if (first && given.password !== given.again) return setWrong(t('The two passwords differ.'));
    setBusy(true);
    const path = first ? '/api/setup' : '/api/login';
    const body = first
      ? { token, name: given.name, password: given.password }
      : { name: given.name, password: given.password };
    return send('POST', path, body)
      .then(() => {
        if (first) history.replaceState(null, '', '/overview');
        return renew();
      })
      .catch((problem: Error) => setWrong(problem.message))
      .finally(() => setBusy(false));
  };
  return (
    <main className="gate" id="main">
      <form onSubmit={submit}>
        <h1>{first ? t('Welcome to desirepath') : t('Sign in to desirepath')}</h1>
        {first && (
          <p className="say">
            {t('You are the first here. Choose a name and a password; you will be the administrator.')}
          </p>
        )}
        {!first && session.setup && (
          <p className="say">
            {t(
              'Nobody can sign in yet. Open the one-time link that `desirepath serve` has printed, or make a new one with `desirepath users link`.',
            )}
          </p>
        )}
        <label className="field">
          {t('Name')}
          <input name="name" autoComplete="username" required maxLength={100} />
        </label>
        <label className="field">
          {t('Password')}
          <input
            name="password"
            type="password"
            autoComplete={first ? 'new-password' : 'current-password'}
            required
            minLength={first ? LEAST : 1}
          />
          {first && <small>{t('At least {n} characters.', { n: LEAST })}</small>}
        </label>
        {first && (
          <label className="field">
            {t('Password again')}
            <input name="again" type="password" autoComplete="new-password" required minLength={LEAST} />
          </label>
        )}
        {wrong && (
          <p className="t-bad" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className="btn pri" disabled={busy}>
          {first ? t('Begin') : t('Sign in')}
        </button>
        {session.oidc && (
          <a className="btn" href={session.oidc.url}>
            {t('Sign in with {name}', { name: session.oidc.name })}
          </a>
        )}
      </form>
    </main>
  );
}
