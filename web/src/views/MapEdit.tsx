/** A journey map as its file: YAML, checked while it is written, tried on the data before it is saved. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { Problem } from '../api/answer';
import { get, send } from '../api/client';
import { Emotion } from '../charts/journey/Emotion';
import { Flow } from '../charts/journey/Flow';
import { hasWords, scalesOf } from '../charts/journey/feelings';
import { journeyOf } from '../charts/journey/model';
import { useAsk, useGet } from '../lib/asking';
import { toast, useWidth } from '../lib/hooks';
import { t } from '../lib/i18n';
import { useMay } from '../lib/session';
import { useJourney } from '../ui/bar';
import { Head } from '../ui/parts';
import { Nothing, Shown } from '../ui/shown';

type Fault = { line: number | null; column: number | null; message: string; allowed: string[]; nearest: string | null };
type Checked = { problems: Fault[]; outline: unknown; form?: Record<string, unknown> | null };
type MapFile = { name: string; title: string; text: string; etag: string };

const PAUSE = 400;

export default function MapEdit(_: { rest: string }) {
  const { name, busy } = useJourney();
  const load = useGet<MapFile>(name === null ? null : `/api/maps/${encodeURIComponent(name)}`);
  if (name === null && !busy) return <Nothing kind="map" />;
  return <Shown load={load}>{(file) => <Editor key={file.name} file={file} again={load.again} />}</Shown>;
}

/** What the server says of the text, once nobody has typed for a moment. */
function useChecked(text: string): { checked: Checked | null; wrong: string } {
  const [checked, set] = useState<Checked | null>(null);
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    const cancel = new AbortController();
    const timer = setTimeout(() => {
      send<Checked>('POST', '/api/maps/check', { text }, cancel.signal).then(
        (found) => {
          set(found);
          setWrong('');
        },
        (problem: Error) => {
          if (!cancel.signal.aborted) setWrong(problem.message);
        },
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      cancel.abort();
    };
  }, [text]);
  return { checked, wrong };
}

/** What was written and not saved, by map: it is there again for whoever comes back. */
const drafts = new Map<string, string>();

