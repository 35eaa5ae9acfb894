/** The segments that are kept: how many they are, what each means, and what can be done with them. */
import { useState } from 'react';
import { send } from '../../api/client';
import { int } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { Dialog } from '../../ui/dialog';
import { Go } from '../../ui/go';
import { Num } from '../../ui/people';
import { draftOf, meaning, type Segment } from './segments';

type Given = {
  segments: Segment[];
  /** How many people there are at all. */
  everybody: number | null;
  marked: string | null;
  may: boolean;
  onChange: (name: string) => void;
  onGone: (name: string) => void;
};

export function Kept({ segments, everybody, marked, may, onChange, onGone }: Given) {
  const [deleting, remove] = useState<string | null>(null);
  const most = Math.max(1, ...segments.map((one) => one.size ?? 0));
  return (
    <>
      <ul className="segs" aria-label={t('Segments')}>
        {segments.map((one) => (
          <li key={one.name} className={one.name === marked ? 'on' : ''}>
            <div className="sgm">
              <h3>
                <bdi>{one.name}</bdi>
              </h3>
              <p>
                <bdi>{meaning(one)}</bdi>
              </p>
              {one.problem && <p className="t-bad">{one.problem}</p>}
              {one.size !== null && (
                <span className="rk" aria-hidden="true">
                  <i className="mid" style={{ width: `${(100 * one.size) / most}%` }} />
                </span>
              )}
            </div>
            <span className="v">
              {one.size === null ? (
                <b className="dim">{one.problem ? t('size unknown') : t('counting…')}</b>
              ) : (
                <Num
                  n={one.size}
                  title={one.name}
                  asked={{
                    question: 'measure',
                    fields: {},
                    whom: { cohort: one.name, ...(one.unit === 'account' ? { unit: 'account' } : {}) },
                  }}
                  which={{}}
                />
              )}
              {one.unit === 'account' && <small>{t('accounts')}</small>}
              {one.size !== null && one.unit !== 'account' && everybody !== null && everybody > 0 && (
                <small>{t('of {n} people', { n: int(everybody) })}</small>
              )}
            </span>
            <div className="acts">
              {!one.problem && (
                <>
                  <Go
                    className="btn"
                    aria-label={t('Use as People: {name}', { name: one.name })}
                    to={{ page: 'overview', query: { people: one.name, against: null } }}
                  >
                    {t('Use as People')}
                  </Go>
                  <Go
                    className="btn"
                    aria-label={t('Hold against the others: {name}', { name: one.name })}
                    to={{ page: 'overview', query: { people: one.name, against: `cohort:not ${one.name}` } }}
                  >
                    {t('Hold against the others')}
                  </Go>
                </>
              )}
              {may && draftOf(one) && (
                <button
                  type="button"
                  className="btn"
                  aria-label={t('Change: {name}', { name: one.name })}
                  onClick={() => onChange(one.name)}
                >
                  {t('Change')}
                </button>
              )}
              {may && (
                <button
                  type="button"
                  className="btn"
                  aria-label={t('Delete…: {name}', { name: one.name })}
                  onClick={() => remove(one.name)}
                >
                  {t('Delete…')}
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {deleting !== null && <Deleting name={deleting} onClose={() => remove(null)} onGone={onGone} />}
    </>
  );
}

function Deleting({ name, onClose, onGone }: { name: string; onClose: () => void; onGone: (name: string) => void }) {
  const [wrong, setWrong] = useState('');
  const remove = () =>
    send('DELETE', `/api/segments/${encodeURIComponent(name)}`)
      .then(() => {
        toast(t('The segment {name} is deleted.', { name }));
        onClose();
        onGone(name);
      })
      .catch((problem: Error) => setWrong(problem.message));
  return (
    <Dialog title={t('Delete the segment {name}?', { name })} onClose={onClose}>
      <p>
        {t(
          'Its people and their events stay. Saved questions, addresses and other segments that name it will not be answered any more.',
        )}
      </p>
      {wrong && (
        <p className="t-bad" role="alert">
          {wrong}
        </p>
      )}
      <div className="acts">
        <button type="button" className="btn pri" onClick={() => void remove()}>
          {t('Delete')}
        </button>
        <button type="button" className="btn" onClick={onClose}>
          {t('Keep it')}
        </button>
      </div>
    </Dialog>
  );
}
