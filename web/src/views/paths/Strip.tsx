/** The cell that was picked, in numbers that open their people, and what can be done with it. */
import { type Cell, trail, wayOf } from '../../charts/paths/cells';
import type { Asked } from '../../lib/export';
import { between, FEW, int, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { filled } from '../../ui/filled';
import { Num } from '../../ui/people';
import { useBeside } from '../funnel/Changed';
import { type Choice, choose, hideAlso, who } from './choice';
import { behind, endName, share, type Told, titleOf } from './tree';

type Given = {
  cell: Cell;
  root: Cell;
  told: Told;
  choice: Choice;
  asked: Asked;
  folded: boolean;
  onPick: (cell: Cell) => void;
  onOpen: (cell: Cell) => void;
  /** Where the picture is one that folds here. */
  onFold?: ((cell: Cell) => void) | undefined;
};

function Ways({ cell, onPick }: { cell: Cell; onPick: (cell: Cell) => void }) {
  const way = trail(cell);
  return (
    <nav className="crumbs" aria-label={t('The way to here')}>
      {way.map((one, i) => (
        <span key={one.key}>
          {i > 0 && <i aria-hidden="true">{cell.backward ? '‹' : '›'}</i>}
          <button
            type="button"
            className={i === way.length - 1 ? 'last' : ''}
            aria-current={i === way.length - 1 ? 'step' : undefined}
            onClick={() => onPick(one)}
          >
            <bdi>{one.label}</bdi>
          </button>
        </span>
      ))}
    </nav>
  );
}

function Rate({ cell, choice }: { cell: Cell; choice: Choice }) {
  const { decided } = cell.whole;
  const { rate } = cell;
  const slots = { n: int(cell.whole.reached), of: int(decided), end: endName(choice) };
  if (decided < FEW) return <span>{t('{n} of {of} decided get to {end}; too few for a rate', slots)}</span>;
  if (rate?.value == null) return <span>{t('{n} of {of} decided get to {end}', slots)}</span>;
  return (
    <span>
      <b>{pct1(rate.value)}</b> <small>[{between(rate.low, rate.high, pct1)}] </small>
      {t('of {n} decided get to {end}', { n: int(decided), end: endName(choice) })}
    </span>
  );
}

function Lift({ cell }: { cell: Cell }) {
  const { more, others } = cell;
  if (more?.value == null) return null;
  const tells = more.low != null && more.high != null && (more.low > 0 || more.high < 0);
  const side = !tells ? 'mid' : more.value > 0 ? 'good' : 'bad';
  return (
    <span className={`delta ${side}`}>
      <span aria-hidden="true">{more.value > 0 ? '▲' : '▼'}</span> {points(more.value)}{' '}
      <small>[{between(more.low, more.high, points)}]</small>{' '}
      {tells
        ? t('against other ways on ({rate})', { rate: pct1(others) })
        : t('against other ways on ({rate}); not told from chance', { rate: pct1(others) })}
    </span>
  );
}

function Ends({ cell, told, choice, asked }: Pick<Given, 'cell' | 'told' | 'choice' | 'asked'>) {
  const ends: ['converted' | 'left' | 'undecided', string][] = [
    ['converted', choice.direction === 'backward' ? t('{n} began here') : t('{n} got there next')],
    ['left', told.goal ? t('{n} left here') : t('{n} ended here')],
    ['undecided', t('{n} undecided here')],
  ];
  const on = cell.people - cell.ended.converted - cell.ended.left - cell.ended.undecided;
  const which = (more: Record<string, unknown>) => ({ ...behind(cell, told), ...more });
  return (
    <>
      {on > 0 && (
        <span>
          {filled(cell.backward ? t('{n} came from a step before') : t('{n} went on'), {
            n: (
              <Num
                n={on}
                title={
                  cell.backward
                    ? t('Came to {step} from a step before', { step: cell.label })
                    : t('Went on from {step}', { step: cell.label })
                }
                asked={asked}
                which={which({ depth: cell.depth + 1 })}
              />
            ),
          })}
        </span>
      )}
      {ends.map(
        ([kind, text]) =>
          cell.ended[kind] > 0 && (
            <span key={kind}>
              {filled(cell.cut && kind === 'converted' ? t('{n} got there next or later') : text, {
                n: (
                  <Num
                    n={cell.ended[kind]}
                    title={`${cell.label}: ${text.replace('{n} ', '')}`}
                    asked={asked}
                    which={{ ...told.group, path: cell.begins === null ? '(nothing)' : wayOf(cell), outcome: kind }}
                  />
                ),
              })}
            </span>
          ),
      )}
    </>
  );
}

export function Strip(given: Given) {
  const { cell, root, told, choice, asked } = given;
  const step = cell.kind === 'step';
  const beside = useBeside();
  const before = cell.parent;
  const of = [
    told.everyone > 0 && cell.people < told.everyone
      ? t('{share} of all', { share: share(cell.people, told.everyone) })
      : '',
    before?.parent && cell.kind !== 'all'
      ? t('{share} of those at {step}', { share: share(cell.people, before.people), step: before.label })
      : '',
    cell.was !== null && told.before && told.everyone
      ? t('{share} of all: {beside}', { share: share(cell.was, told.before), beside })
      : '',
  ].filter(Boolean);
  return (
    <div className="strip1">
      <Ways cell={cell} onPick={given.onPick} />
      <p aria-live="polite">
        <span>
          <Num n={cell.people} title={titleOf(cell)} asked={asked} which={behind(cell, told)} /> {who(choice)}
          {of.length > 0 && <small> {of.join(' · ')}</small>}
        </span>
        {told.goal && cell.kind !== 'converted' && cell.kind !== 'left' && cell.kind !== 'undecided' && (
          <>
            <Rate cell={cell} choice={choice} />
            <Lift cell={cell} />
          </>
        )}
        {(step || cell.kind === 'all') && <Ends {...{ cell, told, choice, asked }} />}
      </p>
      <div className="acts">
        {step && cell.kids.length > 0 && cell.parent && (
          <button type="button" className="btn" onClick={() => given.onOpen(cell)}>
            {cell === root && root.parent ? t('Show the whole tree') : t('Only from here')}
          </button>
        )}
        {step && cell.kids.length > 0 && given.onFold && (
          <button type="button" className="btn" aria-pressed={given.folded} onClick={() => given.onFold?.(cell)}>
            {given.folded ? t('Unfold') : t('Fold')}
          </button>
        )}
        {step && choice.known.names.includes(cell.label) && cell.parent && (
          <>
            <button type="button" className="btn" onClick={() => hideAlso(choice, cell.label)}>
              {t('Leave out this step')}
            </button>
            <button
              type="button"
              className="btn"
              onClick={() => choose(cell.backward ? { end: cell.label } : { start: cell.label, direction: null })}
            >
              {cell.backward ? t('What led to this step') : t('Start at this step')}
            </button>
          </>
        )}
        {cell.kind === 'more' && (
          <button type="button" className="btn" onClick={() => choose({ most: String(choice.most * 3) })}>
            {t('Tell more ways apart')}
          </button>
        )}
      </div>
    </div>
  );
}
