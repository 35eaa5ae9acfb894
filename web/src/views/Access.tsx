/** Who may do what here: people with a role, programs with a token, and the log of what was done. */
import { useState } from 'react';
import type { Listed, ListedToken } from '../api/schema';
import { plural, t } from '../lib/i18n';
import { PasswordDialog } from '../ui/account';
import { Head } from '../ui/parts';
import { Shown } from '../ui/shown';
import { useFresh } from './data/fresh';
import { Log } from './data/Log';
import { Sessions } from './data/Sessions';
import { Tokens } from './data/Tokens';
import { Users } from './data/Users';

export default function Access(_: { rest: string }) {
  const users = useFresh<Listed[]>('/api/users');
  const tokens = useFresh<ListedToken[]>('/api/tokens');
  const [turn, setTurn] = useState(0);
  const [password, setPassword] = useState(false);
  // what is done here stands in the log at once
  const done = (again: () => void) => () => {
    again();
    setTurn((n) => n + 1);
  };
  return (
    <>
      <Head title={t('Access')} say={said(users.data, tokens.data)}>
        <button type="button" className="btn" onClick={() => setPassword(true)}>
          {t('Change my password…')}
        </button>
      </Head>
      <section className="panel">
        <h2>{t('People')}</h2>
        <Shown load={users}>{(listed) => <Users users={listed} again={done(users.again)} />}</Shown>
      </section>
      <section className="panel">
        <h2>
          {t('Programs')} <small>{t('tokens: for scripts, dashboards and agents')}</small>
        </h2>
        <Shown load={tokens}>{(listed) => <Tokens tokens={listed} again={done(tokens.again)} />}</Shown>
      </section>
      <Sessions />
      <Log turn={turn} />
      {password && <PasswordDialog onClose={() => setPassword(false)} />}
    </>
  );
}

function said(users: Listed[] | undefined, tokens: ListedToken[] | undefined): string {
  if (!users || !tokens) return t('Who may do what here, and what was done.');
  const waiting = users.filter((one) => one.by === 'link').length;
  return [
    plural(
      users.length,
      '{n} person may log in, {admins} of them as admin',
      '{n} people may log in, {admins} of them as admin',
      {
        admins: users.filter((one) => one.role === 'admin').length,
      },
    ),
    plural(tokens.length, '{n} program has a token.', '{n} programs have a token.'),
    waiting
      ? plural(waiting, '{n} person has not used their link yet.', '{n} people have not used their link yet.')
      : '',
  ]
    .filter(Boolean)
    .join('; ')
    .replace('.; ', '. ');
}
