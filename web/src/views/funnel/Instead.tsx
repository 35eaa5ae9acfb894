/** What those did who came so far and no further: elsewhere, nothing, or still undecided; and what can be done with them. */
import type { Answer } from '../../api/answer';
import type { Asked } from '../../lib/export';
import { duration, FEW, int, pct1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Figure } from '../../ui/figure';
import { filled } from '../../ui/filled';
import { Go } from '../../ui/go';
import { Num, usePeople } from '../../ui/people';
import type { FunnelChoice } from './choice';
import type { Found, InsteadRow } from './told';

const NOTHING = '(nothing)';
const OTHER = '(other)';

function whichOf(row: InsteadRow, all: InsteadRow[]): Record<string, unknown> {
  if (row.instead !== OTHER) return { step: row.step, instead: row.instead };
  return {
    step: row.step,
    outcome: 'dropped',
    but: all.filter((one) => one.instead !== OTHER).map((one) => one.instead),
  };
}

export function Instead(given: { found: Found; choice: FunnelChoice; answer: Answer; asked: Asked; step: number }) {
  const { found, choice, answer, asked, step } = given;
  const people = usePeople();
  const at = found.rows.find((row) => row.step === step);
  const next = found.steps[step];
  if (!at || !next) return null;
  const name = found.steps[step - 1]?.name ?? at.name;
  const all = found.instead.filter((row) => row.step === step && row.passages > 0);
  const most = Math.max(1, ...all.map((row) => row.passages));
  const dropped = at.dropped ?? 0;
  const label = (row: InsteadRow) =>
    row.instead === NOTHING ? t('nothing more') : row.instead === OTHER ? t('something else') : row.instead;
  const which = { ...found.group, step, outcome: 'dropped' };
  const after = t('Dropped after {name}', { name });
  return (
    <section className="panel">
      <Figure
        title={t('What they did instead of “{name}”', { name: next.name })}
        hint={t('{n} dropped after “{name}”', { n: int(dropped), name })}
        source={{ answer, asked, table: 'instead' }}
      >
        {dropped === 0 && <p className="dim">{t('Nobody dropped here.')}</p>}
        <ul className="instead">
          {all.map((row) => (
            <li key={row.instead}>
              <span>
                <bdi>{label(row)}</bdi>
              </span>
              <span className="ib1" aria-hidden="true">
                <i
                  className={row.instead === NOTHING ? 'hatchbar' : row.instead === OTHER ? 'otherbar' : 'harm'}
                  style={{ width: `${Math.max(1, (100 * row.passages) / most)}%` }}
                />
              </span>
              <span className="ibn">
                <Num
                  n={row.passages}
                  title={`${after}: ${label(row)}`}
                  asked={asked}
                  which={{ ...found.group, ...whichOf(row, all) }}
                />
                {dropped >= FEW && <small> {pct1(row.of_dropped)}</small>}
              </span>
            </li>
          ))}
        </ul>
        <p className="foot">
          {filled(
            t('First within {hours} after the last step reached. {n} more are undecided: their window is open.'),
            {
              hours: duration(86_400),
              n: (
                <Num
                  n={at.undecided ?? 0}
                  title={t('Undecided after {name}', { name })}
                  asked={asked}
                  which={{ ...found.group, step, outcome: 'undecided' }}
                />
              ),
            },
          )}
        </p>
        <div className="acts">
          <button
            type="button"
            className="btn pri"
            disabled={dropped === 0}
            onClick={() => people({ title: after, asked, which })}
          >
            {t('See these people')}
          </button>
          {choice.order !== 'any' && (
            <Go
              className="btn"
              to={{
                page: 'journeys/paths',
                query: {
                  start: choice.names[step - 1] ?? null,
                  end: choice.names[step] ?? null,
                  window: choice.window === 'session' ? null : choice.window,
                },
              }}
            >
              {t('Their routes')}
            </Go>
          )}
        </div>
      </Figure>
    </section>
  );
}
