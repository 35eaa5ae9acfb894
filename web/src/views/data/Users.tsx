/** Who may log in, and as what: invited by a link that is shown once, with a role, and taken away. */
import { type FormEvent, useState } from 'react';
import { send } from '../../api/client';
import type { Gone, Invited, Link, Listed } from '../../api/schema';
import { int, moment } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Dialog } from '../../ui/dialog';
import { Once, Scroll } from './parts';

const ROLES = ['viewer', 'analyst', 'admin'] as const;
type Role = (typeof ROLES)[number];
const MAY: Record<Role, string> = {
  viewer: 'sees every answer, nobody’s identity',
  analyst: 'saves questions, segments and maps, sees identities with an entry in the log',
  admin: 'lets others in, hands out and erases data of people',
};
const BY: Record<Listed['by'], string> = {
  password: 'a password',
  provider: 'the company’s login',
  link: 'has not used the link yet',
};

const whole = (link: string) => new URL(link, location.origin).href;

export function Users({ users, again }: { users: Listed[]; again: () => void }) {
  const { user, workspace } = useSession();
  const [link, setLink] = useState<{ name: string; link: string } | null>(null);
  const [leaving, leave] = useState<Listed | null>(null);
  const [wrong, setWrong] = useState('');
  const fail = (problem: Error) => setWrong(problem.message);
  const invite = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = Object.fromEntries(new FormData(form));
    setWrong('');
    send<Invited>('POST', '/api/users', { name: given.name, role: given.role })
      .then((made) => {
        setLink({ name: made.name, link: whole(made.link) });
        form.reset();
        again();
      })
      .catch(fail);
  };
  const give = (one: Listed, role: string) => {
    setWrong('');
    send('PUT', `/api/users/${encodeURIComponent(one.name)}`, { role })
      .then(() => toast(t('{name} is {role} now.', { name: one.name, role: t(role) })))
      .catch(fail)
      .finally(again);
  };
  const relink = (one: Listed) =>
    send<Link>('POST', `/api/users/${encodeURIComponent(one.name)}/link`)
      .then((made) => setLink({ name: one.name, link: whole(made.link) }))
      .then(again)
      .catch(fail);
  return (
    <>
      <Scroll label={t('People')}>
        <table className="table users">
          <thead>
            <tr>
              <th scope="col">{t('name')}</th>
              <th scope="col">{t('role')}</th>
              <th scope="col" className="nw">
                {t('logs in by')}
              </th>
              <th scope="col" className="nw">
                {t('logged in last')}
              </th>
              <th scope="col" className="n nw">
                {t('logged in now')}
              </th>
              <th scope="col" className="nw">
                {t('invited')}
              </th>
              <th scope="col">
                <span className="sr">{t('what can be done')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {users.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  <bdi>{one.name}</bdi> {one.name === user.name && <small>{t('you')}</small>}
                  <small className="nn">
                    {t(BY[one.by])}, {one.entered_at ? moment(one.entered_at, workspace.time_zone) : t('never yet')}
                  </small>
                </th>
                <td>
                  <select
                    className="plain"
                    aria-label={t('Role of {name}', { name: one.name })}
                    value={one.role}
                    onChange={(event) => give(one, event.target.value)}
                  >
                    {ROLES.map((role) => (
                      <option key={role} value={role}>
                        {t(role)}
                      </option>
                    ))}
                  </select>
                </td>
                <td className="nw">{t(BY[one.by])}</td>
                <td className="nw">{moment(one.entered_at, workspace.time_zone)}</td>
                <td className="n nw">{int(one.sessions)}</td>
                <td className="nw">
                  {moment(one.made_at, workspace.time_zone, 'day')} {t('by')} <bdi>{one.made_by}</bdi>
                </td>
                <td className="do">
                  {one.by !== 'provider' && (
                    <button
                      type="button"
                      className="btn"
                      aria-label={t('New link for {name}', { name: one.name })}
                      onClick={() => void relink(one)}
                    >
                      {t('New link')}
                    </button>
                  )}
                  <button
                    type="button"
                    className="btn"
                    aria-label={t('Take away… {name}', { name: one.name })}
                    onClick={() => leave(one)}
                  >
                    {t('Take away…')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {wrong && (
        <p className="t-bad" role="alert">
          <bdi>{wrong}</bdi>
        </p>
      )}
      {link && (
        <Once
          label={t('The one-time link of {name}', { name: link.name })}
          value={link.link}
          says={t(
            'By it they choose their password. It holds for a week, and is shown this once; give it to them yourself.',
          )}
          onDone={() => setLink(null)}
        />
      )}
      <form className="addform" onSubmit={invite} aria-label={t('Invite somebody')}>
        <label className="field">
          {t('Invite somebody: their name')}
          <input
            name="name"
            required
            maxLength={100}
            pattern="[\w.@+\-]{1,100}"
            autoComplete="off"
            title={t('letters, digits and . @ + - _')}
          />
        </label>
        <label className="field">
          {t('Role')}
          <select name="role" defaultValue="viewer">
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {t(role)}: {t(MAY[role])}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="btn pri">
          {t('Invite')}
        </button>
      </form>
      {leaving && (
        <Leave
          one={leaving}
          own={leaving.name === user.name}
          onClose={() => leave(null)}
          onGone={(gone) => {
            leave(null);
            toast(
              t('{name} is gone, with {sessions} and {tokens}.', {
                name: leaving.name,
                sessions: plural(gone.sessions, '{n} login', '{n} logins'),
                tokens: plural(gone.tokens, '{n} token', '{n} tokens'),
              }),
            );
            again();
          }}
        />
      )}
    </>
  );
}

function Leave({
  one,
  own,
  onClose,
  onGone,
}: {
  one: Listed;
  own: boolean;
  onClose: () => void;
  onGone: (gone: Gone) => void;
}) {
  const [wrong, setWrong] = useState('');
  return (
    <Dialog title={t('Take {name} away?', { name: one.name })} onClose={onClose}>
      <p>
        {t(
          'They are logged out everywhere at once, and the tokens that they made hold no longer. What they saved stays.',
        )}
        {own && ` ${t('This is you: you are logged out too.')}`}
      </p>
      {wrong && (
        <p className="t-bad" role="alert">
          {wrong}
        </p>
      )}
      <div className="acts">
        <button
          type="button"
          className="btn bad"
          onClick={() =>
            send<Gone>('DELETE', `/api/users/${encodeURIComponent(one.name)}`)
              .then(onGone)
              .catch((problem: Error) => setWrong(problem.message))
          }
        >
          {t('Take away')}
        </button>
        <button type="button" className="btn" onClick={onClose}>
          {t('Keep')}
        </button>
      </div>
    </Dialog>
  );
}
