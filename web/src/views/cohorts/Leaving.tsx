/** Who leaves: the share of customers that ends by bucket, and how long they stay. */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { type Steps, Survival } from '../../charts/cohorts/Survival';
import { type Line, Lines } from '../../charts/plain/Lines';
import { go, useAddress } from '../../lib/address';
import { useAsk } from '../../lib/asking';
import { between, FEW, int, pct, pct1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom, type Whom } from '../../lib/whom';
import { Choices, Pick, useChoice } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { listOf, Names } from '../../ui/names';
import { Num, usePeople } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { asEvent } from '../events';
import { againstText, mine, side, theirs, thisText } from '../groups';
import { eventOf, type Known, type MapStep, stepsOf, useKnown } from '../maps';
import { Before } from './Before';
import { axisTexts, bucketText, one, type Unit } from './buckets';
import { readable } from './readable';

type ChurnRow = {
  bucket: string;
  over: boolean;
  at_risk: number;
  churned: number;
  stayed: number;
  undecided: number;
  came_back: number;
  of_at_risk_churned: number | null;
  of_at_risk_churned_low: number | null;
  of_at_risk_churned_high: number | null;
} & Record<string, never>;
type Still = {
  after_seconds: number;
  watched: number;
  of_begun_still: number;
  of_begun_still_low: number | null;
  of_begun_still_high: number | null;
} & Record<string, never>;
type Asked = { question: string; fields: Record<string, unknown>; whom: Whom };

/** What rubs, as the maps have it: what fails, and what is not expected. */
function rubsOf(known: Known): Map<string, string> {
  const found = new Map<string, string>();
  for (const map of known.maps)
    for (const step of stepsOf(map.outline) as (MapStep & { failure?: boolean })[])
      if (step.failure || step.expected === false) found.set(eventOf(step, known.names), step.touchpoint as string);
  return found;
}

/** What churn is asked of: who is a customer, until when, and what may have come before. */
function useAsking() {
  const known = useKnown();
  const { names } = known;
  const [active, putActive] = useChoice<string>('customer', '');
  const [ends, putEnds] = useChoice<string>('ends', '');
  const [gap, putGap] = useChoice<string>('gap', '');
  const bound = ends !== '' && active === '';
  const [reason, putReason] = useChoice<string>('reason', '');
  const { query } = useAddress();
  const rubs = useMemo(() => rubsOf(known), [known]);
  const given = query.get('friction');
  const friction = (given === null ? [...rubs.keys()] : listOf(given)).slice(0, 12);
  const score = known.maps.flatMap((map) => map.outline.feedback ?? []).find((one) => one.score)?.score ?? '';
  const fields = {
    ...(reason ? { reason } : {}),
    ...(score ? { feedback: score } : {}),
    ...(friction.length ? { friction: friction.map((one) => asEvent(one, names)) } : {}),
    ...(active ? { active: asEvent(active, names) } : {}),
    ...(ends && active ? { ends: asEvent(ends, names) } : {}),
    ...(gap && !ends ? { gap } : {}),
  };
  const put = {
    active: putActive,
    ends: putEnds,
    gap: putGap,
    reason: putReason,
    friction: (next: string[]) => go({ query: { friction: JSON.stringify(next) } }),
  };
  return { known, active, ends, gap, bound, reason, friction, labels: rubs, fields, put };
}

export function Leaving() {
  const whom = useWhom();
  const asking = useAsking();
  const { fields } = asking;
  const load = useAsk(asking.known.busy ? null : 'churn', fields);
  const asked = { question: 'churn', fields, whom };
  return (
    <>
      <h2 className="sectionhead">{t('Who leaves')}</h2>
      <Fields asking={asking} />
      <Shown load={load}>
        {(answer) => (
          <>
            <p className="say">{readable(answer.words.slice(0, 3).join(' '), whom)}</p>
            <div className="two">
              <section className="panel">
                <Share answer={answer} asked={asked} />
              </section>
              <section className="panel">
                <HowLong answer={answer} asked={asked} />
              </section>
            </div>
            <Before answer={answer} asked={asked} labels={asking.labels} />
            <Notes answer={answer} />
          </>
        )}
      </Shown>
    </>
  );
}

function Fields({ asking }: { asking: ReturnType<typeof useAsking> }) {
  const { active, ends, gap, bound, put } = asking;
  const { names, properties } = asking.known;
  return (
    <Choices
      open={bound}
      said={
        <>
          {t('A customer by')}{' '}
          <b>
            <bdi>{active || t('any event')}</bdi>
          </b>
          {', '}
          {ends && active ? (
            <>
              {t('until')}{' '}
              <b>
                <bdi>{ends}</bdi>
              </b>
            </>
          ) : gap ? (
            t('gone after {gap} of silence', { gap })
          ) : (
            t('gone after a silence that is long for them')
          )}
        </>
      }
    >
      <Pick
        label={t('Makes somebody a customer')}
        value={active}
        options={names}
        onPick={put.active}
        placeholder={t('any event')}
        hint={bound ? t('needed where an event ends it') : t('an event or a filter')}
      />
      <Pick
        label={t('Ends it')}
        value={ends}
        options={names}
        onPick={put.ends}
        placeholder={t('silence')}
        hint={t('an event or a filter; silence, if left out')}
      />
      <Pick
        label={t('How long a silence')}
        value={gap}
        options={['30 days', '60 days', '90 days', '180 days', '365 days']}
        onPick={put.gap}
        placeholder={t('long for them')}
      />
      <Pick
        label={t('States why')}
        value={asking.reason}
        options={properties}
        onPick={put.reason}
        placeholder={t('no reasons')}
        hint={t('a property')}
      />
      <Names label={t('Taken for friction')} value={asking.friction} options={names} onPick={put.friction} />
    </Choices>
  );
}

