/** What people decided about who is who, each with a reason and a way back; and the versions that came of it. */
import { type FormEvent, useState } from 'react';
import { send } from '../../api/client';
import type { Decided, IdentityShape, RuleShape } from '../../api/schema';
import { int, moment } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useMay, useSession } from '../../lib/session';
import { Dialog } from '../../ui/dialog';
import { Scroll } from './parts';

const ACTIONS: Record<string, string> = {
  link: 'one person',
  cut: 'not one person',
  block: 'names nobody',
  dismiss: 'do not ask again',
  undo: 'taken back',
};

export function ByHand({ told, again }: { told: IdentityShape; again: () => void }) {
  const { workspace } = useSession();
  const may = useMay('analyst');
  const [undoing, undo] = useState<RuleShape | null>(null);
  return (
    <section className="panel">
      <h2>
        {t('Decided by hand')} <small>identity_rules.jsonl</small>
      </h2>
      {told.rules.length === 0 ? (
        <p className="dim">{t('Nobody has decided anything by hand; all of it follows from what was seen.')}</p>
      ) : (
        <ul className="decide lined">
          {told.rules.map((rule) => (
            <li key={rule.rule} className={rule.standing ? '' : 'gone'}>
              <div>
                <b>
                  {rule.rule}. {t(ACTIONS[rule.action] ?? rule.action)}
                </b>{' '}
                {rule.a && (
                  <code>
                    <bdi>{rule.a}</bdi>
                  </code>
                )}{' '}
                {rule.b && (
                  <code>
                    <bdi>{rule.b}</bdi>
                  </code>
                )}
                {rule.undone !== null && t('rule {n}', { n: rule.undone })}
                <p className="dim">
                  <bdi>{rule.reason}</bdi> · <bdi>{rule.author}</bdi> · {moment(rule.at, workspace.time_zone)}
                  {!rule.standing && ` · ${t('no longer holds')}`}
                </p>
              </div>
              {may && rule.standing && rule.action !== 'undo' && (
                <button
                  type="button"
                  className="btn"
                  aria-label={t('Take back… rule {n}', { n: rule.rule })}
                  onClick={() => undo(rule)}
                >
                  {t('Take back…')}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {undoing && <Undo rule={undoing} onClose={() => undo(null)} onDone={again} />}
    </section>
  );
}

function Undo({ rule, onClose, onDone }: { rule: RuleShape; onClose: () => void; onDone: () => void }) {
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason'));
    setBusy(true);
    send<Decided>('POST', `/api/identity/rules/${rule.rule}/undo`, { reason })
      .then((done) => {
        toast(
          plural(done.changed, 'Taken back: {n} identity changed hands.', 'Taken back: {n} identities changed hands.'),
        );
        onClose();
        onDone();
      })
      .catch((problem: Error) => {
        setWrong(problem.message);
        setBusy(false);
      });
  };
  return (
    <Dialog title={t('Take rule {n} back?', { n: rule.rule })} onClose={onClose}>
      <form onSubmit={submit}>
        <p className="dim">{t('Who is who is then exactly as if it had never been.')}</p>
        <label className="field">
          {t('Why; it is kept with the decision')}
          <input name="reason" required maxLength={500} autoComplete="off" />
        </label>
        {wrong && (
          <p className="t-bad" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className="btn pri" disabled={busy}>
          {t('Take it back')}
        </button>
      </form>
    </Dialog>
  );
}

export function Versions({ told }: { told: IdentityShape }) {
  const { workspace } = useSession();
  return (
    <section className="panel">
      <h2>
        {t('Versions of who is who')} <small>{t('when more is known, the past changes with it, visibly')}</small>
      </h2>
      <Scroll label={t('Versions of who is who')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col" className="n">
                {t('version')}
              </th>
              <th scope="col">{t('made')}</th>
              <th scope="col">{t('because of')}</th>
              <th scope="col" className="n">
                {t('changed hands')}
              </th>
            </tr>
          </thead>
          <tbody>
            {told.versions.map((one) => (
              <tr key={one.version}>
                <td className="n">{int(one.version)}</td>
                <td>{moment(one.made_at, workspace.time_zone)}</td>
                <td>
                  <bdi>{one.cause}</bdi>
                </td>
                <td className="n">{int(one.changed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
