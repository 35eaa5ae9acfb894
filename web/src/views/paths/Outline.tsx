/** The tree of paths as an outline that folds: for narrow screens, for print, and to read numbers side by side. */
import { useState } from 'react';
import type { Cell } from '../../charts/paths/cells';
import { shade } from '../../charts/paths/Icicle';
import type { Asked } from '../../lib/export';
import { between, FEW, int, pct, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Num } from '../../ui/people';
import { type Choice, counted } from './choice';
import { behind, share, type Told, titleOf } from './tree';

const OPEN_SHARE = 0.05;
const OPEN_DEPTH = 5;
const RARE_SHARE = 0.01;

type Given = {
  root: Cell;
  told: Told;
  choice: Choice;
  asked: Asked;
  picked: Cell;
  onPick: (cell: Cell) => void;
};

function Numbers({ cell, told }: { cell: Cell; told: Told }) {
  const { decided } = cell.whole;
  const { more } = cell;
  const tells = more?.low != null && more.high != null && (more.low > 0 || more.high < 0);
  if (!told.goal || !['step', 'more', 'all'].includes(cell.kind)) return <span className="orate" />;
  return (
    <span className="orate">
      {decided < FEW || cell.rate?.low == null ? (
        <small>{t('{n} of {of} get there', { n: int(cell.whole.reached), of: int(decided) })}</small>
      ) : (
        <>
          <b>{pct(cell.whole.reached / decided)}</b>{' '}
          <small>
            [{between(cell.rate.low, cell.rate.high, pct)}] {t('of {n}', { n: int(decided) })}
          </small>
        </>
      )}
      {more?.value != null && tells && (
        <span className={`delta ${more.value > 0 ? 'good' : 'bad'}`}>
          <span aria-hidden="true">{more.value > 0 ? '▲' : '▼'}</span> {points(more.value)}{' '}
          <small>[{between(more.low, more.high, points)}]</small>
        </span>
      )}
    </span>
  );
}

function Branch(given: Given & { cell: Cell; turned: ReadonlySet<string>; onTurn: (key: string) => void }) {
  const { cell, root, told, choice, asked, picked, turned } = given;
  const byItself = cell.people >= OPEN_SHARE * root.people && cell.depth - root.depth < OPEN_DEPTH;
  const open = cell.kids.length > 0 && byItself !== turned.has(cell.key);
  const of = cell.parent ?? cell;
  const rare = cell.kids.filter((kid) => kid.kind === 'step' && kid.people < RARE_SHARE * root.people);
  const all = rare.length < 2 || turned.has(`${cell.key}\nrare`);
  return (
    <li>
      <div className={`orow${picked.key === cell.key ? ' on' : ''}`}>
        {cell.kids.length > 0 ? (
          <button
            type="button"
            className="fold"
            aria-expanded={open}
            aria-label={open ? t('Fold {step}', { step: cell.label }) : t('Unfold {step}', { step: cell.label })}
            onClick={() => given.onTurn(cell.key)}
          >
            <span aria-hidden="true">{open ? '▾' : '▸'}</span>
          </button>
        ) : (
          <span className="fold" />
        )}
        <button
          type="button"
          className="oname"
          aria-current={picked.key === cell.key}
          onClick={() => given.onPick(cell)}
        >
          {cell.kind === 'converted' && told.goal && <span aria-hidden="true">✓ </span>}
          <bdi>{cell.label}</bdi>
        </button>
        <span className="obar" aria-hidden="true">
          <i
            className={`${shade(cell).split(' ')[0]}${shade(cell) === 'lf' ? ' hatchbar' : ''}${cell.kind === 'undecided' ? ' dotbar' : ''}`}
            style={{ width: `${Math.max(0.8, (100 * cell.people) / root.people)}%` }}
          />
        </span>
        <span className="on">
          <Num n={cell.people} title={titleOf(cell)} asked={asked} which={behind(cell, told)} />{' '}
          {of !== cell && (
            <small title={pct1(cell.people / of.people)}>{of.people < FEW ? '' : share(cell.people, of.people)}</small>
          )}
        </span>
        <Numbers cell={cell} told={told} />
      </div>
      {open && (
        <ul>
          {cell.kids.map((kid) => (all || !rare.includes(kid) ? <Branch key={kid.key} {...given} cell={kid} /> : null))}
          {rare.length >= 2 && (
            <li>
              <button
                type="button"
                className="link rare"
                aria-expanded={all}
                onClick={() => given.onTurn(`${cell.key}\nrare`)}
              >
                {all
                  ? t('Fewer ways')
                  : t('{n} rarer ways, {people}', {
                      n: int(rare.length),
                      people: counted(
                        rare.reduce((a, kid) => a + kid.people, 0),
                        choice,
                      ),
                    })}
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

export function Outline(given: Given) {
  const [turned, set] = useState<ReadonlySet<string>>(new Set());
  const turn = (key: string) => {
    const next = new Set(turned);
    if (!next.delete(key)) next.add(key);
    set(next);
  };
  return (
    <ul className="pathtree" aria-label={t('Paths as an outline')}>
      <Branch {...given} cell={given.root} turned={turned} onTurn={turn} />
    </ul>
  );
}
