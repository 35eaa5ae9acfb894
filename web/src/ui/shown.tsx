/** How an answer is shown while it is on its way, partial, broken or empty. Never "no data" before the answer. */
import { type ReactNode, useContext } from 'react';
import { type Answer, Problem } from '../api/answer';
import { go } from '../lib/address';
import type { Load, Progress } from '../lib/asking';
import { int } from '../lib/format';
import { toast } from '../lib/hooks';
import { t } from '../lib/i18n';
import { Icon } from './Icon';
import { Opener } from './opener';

function told(progress: Progress | undefined): string {
  if (!progress) return t('Working…');
  if (!progress.total) return t('{stage}…', { stage: progress.stage });
  return t('{stage}: {done} of {total}', {
    stage: progress.stage,
    done: int(progress.done),
    total: int(progress.total),
  });
}

export function Waiting({ load, first }: { load: Load<unknown>; first?: boolean }) {
  const { progress } = load;
  return (
    <>
      <div className="wait" role="status">
        <progress {...(progress?.total ? { value: progress.done / progress.total } : {})} aria-label={told(progress)} />
        <span>{told(progress)}</span>
        {load.preview && <span className="partial">{t('Preview from a sample of people')}</span>}
        <button type="button" className="btn" onClick={load.stop}>
          {t('Stop here')}
        </button>
      </div>
      {first && (
        <div aria-hidden="true">
          <div className="skel s1" />
          <div className="skel s2" />
        </div>
      )}
    </>
  );
}

export function Broken({ problem, again }: { problem: Error; again: () => void }) {
  const said = problem instanceof Problem ? problem.told : null;
  return (
    <div className="oops" role="alert">
      <b>
        {problem instanceof Problem && problem.status === 403
          ? t('Your role does not see this.')
          : t('This did not work.')}
      </b>{' '}
      {problem.message}
      {said?.nearest && <p>{t('Did you mean {nearest}?', { nearest: said.nearest })}</p>}
      {said?.allowed && said.allowed.length > 0 && (
        <p>{t('Possible: {allowed}', { allowed: said.allowed.slice(0, 12).join(', ') })}</p>
      )}
      {said?.looked && <p className="dim">{t('Looked at: {looked}', { looked: said.looked })}</p>}
      <div className="acts">
        <button type="button" className="btn" onClick={again}>
          {t('Try again')}
        </button>
      </div>
    </div>
  );
}

/** Which of the three kinds of nothing it is, and the way out. */
export function Nothing({ kind, children }: { kind: 'source' | 'dates' | 'filter' | 'map'; children?: ReactNode }) {
  const title = {
    source: t('No events yet'),
    dates: t('Nothing happened in these dates'),
    filter: t('Nobody fits what the chips say'),
    map: t('There is no journey map yet'),
  }[kind];
  return (
    <div className="empty">
      <Icon n="search" s={28} />
      <h2>{title}</h2>
      {children ?? (
        <p>
          {kind === 'source' &&
            t(
              'Import files with `desirepath import FILES`, or connect a source; `desirepath demo` makes a company to try.',
            )}
          {kind === 'map' && t('`desirepath map discover` draws one from what people do; then it can be edited here.')}
          {kind === 'dates' && t('Choose other dates above.')}
          {kind === 'filter' && t('Take the last chip away.')}
        </p>
      )}
      {(kind === 'dates' || kind === 'filter') && (
        <button
          type="button"
          className="btn"
          onClick={() =>
            go({ query: kind === 'dates' ? { dates: null } : { filter: null, channel: null, people: null } })
          }
        >
          {kind === 'dates' ? t('All dates') : t('Everybody')}
        </button>
      )}
    </div>
  );
}

/** Numbers of what was asked before lead nowhere: their people would be those of what is asked now. */
export const late = () =>
  toast(t('These numbers are of what was asked before; the people of the new answer come with it.'));

/** Show what was loaded: the old picture dimmed while a new one comes, a skeleton only at first. */
export function Shown<T>({
  load,
  children,
  empty,
}: {
  load: Load<T>;
  children: (data: T) => ReactNode;
  empty?: (data: T) => ReactNode | null;
}) {
  const { data, problem, busy } = load;
  const open = useContext(Opener);
  if (problem instanceof Problem && problem.told.error === 'NotEnoughDataError') {
    const none = problem.message.includes('holds no events');
    return <Nothing kind={none ? 'source' : 'filter'}>{none ? undefined : <p>{problem.message}</p>}</Nothing>;
  }
  if (problem && !data) return <Broken problem={problem} again={load.again} />;
  if (data === undefined) {
    if (load.stopped)
      return <Broken problem={new Error(t('Stopped before there was an answer.'))} again={load.again} />;
    return <Waiting load={load} first />;
  }
  return (
    <div className={`shown${busy ? ' dimmed' : ''}`} aria-busy={busy}>
      {busy && <Waiting load={load} />}
      {!busy && load.preview && !load.stopped && (
        <p className="notes">
          <span className="partial">{t('Preview from a sample of people')}</span>
        </p>
      )}
      {load.stopped && (
        <p className="notes">
          <span className="partial">{t('Stopped: what is shown is of before, or of a sample.')}</span>{' '}
          <button type="button" className="link" onClick={load.again}>
            {t('Ask again')}
          </button>
        </p>
      )}
      {problem && <Broken problem={problem} again={load.again} />}
      <div className="answer">
        <Opener value={load.stale ? late : open}>{empty?.(data) ?? children(data)}</Opener>
      </div>
    </div>
  );
}

/** What the reader must know of an answer. */
export function Notes({ answer }: { answer: Answer }) {
  if (!answer.warnings.length) return null;
  return (
    <ul className="notes" aria-label={t('What to know')}>
      {answer.warnings.map((note) => (
        <li key={note.code + note.text}>{note.text}</li>
      ))}
    </ul>
  );
}