function Share({ answer, asked }: { answer: Answer; asked: Asked }) {
  const { whom } = asked;
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(() => mine(rows<ChurnRow>(answer.table)).slice(-60), [answer]);
  const lines: Line[] = useMemo(() => {
    const points = (found: ChurnRow[]) =>
      found.map((row) => ({
        y: row.at_risk < FEW ? null : row.of_at_risk_churned,
        low: row.of_at_risk_churned_low,
        high: row.of_at_risk_churned_high,
      }));
    const found: Line[] = [{ key: 'this', label: thisText(whom), tone: 'main', points: points(all) }];
    const other = theirs(rows<ChurnRow>(answer.table)).slice(-all.length);
    if (other.length) found.unshift({ key: 'other', label: againstText(whom), tone: 'other', points: points(other) });
    return found;
  }, [answer, all, whom]);
  const labels = useMemo(() => axisTexts(all.map((row) => row.bucket)), [all]);
  const unit = (String(answer.question.every ?? 'month') as Unit) ?? 'month';
  const latest = all.slice(-3).reverse();
  const part = (row: ChurnRow, n: number, text: string, outcome: string) => (
    <Num
      n={n}
      title={`${bucketText(row.bucket)}: ${text}`}
      asked={asked}
      which={{ ...side(whom), bucket: row.bucket, outcome }}
    />
  );
  return (
    <Figure
      title={t('Left, by {unit}', { unit: one(unit) })}
      hint={t('of those who were customers when it began; 95% interval')}
      source={{ answer, asked }}
    >
      <div ref={ref}>
        {width > 0 && lines.some((line) => line.points.some((p) => p.y !== null)) && (
          <Lines
            lines={lines}
            labels={labels}
            width={width}
            height={200}
            write={pct}
            zero
            name={answer.words[1] ?? answer.words.join(' ')}
            unfinished={t('not over')}
            onPick={(i) =>
              open({
                title: t('left in {bucket}', { bucket: labels[i] ?? '' }),
                asked,
                which: { ...side(whom), bucket: all[i]?.bucket, outcome: 'churned' },
              })
            }
          />
        )}
      </div>
      <ul className="lines">
        {latest.map((row) => (
          <li key={row.bucket}>
            <b>{bucketText(row.bucket)}</b>: {part(row, row.churned, t('left'), 'churned')}{' '}
            {t('of {n} left', { n: int(row.at_risk) })}, {part(row, row.stayed, t('stayed'), 'stayed')} {t('stayed')}
            {row.undecided > 0 && (
              <>
                , {part(row, row.undecided, t('undecided'), 'undecided')} {t('undecided: not over')}
              </>
            )}
            {row.came_back > 0 && (
              <>
                {'; '}
                {t('{n} of those who left came back since', { n: int(row.came_back) })}
              </>
            )}
          </li>
        ))}
      </ul>
    </Figure>
  );
}

function HowLong({ answer, asked }: { answer: Answer; asked: Asked }) {
  const { whom } = asked;
  const [ref, width] = useWidth<HTMLDivElement>();
  const curves = useMemo(() => {
    const all = extra<Still>(answer, 'survival').filter((row) => row.watched >= FEW);
    const steps = (found: Still[]) =>
      found.map((row) => ({
        at: row.after_seconds,
        y: row.of_begun_still,
        low: row.of_begun_still_low,
        high: row.of_begun_still_high,
      }));
    const found: Steps[] = [{ key: 'this', label: thisText(whom), tone: 'main', points: steps(mine(all)) }];
    const other = theirs(all);
    if (other.length) found.push({ key: 'other', label: againstText(whom), tone: 'other', points: steps(other) });
    return found;
  }, [answer, whom]);
  const tenure = mine(
    extra<
      {
        tenure: string;
        at_risk: number;
        churned: number;
        of_at_risk_churned: number | null;
        of_at_risk_churned_low: number | null;
        of_at_risk_churned_high: number | null;
      } & Record<string, never>
    >(answer, 'by_tenure'),
  ).filter((row) => row.at_risk > 0);
  return (
    <Figure
      title={t('How long they stay')}
      hint={t('of those who began in these dates; Kaplan and Meier')}
      source={{ answer, asked, table: 'survival' }}
    >
      <div ref={ref}>
        {width > 0 && curves[0] && curves[0].points.length > 0 ? (
          <Survival
            curves={curves}
            width={width}
            height={200}
            begin={1}
            axis={t('time since they began; as far as {n} are watched', { n: FEW })}
            name={t('Share that is still a customer, by time since they began')}
          />
        ) : (
          width > 0 && <p className="dim">{t('Fewer than {n} began in these dates.', { n: FEW })}</p>
        )}
      </div>
      <ul className="lines">
        {tenure.map((row) => (
          <li key={row.tenure}>
            <b>{row.tenure}</b>:{' '}
            {row.at_risk < FEW
              ? t('{n} of {all} left (too few for a share)', { n: int(row.churned), all: int(row.at_risk) })
              : t('{share} left a {unit} ({interval}), of {all}', {
                  share: pct1(row.of_at_risk_churned),
                  unit: one(String(answer.question.every ?? 'month') as Unit),
                  interval: between(row.of_at_risk_churned_low, row.of_at_risk_churned_high, pct1),
                  all: int(row.at_risk),
                })}
          </li>
        ))}
      </ul>
    </Figure>
  );
}
