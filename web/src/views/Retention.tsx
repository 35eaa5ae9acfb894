/** How many of those who started come back, and when? The curve, the triangle of cohorts, the wait, and stickiness. */

import { useMemo, useState } from 'react';
import type { Answer } from '../api/answer';
import { Dots } from '../charts/plain/Dots';
import { type Line, Lines } from '../charts/plain/Lines';
import { Aside, useAsk } from '../lib/asking';
import { FEW, pct, pct1, points } from '../lib/format';
import { useWidth } from '../lib/hooks';
import { t } from '../lib/i18n';
import { useWhom, type Whom } from '../lib/whom';
import { Choices, Pick, Select } from '../ui/choose';
import { Figure } from '../ui/figure';
import { Head, Switch } from '../ui/parts';
import { usePeople } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { bucketText, many, one } from './cohorts/buckets';
import { type Asking, finding, type Period, type Read, read, useAsking, when } from './cohorts/retention';
import { Stickiness } from './cohorts/Stickiness';
import { type Show, Triangle } from './cohorts/Triangle';
import { WaitingFor } from './cohorts/Waiting';
import { Every } from './Every';
import { againstText, side, thisText } from './groups';
import { useKnown } from './maps';
import { WithEvents } from './WithEvents';

export default function Retention(_: { rest: string }) {
  return (
    <WithEvents title={t('Retention')}>
      <View />
    </WithEvents>
  );
}

function View() {
  const asking = useAsking();
  const whom = useWhom();
  const load = useAsk('retention', asking.fields);
  const found = useMemo(() => (load.data ? read(load.data) : null), [load.data]);
  return (
    <>
      <Head
        title={t('Retention')}
        say={found ? finding(found, asking, againstText(whom)) : t('Who comes back, and when')}
      />
      <Asked asking={asking} />
      <Shown load={load} empty={(answer) => (read(answer).curve[0]?.started ? null : <Nothing kind="filter" />)}>
        {(answer) => <Answered answer={answer} asking={asking} whom={whom} />}
      </Shown>
      <div className="two">
        <Aside value>
          <WaitingFor asking={asking} />
          <Stickiness unit={asking.unit} event={String(asking.fields.returns ?? '')} />
        </Aside>
      </div>
    </>
  );
}

function Asked({ asking }: { asking: Asking }) {
  const { names } = useKnown();
  const { put } = asking;
  const any = t('any event');
  return (
    <>
      <div className="switches">
        <Every value={asking.unit} of={['day', 'week', 'month']} onPick={put.every} />
        <Switch
          label={t('Counted')}
          value={asking.rolling ? 'rolling' : 'calendar'}
          options={[
            ['calendar', t('by the calendar')],
            ['rolling', t('from each start')],
          ]}
          onPick={put.clock}
        />
        <Switch
          label={t('Came back')}
          value={asking.mode}
          options={[
            ['on', t('in it')],
            ['on_or_after', t('in it or later')],
          ]}
          onPick={put.mode}
        />
      </div>
      <Choices
        said={
          <>
            {t('Starts with')}{' '}
            <b>
              <bdi>{asking.start || any}</bdi>
            </b>
            {', '}
            {t('comes back with')}{' '}
            <b>
              <bdi>{asking.returns || any}</bdi>
            </b>
            {', '}
            {asking.cohorts === 'first'
              ? t('from the first time ever')
              : t('from every {unit} in which they start', { unit: one(asking.unit) })}
          </>
        }
      >
        <Pick
          label={t('Starts with')}
          value={asking.start}
          options={names}
          onPick={put.start}
          placeholder={any}
          hint={t('an event or a filter')}
        />
        <Pick
          label={t('Comes back with')}
          value={asking.returns}
          options={names}
          onPick={put.returns}
          placeholder={any}
          hint={t('an event or a filter')}
        />
        <Select
          label={t('Who starts')}
          value={asking.cohorts}
          options={[
            ['first', t('everybody once, the first time ever')],
            ['every', t('everybody in each period they start in')],
          ]}
          onPick={put.cohorts}
        />
        <Select
          label={t('Counts as coming back')}
          value={asking.mode}
          options={[
            ['on', t('in that period')],
            ['on_or_after', t('in that period or later')],
            ['on_or_before', t('by the end of that period')],
            ['streak', t('in every period so far')],
          ]}
          onPick={put.mode}
        />
        <Select
          label={t('How many {units}', { units: many(asking.unit) })}
          value={String(asking.periods)}
          options={['4', '7', '8', '11', '12', '14', '26', '30', '52', '60'].map((n) => [n, n])}
          onPick={put.periods}
        />
      </Choices>
    </>
  );
}

