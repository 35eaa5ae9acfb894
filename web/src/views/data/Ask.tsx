/** What one person may ask: that what is known of them is counted, handed out, or erased. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { get, send } from '../../api/client';
import type { JobShape } from '../../api/schema';
import { save } from '../../lib/export';
import { int } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { Go } from '../../ui/go';
import { Counts } from './Counts';
import { EraseDialog } from './Erase';
import { NameList, Tag } from './parts';

const LOOK = 700;

/** Look how far a request is, until it is over. */
function useJob(job: JobShape | null, setJob: (job: JobShape | null) => void, over: (job: JobShape) => void) {
  const end = useRef(over);
  end.current = over;
  const id = job?.standing === 'running' ? job.id : null;
  useEffect(() => {
    if (id === null) return;
    const cancel = new AbortController();
    let timer = 0;
    const look = () => {
      get<JobShape>(`/api/privacy/jobs/${id}`, cancel.signal).then(
        (now) => {
          setJob(now);
          if (now.standing === 'running') timer = window.setTimeout(look, LOOK);
          else end.current(now);
        },
        (problem: Error) => {
          if (cancel.signal.aborted) return;
          // the server may be busy for a moment; what it does goes on
          timer = window.setTimeout(look, 5 * LOOK);
          toast(problem.message);
        },
      );
    };
    timer = window.setTimeout(look, LOOK);
    return () => {
      clearTimeout(timer);
      cancel.abort();
    };
  }, [id, setJob]);
}

export function Ask({
  job,
  setJob,
  onErased,
}: {
  job: JobShape | null;
  setJob: (job: JobShape | null) => void;
  onErased: () => void;
}) {
  const [identity, setIdentity] = useState('');
  const [wrong, setWrong] = useState('');
  const [erasing, erase] = useState(false);
  useJob(job, setJob, (done) => {
    if (done.kind === 'erase' && done.standing === 'done') {
      setIdentity('');
      toast(t('{label} is erased.', { label: done.label }));
      onErased();
    }
  });
  const running = job?.standing === 'running';
  const begin = (kind: 'look' | 'export', whom: string) => {
    setWrong('');
    send<JobShape>('POST', `/api/privacy/${kind}`, { identity: whom })
      .then(setJob)
      .catch((problem: Error) => setWrong(problem.message));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin('look', identity);
  };
  const forget = () => {
    if (job) void send('DELETE', `/api/privacy/jobs/${job.id}`).catch((problem: Error) => toast(problem.message));
    if (!running) setJob(null);
  };
  return (
    <section className="panel">
      <h2>{t('A person asks')}</h2>
      <p className="say">
        {t(
          'Anybody may ask what is known about them, and ask that it be erased. It goes by person: all identities that are judged to be one human, and all that happened under them.',
        )}
      </p>
      <form className="askform" onSubmit={submit}>
        <label className="field">
          {t('Who; an identity typed in full, such as email:ann@example.org')}
          <input
            value={identity}
            required
            dir="auto"
            autoComplete="off"
            spellCheck={false}
            maxLength={1000}
            onChange={(event) => setIdentity(event.target.value)}
          />
        </label>
        <button type="submit" className="btn pri" disabled={running}>
          {t('Look what there is')}
        </button>
      </form>
      {wrong && (
        <p className="t-bad" role="alert">
          <bdi>{wrong}</bdi>
        </p>
      )}
      {!job && <What />}
      {job && (
        <Told job={job} onExport={() => begin('export', job.handle)} onErase={() => erase(true)} onForget={forget} />
      )}
      {erasing && job && <EraseDialog job={job} onClose={() => erase(false)} onBegun={setJob} />}
    </section>
  );
}

