/** Conditions on an event, one below the other: field, comparison, value; or the filter language itself. */
import { useId } from 'react';
import { url } from '../../api/client';
import { useGet } from '../../lib/asking';
import { t } from '../../lib/i18n';
import { useFields } from '../../ui/bar';
import { OWN, TESTS } from '../../ui/filter';
import { Icon } from '../../ui/Icon';
import { Switch } from '../../ui/parts';
import { type Condition, type Draft, EMPTY, filterOf } from './segments';

export function Conditions({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const { conditions, own } = draft;
  const put = (i: number, one: Condition) => change({ conditions: conditions.map((was, k) => (k === i ? one : was)) });
  const filter = filterOf(draft);
  if (own !== null)
    return (
      <label className="field">
        {t('The event, in the filter language')}
        <textarea value={own} spellCheck={false} dir="auto" onChange={(event) => change({ own: event.target.value })} />
        <button type="button" className="link" onClick={() => change({ own: null })}>
          {t('Choose from lists')}
        </button>
      </label>
    );
  return (
    <>
      {conditions.map((one, i) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place
          key={i}
          n={i + 1}
          one={one}
          put={(next) => put(i, next)}
          {...(conditions.length > 1
            ? { drop: () => change({ conditions: conditions.filter((_, k) => k !== i) }) }
            : {})}
        />
      ))}
      <div className="acts">
        <button type="button" className="btn" onClick={() => change({ conditions: [...conditions, EMPTY] })}>
          {t('Add a condition')}
        </button>
        {conditions.length > 1 && (
          <Switch
            label={t('Must hold')}
            value={draft.join}
            options={[
              ['and', t('all')],
              ['or', t('any')],
            ]}
            onPick={(join) => change({ join: join as Draft['join'] })}
          />
        )}
        <button type="button" className="link" onClick={() => change({ own: filter ?? '' })}>
          {t('Write it yourself')}
        </button>
      </div>
      {filter && (
        <p className="foot">
          <code>
            <bdi>{filter}</bdi>
          </code>
        </p>
      )}
    </>
  );
}

function Row({ n, one, put, drop }: { n: number; one: Condition; put: (one: Condition) => void; drop?: () => void }) {
  const id = useId();
  const { data: fields } = useFields();
  const known = [...OWN, ...(fields?.properties ?? [])];
  const { data: values } = useGet<{ value: string; events: number }[]>(
    known.includes(one.field) ? url('/api/values', { field: one.field }) : null,
  );
  return (
    <fieldset className="cond" aria-label={t('Condition {n}', { n })}>
      <label className="field">
        {t('Field')}
        <input
          list={`${id}f`}
          value={one.field}
          required
          dir="auto"
          onChange={(event) => put({ ...one, field: event.target.value })}
        />
        <datalist id={`${id}f`}>
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <label className="field">
        {t('Comparison')}
        <select value={one.test} onChange={(event) => put({ ...one, test: event.target.value })}>
          {TESTS.map(([written, text]) => (
            <option key={written} value={written}>
              {t(text)}
            </option>
          ))}
        </select>
      </label>
      {one.test.endsWith('missing') ? (
        <span />
      ) : (
        <label className="field">
          {t('Value')}
          <input
            list={`${id}v`}
            value={one.value}
            required
            dir="auto"
            onChange={(event) => put({ ...one, value: event.target.value })}
          />
          <datalist id={`${id}v`}>
            {(values ?? []).slice(0, 100).map((value) => (
              <option key={value.value} value={value.value} />
            ))}
          </datalist>
        </label>
      )}
      {drop && (
        <button type="button" className="ib" aria-label={t('Take away condition {n}', { n })} onClick={drop}>
          <Icon n="close" s={14} />
        </button>
      )}
    </fieldset>
  );
}