function Answered({ answer, asking, whom }: { answer: Answer; asking: Asking; whom: Whom }) {
  const found = useMemo(() => read(answer), [answer]);
  const [show, setShow] = useState<Show>('share');
  const asked = useMemo(() => ({ question: 'retention', fields: asking.fields, whom }), [asking.fields, whom]);
  const of = useMemo(() => side(whom), [whom]);
  return (
    <>
      <section className="panel">
        <Curve answer={answer} found={found} asking={asking} whom={whom} asked={asked} />
      </section>
      {found.differences.length > 0 && (
        <section className="panel">
          <Differences answer={answer} found={found} asking={asking} whom={whom} asked={asked} />
        </section>
      )}
      <section className="panel">
        <Figure
          title={t('Cohorts')}
          hint={t('by when they started; {when}', { when: when(asking.mode, asking.unit, 'k') })}
          source={{ answer, asked, table: 'cohorts' }}
          tools={
            <Switch
              label={t('Show')}
              value={show}
              options={[
                ['share', t('shares')],
                ['people', t('people')],
              ]}
              onPick={(value) => setShow(value as Show)}
            />
          }
        >
          <Triangle
            cells={found.cells}
            curve={found.curve}
            asking={asking}
            show={show}
            asked={asked}
            of={of as Record<string, string>}
          />
        </Figure>
        <Notes answer={answer} />
      </section>
    </>
  );
}

type Part = {
  answer: Answer;
  found: Read;
  asking: Asking;
  whom: Whom;
  asked: { question: string; fields: Record<string, unknown>; whom: Whom };
};

/** Points of a curve from period 1 on: in period 0 nobody can come back later than the period in which they started. */
function pointsOf(curve: Period[], least = FEW) {
  return curve
    .filter((row) => row.period !== '0')
    .map((row) => ({
      y: row.observable >= least ? row.of_observable : null,
      low: row.of_observable_low,
      high: row.of_observable_high,
      // only the oldest are so old: the line may still move
      open: 2 * row.observable < row.started,
    }));
}

function Curve({ answer, found, asking, whom, asked }: Part) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const lines = useMemo(() => {
    const by = new Map<string, Period[]>();
    for (const cell of found.cells) by.set(cell.cohort, [...(by.get(cell.cohort) ?? []), cell]);
    const all: Line[] = [...by]
      .filter(([, cells]) => (cells[0]?.started ?? 0) >= FEW)
      .slice(-26)
      .map(([cohort, cells]) => ({ key: cohort, label: bucketText(cohort), tone: 'faint', points: pointsOf(cells) }));
    if (found.other.length)
      all.push({ key: 'other', label: againstText(whom), tone: 'other', points: pointsOf(found.other) });
    all.push({ key: 'this', label: thisText(whom), tone: 'main', points: pointsOf(found.curve) });
    return all;
  }, [found, whom]);
  const labels = useMemo(() => {
    const known = [...found.curve, ...found.other].filter((row) => row.observable > 0);
    const last = Math.max(1, ...known.map((row) => Number(row.period)));
    return found.curve.map((row) => row.period).filter((period) => period !== '0' && Number(period) <= last);
  }, [found]);
  const few = !lines.some((line) => line.points.some((point) => point.y !== null));
  return (
    <Figure
      title={t('Who comes back, by {unit} since the start', { unit: one(asking.unit) })}
      hint={t('band: 95% interval; dotted: over for fewer than half; thin: cohorts of {n} and more', { n: FEW })}
      source={{ answer, asked }}
    >
      {few && (
        <p className="dim">
          {t('Fewer than {n} in every {unit}: too few for shares. The counts are in the table.', {
            n: FEW,
            unit: one(asking.unit),
          })}
        </p>
      )}
      <div ref={ref}>
        {width > 0 && !few && (
          <Lines
            lines={lines}
            labels={labels}
            width={width}
            write={(y) => (y !== null && y > 0 && y < 0.01 ? pct1(y) : pct(y))}
            zero
            axis={t('{units} since the start', { units: many(asking.unit) })}
            name={finding(found, asking, againstText(whom))}
            unfinished={t('over for fewer than half of them')}
            onPick={(i) =>
              open({
                title: t('came back {when}', { when: when(asking.mode, asking.unit, labels[i] ?? '') }),
                asked,
                which: { ...side(whom), period: labels[i], outcome: 'returned' },
              })
            }
          />
        )}
      </div>
    </Figure>
  );
}

function Differences({ answer, found, asking, whom, asked }: Part) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const dots = useMemo(
    () =>
      found.differences
        .filter((row) => row.difference !== null)
        .map((row) => {
          const period = /(\d\S*)$/.exec(row.measure)?.[1] ?? row.measure;
          return {
            key: row.measure,
            label: when(asking.mode, asking.unit, period),
            marks: [
              {
                value: row.difference,
                low: row.low,
                high: row.high,
                tone: row.flagged
                  ? (row.difference as number) > 0
                    ? ('good' as const)
                    : ('bad' as const)
                  : ('mid' as const),
              },
            ],
            text: `${points(row.difference)}${row.flagged ? '' : ` ${t('may be chance')}`}`,
            picks: false,
          };
        }),
    [found, asking.mode, asking.unit],
  );
  return (
    <Figure
      title={t('{this} against {other}', { this: thisText(whom), other: againstText(whom) })}
      hint={t('difference in who comes back, with its 95% interval')}
      source={{ answer, asked, table: 'differences' }}
    >
      {dots.length === 0 ? (
        <p className="dim">{t('No {unit} is over for both yet.', { unit: one(asking.unit) })}</p>
      ) : (
        <div ref={ref}>
          {width > 0 && (
            <Dots
              rows={dots}
              width={width}
              write={points}
              rule={{ at: 0, label: t('no difference') }}
              name={t('Difference in who comes back, by {unit}', { unit: one(asking.unit) })}
            />
          )}
        </div>
      )}
    </Figure>
  );
}