function Editor({ file, again }: { file: MapFile; again: () => void }) {
  const may = useMay('analyst');
  const [text, write] = useState(drafts.get(file.name) ?? file.text);
  const [etag, setEtag] = useState(file.etag);
  const [saved, setSaved] = useState(file.text);
  const [clash, setClash] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const setText = (to: string) => {
    drafts.set(file.name, to);
    write(to);
  };
  const open = text !== saved;
  useEffect(() => {
    if (!open) return void drafts.delete(file.name);
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', hold);
    return () => removeEventListener('beforeunload', hold);
  }, [open, file.name]);
  const { checked, wrong } = useChecked(text);
  const good = checked !== null && checked.problems.length === 0 && wrong === '';
  const save = () =>
    send<{ etag: string }>('PUT', `/api/maps/${encodeURIComponent(file.name)}`, { text, etag })
      .then((done) => {
        setEtag(done.etag);
        setSaved(text);
        setClash(false);
        toast(t('Saved to maps/{name}.yaml.', { name: file.name }));
      })
      .catch((problem: Error) => {
        if (problem instanceof Problem && problem.status === 409) setClash(true);
        else toast(problem.message);
      });
  const takeTheirs = () =>
    get<MapFile>(`/api/maps/${encodeURIComponent(file.name)}`).then((fresh) => {
      setText(fresh.text);
      setSaved(fresh.text);
      setEtag(fresh.etag);
      setClash(false);
      again();
    });
  const goTo = (fault: Fault) => {
    if (fault.line === null || !area.current) return;
    const lines = text.split('\n');
    const at = lines.slice(0, fault.line - 1).reduce((a, line) => a + line.length + 1, 0);
    area.current.focus();
    area.current.setSelectionRange(at, at + (lines[fault.line - 1]?.length ?? 0));
  };
  return (
    <>
      <Head
        title={t('Edit {title}', { title: file.title })}
        say={t(
          'The map is the file maps/{name}.yaml of the workspace, and can be kept in git. It is checked while you write; nothing changes until you save.',
          { name: file.name },
        )}
      >
        {may && (
          <button type="button" className="btn pri" disabled={!good || text === saved} onClick={() => void save()}>
            {text === saved ? t('Saved') : t('Save')}
          </button>
        )}
        {!may && <p className="dim">{t('Read only: your role does not change maps.')}</p>}
      </Head>
      {clash && (
        <div className="oops" role="alert">
          <b>{t('The file has changed since you opened it.')}</b> {t('Somebody else, or git, has written it.')}
          <div className="acts">
            <button type="button" className="btn" onClick={() => void takeTheirs()}>
              {t('Take theirs, lose mine')}
            </button>
          </div>
        </div>
      )}
      <div className="edit">
        <div>
          <label className="sr" htmlFor="map-text">
            {t('The map as YAML')}
          </label>
          <textarea
            id="map-text"
            ref={area}
            value={text}
            readOnly={!may}
            spellCheck={false}
            aria-describedby="map-faults"
            aria-invalid={!good && checked !== null}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div>
          <div id="map-faults" aria-live="polite">
            {wrong && <p className="t-bad">{wrong}</p>}
            {checked && checked.problems.length > 0 && (
              <ul className="problems">
                {checked.problems.map((fault) => (
                  <li key={`${fault.line}${fault.message}`}>
                    {fault.line !== null && (
                      <button type="button" className="link" onClick={() => goTo(fault)}>
                        {t('Line {n}', { n: fault.line })}
                      </button>
                    )}{' '}
                    {fault.message} {fault.nearest && t('Did you mean {nearest}?', { nearest: fault.nearest })}
                    {fault.allowed.length > 0 && (
                      <small> {t('Possible: {allowed}', { allowed: fault.allowed.slice(0, 8).join(', ') })}</small>
                    )}
                  </li>
                ))}
              </ul>
            )}
            {good && <p className="t-good">{t('The map is right.')}</p>}
          </div>
          {good && checked.form && <Preview form={checked.form} />}
        </div>
      </div>
    </>
  );
}

/** The map as written, over the data that the chips choose. */
function Preview({ form }: { form: Record<string, unknown> }) {
  const load = useAsk('journey_map', { map: form });
  const [ref, width] = useWidth<HTMLDivElement>();
  return (
    <div ref={ref}>
      <Shown load={load}>{(answer) => <Pictures answer={answer} width={width} />}</Shown>
    </div>
  );
}

function Pictures({ answer, width }: { answer: Parameters<typeof journeyOf>[0]; width: number }) {
  const [active, setActive] = useState<string | null>(null);
  const kind = hasWords(answer, 'sentiment') ? 'sentiment' : (scalesOf(answer)[0] ?? 'sentiment');
  const journey = useMemo(() => journeyOf(answer, kind, []), [answer, kind]);
  const wide = Math.max(width, journey.touchpoints.length * 118);
  if (!journey.instances) return <p className="dim">{t('Nobody walks this map in these dates.')}</p>;
  return (
    <>
      <p className="say">{answer.words[0]}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="wide" aria-label={t('Preview')} tabIndex={0}>
        <Flow
          journey={journey}
          moves={journey.moves}
          width={wide}
          height={260}
          active={active}
          onActive={setActive}
          onPick={() => {}}
          onMove={() => {}}
        />
        <Emotion journey={journey} width={wide} height={110} active={active} onActive={setActive} onPick={() => {}} />
      </section>
      <ol className="outline">
        {journey.stages.map((stage) => (
          <li key={stage.name}>
            <b>{stage.name}</b>
            <small>
              {journey.touchpoints
                .filter((one) => one.stage === stage.name)
                .map((one) => `${one.name} ${one.instances}`)
                .join(' · ')}
            </small>
          </li>
        ))}
      </ol>
    </>
  );
}
