/** What came before people left: the reasons they state, the last touchpoint, and friction beside those who stayed. */
import { useMemo } from 'react';
import { type Answer, extra } from '../../api/answer';
import { type DotRow, Dots } from '../../charts/plain/Dots';
import { between, dec, FEW, int, pct1, points, signed1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import type { Whom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Num } from '../../ui/people';
import { mine, side } from '../groups';

type Asked = { question: string; fields: Record<string, unknown>; whom: Whom };
type Part = { people: number; of_ended: number | null; of_ended_low: number | null; of_ended_high: number | null };
type Friction = {
  friction: string;
  churned: number;
  stayed: number;
  of_churned: number | null;
  of_stayed: number | null;
  difference: number | null;
  difference_low: number | null;
  difference_high: number | null;
  compared: number;
  q_value: number | null;
} & Record<string, never>;
type Feedback = {
  answered_churned: number;
  answered_stayed: number;
  mean_churned: number | null;
  mean_stayed: number | null;
  difference: number | null;
  difference_low: number | null;
  difference_high: number | null;
} & Record<string, never>;

const SHOWN = 8;

export function Before({ answer, asked, labels }: { answer: Answer; asked: Asked; labels: Map<string, string> }) {
  const reasons = mine(extra<{ reason: string } & Part & Record<string, never>>(answer, 'reasons'));
  const last = mine(extra<{ touchpoint: string } & Part & Record<string, never>>(answer, 'last_touchpoint'));
  const frictions = mine(extra<Friction>(answer, 'last_friction'));
  const feedback = mine(extra<Feedback>(answer, 'last_feedback'))[0];
  return (
    <div className="two">
      <section className="panel">
        {reasons.length > 0 && (
          <Figure
            title={t('Why, as they say')}
            hint={t('of everybody who left')}
            source={{ answer, asked, table: 'reasons' }}
          >
            <Bars
              name={t('Reasons')}
              rows={reasons.slice(0, SHOWN).map((row) => ({ ...row, label: row.reason }))}
              count={(row) => (
                <Num
                  n={row.people}
                  title={row.label}
                  asked={asked}
                  which={{ ...side(asked.whom), reason: row.label }}
                />
              )}
            />
          </Figure>
        )}
        <Figure
          title={t('The last thing before')}
          hint={t('of everybody who left')}
          source={{ answer, asked, table: 'last_touchpoint' }}
        >
          {last.length === 0 && <p className="dim">{t('Nobody has left.')}</p>}
          {last.length > 0 && (
            <Bars
              name={t('The last thing before')}
              rows={last.slice(0, SHOWN).map((row) => ({ ...row, label: row.touchpoint }))}
              count={(row) => int(row.people)}
            />
          )}
        </Figure>
      </section>
      <section className="panel">
        <Rubs answer={answer} asked={asked} rows={frictions} labels={labels} />
        {feedback && feedback.difference !== null && (
          <p className="saysmall">
            {t(
              'Their last score was {left} on average ({n} answers), {stayed} of those who stayed ({m}): {difference} ({interval}).',
              {
                left: dec(feedback.mean_churned),
                n: int(feedback.answered_churned),
                stayed: dec(feedback.mean_stayed),
                m: int(feedback.answered_stayed),
                difference: signed1(feedback.difference),
                interval: between(feedback.difference_low, feedback.difference_high, signed1),
              },
            )}
          </p>
        )}
        <p className="foot">
          {t('Associated, not caused: whoever is about to leave may also meet more trouble, or report more of it.')}
        </p>
      </section>
    </div>
  );
}

type Bar = Part & { label: string };

/** Shares as bars in a table. */
function Bars({ name, rows, count }: { name: string; rows: Bar[]; count: (row: Bar) => React.ReactNode }) {
  const whole = rows.reduce((sum, row) => sum + row.people, 0);
  return (
    <table className="bars">
      <caption className="sr">{name}</caption>
      <thead className="sr">
        <tr>
          <th scope="col">{name}</th>
          <th scope="col">{t('people')}</th>
          <th scope="col">{t('share')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.label}>
            <th scope="row">
              <bdi>{row.label}</bdi>
            </th>
            <td className="n">{count(row)}</td>
            <td>
              {whole >= FEW && (
                <>
                  <span className="rk" aria-hidden="true">
                    <i style={{ width: `${100 * (row.of_ended ?? 0)}%` }} />
                  </span>
                  <b title={between(row.of_ended_low, row.of_ended_high, pct1)}>{pct1(row.of_ended)}</b>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Rubs(given: { answer: Answer; asked: Asked; rows: Friction[]; labels: Map<string, string> }) {
  const { answer, asked, rows, labels } = given;
  const [ref, width] = useWidth<HTMLDivElement>();
  const shown: DotRow[] = useMemo(
    () =>
      [...rows]
        .sort((a, b) => (b.difference ?? 0) - (a.difference ?? 0))
        .map((row) => {
          const sure = row.difference_low !== null && row.difference_high !== null;
          const flagged = row.q_value !== null && row.q_value <= 0.05;
          const few = row.churned + row.stayed < FEW;
          return {
            key: row.friction,
            label: labels.get(row.friction) ?? row.friction,
            sub: t('{left} who left, {stayed} who stayed', { left: int(row.churned), stayed: int(row.stayed) }),
            ...(few || !sure ? { none: t('too few to compare') } : {}),
            marks: [
              {
                value: few || !sure ? null : row.difference,
                low: row.difference_low,
                high: row.difference_high,
                tone: flagged ? ((row.difference ?? 0) > 0 ? ('bad' as const) : ('good' as const)) : ('mid' as const),
                label: t('{left} against {stayed}', { left: pct1(row.of_churned), stayed: pct1(row.of_stayed) }),
              },
            ],
            text: few || !sure ? '' : flagged ? points(row.difference) : t('may be chance'),
            picks: false,
          };
        }),
    [rows, labels],
  );
  return (
    <Figure
      title={t('Friction before it')}
      hint={t('difference between those who left and those who stayed; 95% interval')}
      source={{ answer, asked, table: 'last_friction' }}
    >
      {shown.length === 0 ? (
        <p className="dim">{t('Choose above which events are taken for friction.')}</p>
      ) : (
        <div ref={ref}>
          {width > 0 && (
            <Dots
              rows={shown}
              width={width}
              write={points}
              rule={{ at: 0, label: t('no difference') }}
              name={t('How much more often those who left met each friction before')}
            />
          )}
        </div>
      )}
    </Figure>
  );
}
