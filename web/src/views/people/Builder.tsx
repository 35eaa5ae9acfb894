/** A segment put together: who had an event that fits, or did one thing and then another, or then not; its size as it grows. */
import { type FormEvent, useEffect, useState } from 'react';
import { type Answer, rows } from '../../api/answer';
import { send } from '../../api/client';
import { useAsync } from '../../lib/asking';
import { int } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { body } from '../../lib/whom';
import { useFields } from '../../ui/bar';
import { Pick, Select } from '../../ui/choose';
import { Switch } from '../../ui/parts';
import { Num } from '../../ui/people';
import { asEvent } from '../events';
import { Conditions } from './Conditions';
import { askedOf, type Draft, FRESH, type Kind, NAME, named, type Segment, savedAs, UNITS, windowOf } from './segments';

const PAUSE = 350;

/** A value once it has rested for a moment. */
function useRested<T>(value: T): T {
  const text = JSON.stringify(value);
  const [rested, rest] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => rest(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return JSON.parse(rested) as T;
}

type Given = {
  segments: Segment[];
  start: { name: string; draft: Draft } | null;
  onSaved: (name: string) => void;
  onForget: () => void;
};

export function Builder({ segments, start, onSaved, onForget }: Given) {
  const [draft, setDraft] = useState<Draft>(start?.draft ?? FRESH);
  const [name, setName] = useState(start?.name ?? '');
  const [wrong, setWrong] = useState('');
  const change = (part: Partial<Draft>) => setDraft((was) => ({ ...was, ...part }));
  const exists = segments.some((one) => one.name === name.trim());
  const content = savedAs(draft);
  const ready = content !== null && named(name.trim());
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    const chosen = name.trim();
    send('PUT', `/api/segments/${encodeURIComponent(chosen)}`, content)
      .then(() => {
        toast(t('Saved as the segment {name}.', { name: chosen }));
        setWrong('');
        onSaved(chosen);
      })
      .catch((problem: Error) => setWrong(problem.message));
  };
  return (
    <form className="builder" onSubmit={save} aria-labelledby="builder">
      <h2 id="builder">{start ? t('Change {name}', { name: start.name }) : t('New segment')}</h2>
      <Switch
        label={t('People who')}
        value={draft.kind}
        options={[
          ['event', t('had an event')],
          ['then', t('did one, then another')],
          ['not', t('did one, and not another')],
        ]}
        onPick={(kind) => change({ kind: kind as Kind })}
      />
      {draft.kind === 'event' ? (
        <>
          <p className="foot">{t('At least one event for which this holds:')}</p>
          <Conditions draft={draft} change={change} />
        </>
      ) : (
        <Steps draft={draft} change={change} />
      )}
      <Select
        label={t('Of whom')}
        value={draft.whom}
        options={[
          ['', t('everybody')],
          ...segments
            .filter((one) => one.name !== start?.name)
            .flatMap((one): [string, string][] => [
              [one.name, one.name],
              [`not ${one.name}`, t('not {name}', { name: one.name })],
            ]),
        ]}
        onPick={(whom) => change({ whom })}
      />
      <Size draft={draft} />
      <div className="keep">
        <label className="field">
          {t('Name of the segment')}
          <input
            value={name}
            required
            pattern={NAME}
            maxLength={80}
            dir="auto"
            title={t('Letters, digits, spaces and .,+%- ; not beginning with “not”')}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <button type="submit" className="btn pri" disabled={!ready}>
          {exists ? t('Replace {name}', { name: name.trim() }) : t('Save segment')}
        </button>
        {start && (
          <button type="button" className="btn" onClick={onForget}>
            {t('Leave it as it is')}
          </button>
        )}
      </div>
      {wrong && (
        <p className="t-bad" role="alert">
          {wrong}
        </p>
      )}
      <p className="foot">
        {t('What is saved is the question, not the list: the segment is found anew in the data of the day.')}
      </p>
    </form>
  );
}

function Steps({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const { data: fields } = useFields();
  const names = fields?.names ?? [];
  return (
    <div className="steps2">
      <Pick
        label={t('First event')}
        value={draft.first}
        options={names}
        placeholder={t('an event’s name, or a filter')}
        onPick={(text) => change({ first: asEvent(text, names) })}
      />
      <Pick
        label={draft.kind === 'then' ? t('Second event') : t('Second event, that did not come')}
        value={draft.second}
        options={names}
        placeholder={t('an event’s name, or a filter')}
        onPick={(text) => change({ second: asEvent(text, names) })}
      />
      <label className="field">
        {t('Within')}
        <input
          type="number"
          min={1}
          max={100000}
          step={1}
          required
          value={draft.number}
          onChange={(event) => change({ number: event.target.value })}
        />
      </label>
      <Select
        label={t('Unit of time')}
        value={draft.unit}
        options={UNITS.map((unit): [string, string] => [unit, t(unit)])}
        onPick={(unit) => change({ unit })}
      />
    </div>
  );
}

type StepRow = { reached: number; dropped: number; undecided: number };

/** How many they are at present. */
function Size({ draft }: { draft: Draft }) {
  const rested = useRested(draft);
  const found = askedOf(rested);
  const request = found && {
    question: found.asked.question,
    fields: found.asked.fields,
    ...body(found.asked.whom),
    which: found.which,
    most: 1,
    offset: 0,
  };
  const load = useAsync<{ total: number }>(request && JSON.stringify(request), (signal) =>
    send('POST', '/api/people/behind', request, signal),
  );
  const steps = useAsync<Answer>(
    request && rested.kind !== 'event' ? `steps ${JSON.stringify(request)}` : null,
    (signal) =>
      send('POST', '/api/ask/funnel', { fields: found?.asked.fields, ...body(found?.asked.whom ?? {}) }, signal),
  );
  if (!found)
    return (
      <p className="size dim" role="status">
        {t('Its size is told as soon as the conditions are complete.')}
      </p>
    );
  const [first, after] = rested.kind === 'event' ? [] : rows<StepRow>(steps.data?.table);
  return (
    <p className="size" role="status" aria-busy={load.busy}>
      {load.problem ? (
        <span className="t-bad">{load.problem.message}</span>
      ) : load.data === undefined ? (
        <span className="dim">{t('Counting…')}</span>
      ) : (
        <>
          <Num n={load.data.total} title={t('New segment')} asked={found.asked} which={found.which} />{' '}
          {plural(load.data.total, 'person at present', 'people at present')}
        </>
      )}
      {first && after && !load.problem && (
        <small>
          {' '}
          {t('Of {all} who did {first}, {reached} then did {second} within {window}, {dropped} did not, {undecided}', {
            all: int(first.reached),
            first: `“${rested.first}”`,
            reached: int(after.reached),
            second: `“${rested.second}”`,
            window: windowOf(rested) ?? '',
            dropped: int(first.dropped),
            undecided:
              first.undecided > 0
                ? t('and {n} may still: undecided, in neither.', { n: int(first.undecided) })
                : t('and nobody is undecided.'),
          })}
        </small>
      )}
    </p>
  );
}
