/** What waits for a decision: links that a limit refused, and people who may be one. */
import { type FormEvent, useState } from 'react';
import { send } from '../../api/client';
import type { Decided, EndShape, IdentityShape, OpenShape, SuggestionShape } from '../../api/schema';
import { int, moment, pct1 } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useMay, useSession } from '../../lib/session';
import { Dialog } from '../../ui/dialog';
import { Go } from '../../ui/go';

/** So many are in sight at first, and so many more each time. */
const STEP = 8;

type Choice = { action: 'link' | 'cut'; body: { key?: string; suggestion?: number }; a: EndShape; b: EndShape };

function End({ end }: { end: EndShape }) {
  return (
    <span className="end">
      <code>
        <bdi>{end.hint}</bdi>
      </code>{' '}
      {end.handle && <Go to={{ page: `people/${end.handle}` }}>{end.label}</Go>}
    </span>
  );
}

export function Open({ told, again }: { told: IdentityShape; again: () => void }) {
  const [choice, choose] = useState<Choice | null>(null);
  const [most, setMost] = useState(STEP);
  if (!told.open_total && !told.suggestions_total) return null;
  return (
    <section className="panel">
      <h2>
        {t('Waits for a decision')} <small>{t('nobody is joined until somebody says so')}</small>
      </h2>
      <ul className="decide lined">
        {told.open.slice(0, most).map((one) => (
          <Refused key={one.key} one={one} choose={choose} />
        ))}
        {told.suggestions.slice(0, Math.max(0, most - told.open.length)).map((one) => (
          <Suggested key={one.number} one={one} choose={choose} />
        ))}
      </ul>
      {told.open.length + told.suggestions.length > most && (
        <button type="button" className="btn" onClick={() => setMost(most + STEP)}>
          {t('Show more')}
        </button>
      )}
      {told.open_total > told.open.length && (
        <p className="foot">
          {t('{shown} of {all} are listed, the most often seen first.', {
            shown: int(told.open.length),
            all: int(told.open_total),
          })}
        </p>
      )}
      {choice && <Decide choice={choice} onClose={() => choose(null)} onDone={again} />}
    </section>
  );
}

function Buttons({
  a,
  b,
  body,
  choose,
}: {
  a: EndShape;
  b: EndShape;
  body: Choice['body'];
  choose: (choice: Choice) => void;
}) {
  const may = useMay('analyst');
  if (!may) return null;
  const who = `${a.hint}, ${b.hint}`;
  return (
    <span className="acts">
      <button
        type="button"
        className="btn"
        aria-label={t('One person… {who}', { who })}
        onClick={() => choose({ action: 'link', body, a, b })}
      >
        {t('One person…')}
      </button>
      <button
        type="button"
        className="btn"
        aria-label={t('Not one… {who}', { who })}
        onClick={() => choose({ action: 'cut', body, a, b })}
      >
        {t('Not one…')}
      </button>
    </span>
  );
}

function Refused({ one, choose }: { one: OpenShape; choose: (choice: Choice) => void }) {
  const { workspace } = useSession();
  return (
    <li>
      <div>
        <End end={one.a} /> {t('with')} <End end={one.b} />
        <p className="dim">
          {one.says}. {t('Seen on the {rule} of {source},', { rule: one.rule, source: one.source })}{' '}
          {plural(one.times, 'once', '{n} times')}
          {one.first_at &&
            `, ${moment(one.first_at, workspace.time_zone, 'day')} – ${moment(one.last_at, workspace.time_zone, 'day')}`}
        </p>
      </div>
      <Buttons a={one.a} b={one.b} body={{ key: one.key }} choose={choose} />
    </li>
  );
}

function Suggested({ one, choose }: { one: SuggestionShape; choose: (choice: Choice) => void }) {
  return (
    <li>
      <div>
        <End end={one.a} /> {t('with')} <End end={one.b} />
        <p className="dim">
          {t('May be one person: score {score}', { score: pct1(one.score) })}
          {one.undisputed ? '' : t(', look closely')}. <bdi>{one.why.join('; ')}</bdi>
        </p>
      </div>
      <Buttons a={one.a} b={one.b} body={{ suggestion: one.number }} choose={choose} />
    </li>
  );
}

function Decide({ choice, onClose, onDone }: { choice: Choice; onClose: () => void; onDone: () => void }) {
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const link = choice.action === 'link';
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason'));
    setBusy(true);
    send<Decided>('POST', '/api/identity/decisions', { action: choice.action, reason, ...choice.body })
      .then((done) => {
        toast(plural(done.changed, 'Decided: {n} identity changed hands.', 'Decided: {n} identities changed hands.'));
        onClose();
        onDone();
      })
      .catch((problem: Error) => {
        setWrong(problem.message);
        setBusy(false);
      });
  };
  return (
    <Dialog title={link ? t('One person?') : t('Not one person?')} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          <End end={choice.a} /> {t('and')} <End end={choice.b} />
        </p>
        <p className="dim">
          {link
            ? t('Their journeys become one, in all numbers, for the whole past. It can be taken back exactly.')
            : t('They stay apart, whatever connects them later. It can be taken back exactly.')}
        </p>
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
          {link ? t('They are one person') : t('They are not one person')}
        </button>
      </form>
    </Dialog>
  );
}
