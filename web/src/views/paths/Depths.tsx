/** Where everybody is at each depth: still on the way, or ended before, and how; each line comes to all. */
import type { Answer } from '../../api/answer';
import type { Asked } from '../../lib/export';
import { int } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Figure } from '../../ui/figure';
import { Num } from '../../ui/people';
import type { Choice } from './choice';
import type { Told } from './tree';

const KINDS = ['converted', 'left', 'undecided'] as const;

export function Depths({ told, choice, answer, asked }: { told: Told; choice: Choice; answer: Answer; asked: Asked }) {
  const heads = {
    converted: choice.direction === 'backward' ? t('began later') : t('got there'),
    left: told.goal ? t('left') : t('ended'),
    undecided: t('undecided'),
  };
  const kinds = KINDS.filter((kind) => told.depths.some((row) => row[`ended_${kind}`] > 0));
  return (
    <section className="panel">
      <Figure
        title={t('Everybody, step by step')}
        hint={t('each line comes to {n}', { n: int(told.everyone) })}
        source={{ answer, asked, table: 'depths' }}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <section className="tablewrap" tabIndex={0} aria-label={t('Everybody, step by step')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('step')}</th>
                <th scope="col" className="n">
                  {t('on the way')}
                </th>
                {kinds.map((kind) => (
                  <th key={kind} scope="col" className="n">
                    {heads[kind]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {told.depths.map((row) => (
                <tr key={row.depth}>
                  <th scope="row">{int(row.depth)}</th>
                  <td className="n">
                    <Num
                      n={row.there}
                      title={t('On the way at step {n}', { n: row.depth })}
                      asked={asked}
                      which={{ ...told.group, depth: row.depth }}
                    />
                  </td>
                  {kinds.map((kind) => (
                    <td key={kind} className="n">
                      <Num
                        n={row[`ended_${kind}`]}
                        title={t('{what} before step {n}', { what: heads[kind], n: row.depth })}
                        asked={asked}
                        which={{ ...told.group, outcome: kind, before: row.depth }}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Figure>
    </section>
  );
}