/** What each of the three does. */
function What() {
  const ways: [string, string][] = [
    [t('Look'), t('counts what there is, and changes nothing. The log says who looked, and at whom, by their label.')],
    [
      t('Collect'),
      t(
        'makes one file of it: identities and what joined them, all events with all properties, the rows as they were imported.',
      ),
    ],
    [
      t('Erase'),
      t(
        'takes the person out of the archive and of all that is made from it; names in rows of others become “[erased]”. There is no way back.',
      ),
    ],
  ];
  return (
    <dl className="pairs">
      {ways.map(([name, text]) => (
        <div key={name}>
          <dt>
            <b>{name}</b>
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Told({
  job,
  onExport,
  onErase,
  onForget,
}: {
  job: JobShape;
  onExport: () => void;
  onErase: () => void;
  onForget: () => void;
}) {
  const titles = {
    look: t('What there is of {label}', { label: job.label }),
    export: t('The data of {label}', { label: job.label }),
    erase: t('Erasing {label}', { label: job.label }),
  };
  const gone = job.kind === 'erase' && job.standing === 'done';
  return (
    <div aria-live="polite">
      <h3>
        {titles[job.kind]}{' '}
        {!gone && job.kind !== 'erase' && <Go to={{ page: `people/${job.handle}` }}>{t('their journey')}</Go>}
      </h3>
      {job.standing === 'running' && <Running job={job} onStop={onForget} />}
      {job.standing === 'stopped' && <p>{t('It was stopped; nothing has changed.')}</p>}
      {job.standing === 'failed' && (
        <p className="t-bad">
          <bdi>{String(job.problem?.message ?? t('This did not work.'))}</bdi>
        </p>
      )}
      {job.standing === 'done' && <Done job={job} gone={gone} />}
      {job.standing !== 'running' && (
        <div className="acts">
          {job.standing === 'done' && job.kind === 'export' && <Document job={job} />}
          {!gone && (
            <>
              {!(job.kind === 'export' && job.standing === 'done') && (
                <button type="button" className="btn" onClick={onExport}>
                  {t('Collect their data')}
                </button>
              )}
              <button type="button" className="btn bad" onClick={onErase}>
                {t('Erase…')}
              </button>
            </>
          )}
          <button type="button" className="btn" onClick={onForget}>
            {t('Close')}
          </button>
        </div>
      )}
    </div>
  );
}

function Running({ job, onStop }: { job: JobShape; onStop: () => void }) {
  const known = job.total !== null && job.total > 0;
  return (
    <div className="wait static">
      <progress {...(known ? { value: job.done / (job.total as number) } : {})} aria-label={job.stage} />
      <span>
        {job.stage}
        {known && ` ${int(job.done)} / ${int(job.total)}`}
      </span>
      <button type="button" className="btn" onClick={onStop}>
        {t('Stop')}
      </button>
    </div>
  );
}

function Done({ job, gone }: { job: JobShape; gone: boolean }) {
  return (
    <>
      {gone && (
        <p>
          <Tag kind="well">{t('erased')}</Tag>{' '}
          {t('As number {n} of erasures.jsonl. What was there:', { n: job.erasures.join(', ') })}
        </p>
      )}
      <Counts job={job} />
      {job.named_in.length > 0 && (
        <p className="dim">
          {t('Files of your own that hold a name, and are left as they are:')} <NameList names={job.named_in} />
        </p>
      )}
      {job.kind === 'export' && (
        <p className="dim">
          {t('Others may stand in it too, in free text above all: look it through before you hand it out.')}
        </p>
      )}
    </>
  );
}

function Document({ job }: { job: JobShape }) {
  const fetchIt = () =>
    fetch(`/api/privacy/jobs/${job.id}/document`, { credentials: 'same-origin' })
      .then(async (response) => {
        if (!response.ok) throw new Error(t('The server answered {status}.', { status: response.status }));
        save(`${job.label}.json`, await response.blob());
      })
      .catch((problem: Error) => toast(problem.message));
  return (
    <button type="button" className="btn pri" onClick={() => void fetchIt()}>
      {t('Download {file}', { file: `${job.label}.json` })}
    </button>
  );
}
