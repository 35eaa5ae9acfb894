/** How long until they come back, with those who are still away counted for as long as they were seen. */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { type Steps, Survival } from '../../charts/cohorts/Survival';
import { useAsk } from '../../lib/asking';
import { between, duration, FEW, int, pct1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Num } from '../../ui/people';
import { Shown } from '../../ui/shown';
import { againstText, mine, side, theirs, thisText } from '../groups';
import { ANY, type Asking } from './retention';

type CurveRow = {
  outcome: string;
  after_seconds: number;
  waiting: number;
  of_started: number;
  of_started_low: number | null;
  of_started_high: number | null;
} & Record<string, never>;
type Outcome = {
  outcome: string;
  people: number;
  median_seconds: number | null;
  median_seconds_low: number | null;
  median_seconds_high: number | null;
} & Record<string, never>;
type Within = {
  outcome: string;
  within: string;
  people: number;
  of_started: number | null;
  of_started_low: number | null;
  of_started_high: number | null;
} & Record<string, never>;

export function WaitingFor({ asking }: { asking: Asking }) {
  const fields = {
    ...(asking.fields.start ? { start: asking.fields.start } : {}),
    end: asking.fields.returns ?? ANY,
    entry: asking.cohorts === 'first' ? 'first_ever' : 'first',
    by: ['1 day', '7 days', '30 days', '90 days'],
  };
  const load = useAsk('time_to', fields);
  return (
    <section className="panel">
      <Shown load={load}>{(answer) => <Drawn answer={answer} fields={fields} />}</Shown>
    </section>
  );
}

function Drawn({ answer, fields }: { answer: Answer; fields: Record<string, unknown> }) {
  const whom = useWhom();
  const [ref, width] = useWidth<HTMLDivElement>();
  const asked = { question: 'time_to', fields, whom };
  const curves = useMemo(() => {
    const all = extra<CurveRow>(answer, 'curve');
    const steps = (found: CurveRow[]) =>
      found
        .filter((row) => row.waiting >= FEW)
        .map((row) => ({
          at: row.after_seconds,
          y: row.of_started,
          low: row.of_started_low,
          high: row.of_started_high,
        }));
    const found: Steps[] = [{ key: 'this', label: thisText(whom), tone: 'main', points: steps(mine(all)) }];
    const other = theirs(all);
    if (other.length) found.push({ key: 'other', label: againstText(whom), tone: 'other', points: steps(other) });
    return found;
  }, [answer, whom]);
  const outcomes = mine(extra<Outcome>(answer, 'outcomes'));
  const back = outcomes[0];
  const away = outcomes.find((row) => row.outcome === 'undecided');
  const within = mine(rows<Within>(answer.table)).filter((row) => row.of_started !== null);
  const which = side(whom);
  const few = outcomes.reduce((sum, row) => sum + row.people, 0) < FEW;
  const said = few
    ? t('Fewer than {n} started: too few for shares.', { n: FEW })
    : back
      ? back.median_seconds === null
        ? t('Fewer than half have come back in the time that the data covers.')
        : t('Half have come back after {time} (95% interval {interval}).', {
            time: duration(back.median_seconds),
            interval: between(back.median_seconds_low, back.median_seconds_high, duration),
          })
      : '';
  return (
    <Figure
      title={t('How long until they come back')}
      hint={t('Kaplan and Meier: who is still away counts for as long as they were seen')}
      source={{ answer, asked, table: 'curve' }}
    >
      <p className="saysmall">
        {said}{' '}
        {back && (
          <>
            <Num n={back.people} title={t('came back')} asked={asked} which={{ ...which, outcome: back.outcome }} />{' '}
            {t('came back')}
            {away && (
              <>
                {', '}
                <Num
                  n={away.people}
                  title={t('still away')}
                  asked={asked}
                  which={{ ...which, outcome: away.outcome }}
                />{' '}
                {t('are still away: undecided, not lost')}
              </>
            )}
            .
          </>
        )}
      </p>
      <div ref={ref}>
        {width > 0 && !few && (
          <Survival
            curves={curves}
            width={width}
            begin={0}
            axis={t('time since they started; as far as {n} are still waiting', { n: FEW })}
            name={t('Share that has come back by then. {said}', { said })}
          />
        )}
      </div>
      <ul className="figs">
        {within.map((row) => (
          <li key={row.within}>
            <span>{t('within {time}', { time: row.within })}</span>
            <b>{few ? int(row.people) : pct1(row.of_started)}</b>
            <small>
              {!few && `${between(row.of_started_low, row.of_started_high, pct1)} · `}
              <Num
                n={row.people}
                title={t('came back within {time}', { time: row.within })}
                asked={asked}
                which={{ ...which, within: row.within }}
              />{' '}
              {t('seen')}
            </small>
          </li>
        ))}
      </ul>
      {away && away.people === 0 && <p className="foot">{t('All of {n} have come back.', { n: int(back?.people) })}</p>}
    </Figure>
  );
}
