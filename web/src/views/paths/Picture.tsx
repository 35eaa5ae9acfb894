/** The tree of paths, as columns or as an outline; what is picked, folded and looked at alone stands in the address. */
import { useMemo, useState } from 'react';
import type { Answer } from '../../api/answer';
import { type Cell, find, ROOT } from '../../charts/paths/cells';
import { Icicle } from '../../charts/paths/Icicle';
import { go, useAddress } from '../../lib/address';
import type { Asked } from '../../lib/export';
import { FEW } from '../../lib/format';
import { useNarrow, useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { Figure } from '../../ui/figure';
import { listed, listOf } from '../../ui/names';
import { Switch } from '../../ui/parts';
import { Counted } from '../Counted';
import { type Choice, called } from './choice';
import { Outline } from './Outline';
import { Strip } from './Strip';
import { CellTip } from './Tip';
import { endName, sentence, type Told } from './tree';

function Legend({ goal, backward }: { goal: boolean; backward: boolean }) {
  const key = (look: string, text: string) => (
    <span className="kx">
      <i className={look} aria-hidden="true" /> {text}
    </span>
  );
  return (
    <div className="legend">
      {goal ? (
        <>
          <span>{t('How often they get there, against the other ways on from the same step')}</span>
          <span className="kx">
            <small>{t('less')}</small>
            <span className="ramp" aria-hidden="true">
              {['dn3', 'dn2', 'dn1', 'd0', 'dp1', 'dp2', 'dp3'].map((look) => (
                <i key={look} className={look} />
              ))}
            </span>
            <small>{t('more')}</small>
          </span>
          <span>{t('grey: not told from chance')}</span>
          {key('goal', t('got there'))}
          {key('hatchbar', t('left'))}
        </>
      ) : (
        key('hatchbar', backward ? t('the path begins') : t('the path ends'))
      )}
      {!backward && key('dotbar', t('undecided: may still go on'))}
      {key('otherbar', t('other ways on'))}
    </div>
  );
}

type Given = { tree: Cell; told: Told; choice: Choice; answer: Answer; asked: Asked };

export function Picture({ tree, told, choice, answer, asked }: Given) {
  const { query } = useAddress();
  const narrow = useNarrow();
  const [ref, width] = useWidth<HTMLDivElement>();
  const [tip, setTip] = useState<{ cell: Cell; at: DOMRect } | null>(null);
  const view = query.get('view') ?? (narrow ? 'outline' : 'tree');
  const root = find(tree, query.get('at')) ?? tree;
  const cell = find(root, query.get('cell')) ?? root;
  const folds = query.get('fold');
  const folded = useMemo(() => new Set(listOf(folds)), [folds]);
  const key = (one: Cell) => (one === tree || one.key === ROOT ? null : one.key);
  const pick = (one: Cell) => go({ query: { cell: key(one) } }, true);
  const open = (one: Cell) => {
    const to = one === root ? tree : one.kids.length ? one : root;
    go({ query: { at: key(to), cell: key(one === root && root.parent ? root : to) } });
  };
  const fold = (one: Cell) => {
    const next = new Set(folded);
    if (!next.delete(one.key)) next.add(one.key);
    go({ query: { fold: listed([...next]) } }, true);
  };
  const backward = choice.direction === 'backward';
  const title = told.goal
    ? t('The ways on from each step')
    : backward
      ? t('What led to {end}, each column a step earlier', { end: endName(choice) })
      : t('The ways people take');
  const from = backward ? endName(choice) : choice.start ? called(choice.start, choice.known) : t('the first event');
  return (
    <section className="panel pathp">
      <Figure
        title={title}
        hint={choice.unit === 'session' ? t('height = visits') : t('height = people')}
        source={{ answer, asked, table: 'tree' }}
        tools={
          <Switch
            label={t('Picture')}
            value={view}
            options={[
              ['tree', t('Columns')],
              ['outline', t('Outline')],
            ]}
            onPick={(value) => go({ query: { view: value } }, true)}
          />
        }
      >
        <Strip
          {...{ cell, root, told, choice, asked }}
          folded={folded.has(cell.key)}
          onPick={(one) => {
            // a step before the one that is looked at alone is out of the picture
            if (find(root, one.key)) pick(one);
            else go({ query: { at: key(one), cell: key(one) } });
          }}
          onOpen={open}
          onFold={view === 'outline' ? undefined : fold}
        />
        {view === 'outline' ? (
          <Outline root={root} told={told} choice={choice} asked={asked} picked={cell} onPick={pick} />
        ) : (
          <div ref={ref} className="icw">
            {width > 0 && (
              <Icicle
                root={root}
                folded={folded}
                width={width}
                height={narrow ? 420 : 470}
                few={FEW}
                picked={cell.key}
                name={t(
                  backward
                    ? 'Paths to {from}. Right arrow: one step earlier. Left: one later. Up and down: other ways. Enter: only from here. Space: fold.'
                    : 'Paths from {from}. Right arrow: one step on. Left: one back. Up and down: other ways on. Enter: only from here. Space: fold.',
                  { from },
                )}
                say={(one) => sentence(one, told, choice)}
                onPick={pick}
                onOpen={open}
                onFold={fold}
                onPoint={(one, at) => setTip(one && at ? { cell: one, at } : null)}
              />
            )}
          </div>
        )}
        <Legend goal={told.goal} backward={backward} />
        <Counted what={choice.unit === 'session' ? 'visits' : 'people'} window={choice.window} />
      </Figure>
      {tip && <CellTip cell={tip.cell} at={tip.at} told={told} choice={choice} />}
    </section>
  );
}
