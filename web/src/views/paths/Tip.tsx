/** What a cell of the tree says when one points at it. */
import { useLayoutEffect, useRef } from 'react';
import type { Cell } from '../../charts/paths/cells';
import { between, FEW, int, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useBeside } from '../funnel/Changed';
import { type Choice, who } from './choice';
import { endName, share, type Told } from './tree';

export function CellTip({ cell, at, told, choice }: { cell: Cell; at: DOMRect; told: Told; choice: Choice }) {
  const ref = useRef<HTMLDivElement>(null);
  const beside = useBeside();
  useLayoutEffect(() => {
    const tip = ref.current;
    if (!tip) return;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const x = at.right + 10 + width > innerWidth - 8 ? at.left - width - 10 : at.right + 10;
    tip.style.left = `${Math.max(8, x)}px`;
    tip.style.top = `${Math.max(8, Math.min(innerHeight - height - 8, at.top + Math.min(at.height, 90) / 2 - height / 2))}px`;
  }, [at]);
  const { decided } = cell.whole;
  const rated = told.goal && (cell.kind === 'step' || cell.kind === 'more' || cell.kind === 'all');
  const ended = cell.kind === 'converted' || cell.kind === 'left' || cell.kind === 'undecided';
  const row = (term: string, value: string, more = '', side = '') => (
    <div>
      <dt>{term}</dt>
      <dd className={side}>{value}</dd>
      {more && <dd className="dim">{more}</dd>}
    </div>
  );
  const { more } = cell;
  const tells = more?.low != null && more.high != null && (more.low > 0 || more.high < 0);
  return (
    <div className="tip celltip" role="tooltip" ref={ref}>
      <header>
        <b>
          <bdi>{ended ? `${cell.parent?.label} › ${cell.label}` : cell.label}</bdi>
        </b>
        <span>
          {int(cell.people)} {who(choice)}
        </span>
      </header>
      <dl>
        {cell.people < told.everyone && row(t('Of all'), share(cell.people, told.everyone))}
        {cell.was !== null && told.before !== null && row(beside, share(cell.was, told.before), t('of all'))}
        {cell.parent?.parent && row(t('Of the step before'), share(cell.people, cell.parent.people))}
        {rated &&
          row(
            t('Get there'),
            decided < FEW || cell.rate?.value == null
              ? t('{n} of {of}', { n: int(cell.whole.reached), of: int(decided) })
              : pct1(cell.rate.value),
            cell.rate?.low != null && decided >= FEW
              ? `${between(cell.rate.low, cell.rate.high, pct1)}, ${t('of {n}', { n: int(decided) })}`
              : t('decided'),
          )}
        {more?.value != null &&
          row(
            t('Other ways on'),
            points(more.value),
            between(more.low, more.high, points),
            tells ? (more.value > 0 ? 't-good' : 't-bad') : '',
          )}
        {cell.ended.converted > 0 &&
          row(
            told.goal ? endName(choice) : cell.backward ? t('Begins here') : t('Ends here'),
            int(cell.ended.converted),
          )}
        {cell.ended.left > 0 && row(told.goal ? t('Left here') : t('Ends here'), int(cell.ended.left))}
        {cell.ended.undecided > 0 && row(t('Undecided here'), int(cell.ended.undecided))}
      </dl>
      {cell.kids.length > 0 && <footer>{t('Click for the people; double-click to see only what follows')}</footer>}
    </div>
  );
}
