/** Which programs may ask here, and what each may: a token is shown once, holds for a while, and can be taken away. */
import { type FormEvent, useState } from 'react';
import { send } from '../../api/client';
import type { ListedToken, MadeToken } from '../../api/schema';
import { moment } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Once, Scroll, Tag } from './parts';

const SCOPES: [string, string][] = [
  ['read', 'ask every question'],
  ['ingest', 'send events'],
  ['analyst', 'save segments and maps, list people'],
  ['admin', 'users, tokens and this log'],
  ['erase', 'hand out and erase people'],
];
const HOLDS = ['7 days', '30 days', '90 days', '365 days'];

export function Tokens({ tokens, again }: { tokens: ListedToken[]; again: () => void }) {
  const { user, workspace } = useSession();
  const [made, setMade] = useState<MadeToken | null>(null);
  const [wrong, setWrong] = useState('');
  const [sure, setSure] = useState<string | null>(null);
  const make = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    setWrong('');
    send<MadeToken>('POST', '/api/tokens', {
      name: given.get('name'),
      scopes: given.getAll('scope'),
      expires: given.get('expires') || null,
    })
      .then((token) => {
        setMade(token);
        form.reset();
        again();
      })
      .catch((problem: Error) => setWrong(problem.message));
  };
  const drop = (name: string) =>
    send('DELETE', `/api/tokens/${encodeURIComponent(name)}`)
      .then(() => {
        toast(t('The token {name} holds no longer.', { name }));
        setSure(null);
        again();
      })
      .catch((problem: Error) => setWrong(problem.message));
  return (
    <>
      {tokens.length === 0 ? (
        <p className="dim">{t('No program has a token yet.')}</p>
      ) : (
        <Scroll label={t('Programs')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('name')}</th>
                <th scope="col">{t('may')}</th>
                <th scope="col">{t('holds until')}</th>
                <th scope="col">{t('used last')}</th>
                <th scope="col">{t('made')}</th>
                <th scope="col">
                  <span className="sr">{t('what can be done')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((one) => (
                <tr key={one.name}>
                  <th scope="row">
                    <bdi>{one.name}</bdi>
                  </th>
                  <td>{one.scopes.join(', ')}</td>
                  <td>
                    {one.until ? moment(one.until, workspace.time_zone) : <Tag kind="note">{t('for ever')}</Tag>}{' '}
                    {one.until && Date.parse(one.until) < Date.now() && <Tag kind="warning">{t('over')}</Tag>}
                  </td>
                  <td>{one.used_at ? moment(one.used_at, workspace.time_zone) : t('never')}</td>
                  <td>
                    {moment(one.made_at, workspace.time_zone, 'day')} {t('by')} <bdi>{one.made_by}</bdi>
                  </td>
                  <td className="do">
                    {sure === one.name ? (
                      <>
                        <button type="button" className="btn bad" onClick={() => void drop(one.name)}>
                          {t('Take {name} away', { name: one.name })}
                        </button>
                        <button type="button" className="btn" onClick={() => setSure(null)}>
                          {t('Keep')}
                        </button>
                      </>
                    ) : (
                      <button
                        type="button"
                        className="btn"
                        aria-label={t('Take away… the token {name}', { name: one.name })}
                        onClick={() => setSure(one.name)}
                      >
                        {t('Take away…')}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {wrong && (
        <p className="t-bad" role="alert">
          <bdi>{wrong}</bdi>
        </p>
      )}
      {made && (
        <Once
          label={t('The token {name}', { name: made.name })}
          value={made.token}
          says={t('Send it as “Authorization: Bearer …”. It is shown this once, and kept nowhere.')}
          onDone={() => setMade(null)}
        />
      )}
      <form className="addform tok" onSubmit={make} aria-label={t('Make a token')}>
        <label className="field">
          {t('Make a token: its name')}
          <input
            name="name"
            required
            maxLength={100}
            autoComplete="off"
            placeholder={t('what it is for')}
            pattern="[\w .@+\-]{1,100}"
            title={t('letters, digits, blanks and . @ + - _')}
          />
        </label>
        <label className="field">
          {t('It holds for')}
          <select name="expires" defaultValue="90 days">
            {HOLDS.map((time) => (
              <option key={time} value={time}>
                {t(time)}
              </option>
            ))}
            <option value="">{t('for ever')}</option>
          </select>
        </label>
        <fieldset className="scopes">
          <legend>{t('It may')}</legend>
          {SCOPES.filter(([scope]) => scope === 'ingest' || user.scopes.includes(scope)).map(([scope, says]) => (
            <label key={scope}>
              <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'read'} /> <b>{scope}</b>{' '}
              <small>{t(says)}</small>
            </label>
          ))}
        </fieldset>
        <button type="submit" className="btn pri">
          {t('Make the token')}
        </button>
      </form>
    </>
  );
}
