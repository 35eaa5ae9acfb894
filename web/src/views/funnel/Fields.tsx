/** The choices of the funnel: its steps in order, each to be changed, moved and taken away, and what counts. */
import { useEffect, useRef } from 'react';
import { t } from '../../lib/i18n';
import { Choices, Pick, Select } from '../../ui/choose';
import { Icon } from '../../ui/Icon';
import { choose, chooseSteps, type FunnelChoice } from './choice';

const MOST_STEPS = 32;

function Editor({ choice }: { choice: FunnelChoice }) {
  const { names: steps, known } = choice;
  const list = useRef<HTMLOListElement>(null);
  const moved = useRef<{ to: number; by: string } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after the steps have changed the focus goes along with what was moved
  useEffect(() => {
    if (!moved.current) return;
    const { to, by } = moved.current;
    moved.current = null;
    const item = list.current?.children[to];
    const button = item?.querySelector<HTMLButtonElement>(`[data-by="${by}"]:not(:disabled)`);
    (button ?? item?.querySelector<HTMLElement>('button:not(:disabled), input'))?.focus();
  }, [steps.join('\n')]);
  const move = (from: number, to: number, by: string) => {
    if (to < 0 || to >= steps.length) return;
    const next = [...steps];
    next.splice(to, 0, ...next.splice(from, 1));
    moved.current = { to, by };
    chooseSteps(next);
  };
  const remove = (i: number) => {
    moved.current = { to: Math.min(i, steps.length - 2), by: 'remove' };
    chooseSteps(steps.filter((_, k) => k !== i));
  };
  return (
    <div className="stepedit">
      <ol ref={list} aria-label={t('Steps of the funnel')}>
        {steps.map((step, i) => {
          const button = (by: string, text: string, to: number) => (
            <button
              type="button"
              className="ib"
              data-by={by}
              disabled={to < 0 || to >= steps.length}
              aria-label={text}
              onClick={() => move(i, to, by)}
            >
              <span aria-hidden="true">{by === 'up' ? '↑' : '↓'}</span>
            </button>
          );
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: one name may be two steps
              key={`${i} ${step}`}
              onKeyDown={(event) => {
                if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
                event.preventDefault();
                move(i, event.key === 'ArrowUp' ? i - 1 : i + 1, event.key === 'ArrowUp' ? 'up' : 'down');
              }}
            >
              <Pick
                label={t('Step {n}', { n: i + 1 })}
                value={step}
                options={known.names}
                onPick={(value) => (value ? chooseSteps(steps.map((one, k) => (k === i ? value : one))) : remove(i))}
              />
              {button('up', t('Move {name} up', { name: step }), i - 1)}
              {button('down', t('Move {name} down', { name: step }), i + 1)}
              <button
                type="button"
                className="ib"
                data-by="remove"
                aria-label={t('Take away {name}', { name: step })}
                onClick={() => remove(i)}
              >
                <Icon n="close" s={14} />
              </button>
            </li>
          );
        })}
      </ol>
      {steps.length < MOST_STEPS && (
        <Pick
          key={`more ${steps.length}`}
          label={steps.length ? t('One more step') : t('The first step')}
          value=""
          options={known.names}
          placeholder={t('a name or a filter')}
          onPick={(value) => value && chooseSteps([...steps, value])}
        />
      )}
      {steps.length > 0 && (
        <button type="button" className="link" onClick={() => choose({ steps: null, step: null })}>
          {t('The suggested steps')}
        </button>
      )}
    </div>
  );
}

function Sentence({ choice }: { choice: FunnelChoice }) {
  const order = {
    ordered: t('in this order'),
    strict: t('in this order, nothing in between'),
    any: t('in any order'),
  }[choice.order];
  if (choice.steps.length < 2) return t('Choose two steps or more');
  return (
    <>
      {choice.names.map((name, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one name may be two steps
        <span key={i}>
          {i > 0 && ' › '}
          <b>
            <bdi>{name}</bdi>
          </b>
        </span>
      ))}
      , {t('within {window}', { window: choice.window })}, {order}
    </>
  );
}

export function FunnelFields({ choice }: { choice: FunnelChoice }) {
  const { known } = choice;
  const fields = [...new Set(['channel', 'source', ...known.properties])];
  return (
    <Choices said={<Sentence choice={choice} />} open={choice.steps.length < 2}>
      <Editor choice={choice} />
      <Pick
        label={t('Within')}
        value={choice.window}
        options={['1 hour', '1 day', '7 days', '30 days', '90 days', 'session']}
        hint={t('from the first step to the last')}
        onPick={(value) => choose({ window: value || null })}
      />
      <Select
        label={t('Order')}
        value={choice.order}
        options={[
          ['ordered', t('in this order')],
          ['strict', t('in this order, nothing in between')],
          ['any', t('in any order')],
        ]}
        onPick={(value) => choose({ order: value === 'ordered' ? null : value })}
      />
      <Select
        label={t('What counts')}
        value={choice.entry}
        options={[
          ['any', t('the best try of each person')],
          ['first', t('the first try of each person')],
          ['each', t('every try')],
        ]}
        onPick={(value) => choose({ entry: value === 'any' ? null : value })}
      />
      <Select
        label={t('Side by side')}
        value={choice.by}
        options={[['', t('nothing')], ...fields.map((name): [string, string] => [name, name])]}
        onPick={(value) => choose({ by: value })}
      />
      <Select
        label={t('Over time')}
        value={choice.over}
        options={[
          ['day', t('by day')],
          ['week', t('by week')],
          ['month', t('by month')],
          ['quarter', t('by quarter')],
          ['', t('not')],
        ]}
        onPick={(value) => choose({ each: value })}
      />
    </Choices>
  );
}
