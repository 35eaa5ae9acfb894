/** Signing in, by password or by a provider, and the visit by a one-time link. */
import { type FormEvent, useState } from 'react';
import { send, url } from '../api/client';
import { t } from '../lib/i18n';
import type { Session } from '../lib/session';

/** Characters of a password. */
export const LEAST = 10;

/** What stands behind the #, where no log sees it: the token of a one-time link, or why a provider's word was not enough. */
const behind = (name: string) => new URLSearchParams(location.hash.slice(1)).get(name) ?? '';

/** Whether the page was opened by a one-time link. */
const isLink = () => location.pathname === '/setup' && behind('token') !== '';

/** Whether the link is for somebody by name, who need not be the one who is signed in. */
export const isForSomebody = () => isLink() && behind('name') !== '';

const refused = (reason: string) =>
  ({
    provider: t('The provider cannot be asked now. Try again, or sign in by password.'),
    refused: t('The provider did not let you in.'),
    state: t('This sign-in was begun elsewhere, or too long ago. Try again.'),
    token: t('What the provider said of you cannot be believed.'),
    role: t('The provider knows you, but gives you no role here. Ask whoever runs this server.'),
    name: t('Your name is taken here by somebody who signs in by password. Ask whoever runs this server.'),
  })[reason] ?? '';

/** Where to go on after the provider. */
const comeBack = () => (location.pathname === '/login' ? '/' : location.pathname + location.search);

export function Gate({ session, renew }: { session: Session; renew: () => Promise<void> }) {
  const [token, owner] = [behind('token'), behind('name')];
  const first = isLink();
  const [wrong, setWrong] = useState(refused(location.pathname === '/login' ? behind('refused') : ''));
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
        if (first || location.pathname === '/login') history.replaceState(null, '', '/overview');
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
            {owner
              ? t('This link is for {name}, and works once. Choose a password.', { name: owner })
              : t('You are the first here. Choose a name and a password; you will be the administrator.')}
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
          <input
            name="name"
            autoComplete="username"
            required
            maxLength={100}
            defaultValue={first ? owner : ''}
            readOnly={first && owner !== ''}
          />
          {first && owner === '' && <small>{t('Letters, digits and . _ @ + -, without spaces.')}</small>}
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
        {session.oidc && !first && (
          <a className="btn" href={url(session.oidc.url, { to: comeBack() })}>
            {t('Sign in with {name}', { name: session.oidc.name })}
          </a>
        )}
      </form>
    </main>
  );
}
