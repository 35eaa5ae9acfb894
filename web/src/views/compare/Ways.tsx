/** Two ways through a journey map side by side: conversion, time, score, contacts, cost and revenue. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { between, duration, FEW, int, money, NONE, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { Choices, Pick, useChoice } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { Num } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { told } from '../groups';
import { type KnownMap, type MapStep, stepsOf, useKnown } from '../maps';
import { dec2, scaleName, scoreDifference, scoreText } from '../voice/spoken';
import { type SideRow, Sides } from './Sides';

type Measure = Row & {
  measure: string;
  with: number | null;
  with_low: number | null;
  with_high: number | null;
  without: number | null;
  without_low: number | null;
  without_high: number | null;
  difference: number | null;
  difference_low: number | null;
  difference_high: number | null;
  n_with: number;
  n_without: number;
};
type Way = Row & { way: string; instances: number; converted: number; dropped: number; in_progress: number };

export function Ways() {
  const known = useKnown();
  if (known.busy) return null;
  if (!known.chosen)
    return (
      <section className="panel">
        <h2>{t('Two ways through a journey')}</h2>
        <p className="dim">
          {t(
            'Without a journey map there are no ways to compare. `desirepath map discover` draws one from what people do; it can then be edited under Journeys.',
          )}
        </p>
      </section>
    );
  return <OnMap map={known.chosen} />;
}

const nameOf = (step: MapStep) => step.touchpoint as string;

/** What is worth a comparison at first sight: a variant of the map, else what was not planned, else a step. */
function offersOf(map: KnownMap): string[] {
  const steps = stepsOf(map.outline);
  const unplanned = steps.filter((step) => step.expected === false).map(nameOf);
  return [...new Set([...Object.keys(map.outline.variants ?? {}), ...unplanned, ...steps.slice(1, -1).map(nameOf)])];
}

function OnMap({ map }: { map: KnownMap }) {
  const whom = useWhom();
  const offers = offersOf(map);
  const [by, setBy] = useChoice('way', offers[0] ?? '');
  const [than, setThan] = useChoice('than', '');
  const [among, setAmong] = useChoice('among', '');
  const fields = { map: map.name, by, ...(than ? { against: than } : {}), ...(among ? { among } : {}) };
  const load = useAsk(by ? 'compare' : null, fields, { against: '' });
  const asked: Asked = { question: 'compare', fields, whom: { ...whom, against: '' } };
  const touchpoints = stepsOf(map.outline).map(nameOf);
  return (
    <section className="panel">
      <Figure
        title={t('Two ways through: {map}', { map: map.title })}
        {...(load.data ? { source: { answer: load.data, asked } } : {})}
      >
        <Choices
          open={!by}
          said={
            <>
              {t('With')}{' '}
              <b>
                <bdi>{by || '…'}</bdi>
              </b>{' '}
              {t('against')}{' '}
              <b>
                <bdi>{than || t('without it')}</bdi>
              </b>
              {among && (
                <>
                  {' '}
                  {t('of those who came by')}{' '}
                  <b>
                    <bdi>{among}</bdi>
                  </b>
                </>
              )}
            </>
          }
        >
          <Pick
            label={t('One way')}
            value={by}
            options={[...new Set([...offers, ...touchpoints])]}
            onPick={setBy}
            hint={t('A variant, a touchpoint, an event, a filter, or a pattern such as `a -> b`.')}
          />
          <Pick
            label={t('The other way')}
            value={than}
            options={[...new Set([...offers, ...touchpoints])]}
            placeholder={t('without it')}
            onPick={setThan}
          />
          <Pick
            label={t('Of those who came by')}
            value={among}
            options={touchpoints}
            placeholder={t('everybody')}
            onPick={setAmong}
            hint={t('So that both had come as far.')}
          />
        </Choices>
        {by && (
          <Shown load={load}>
            {(answer) => (
              <>
                <p className="say">{told(answer, 2)}</p>
                {extra<Way>(answer, 'instances').some((way) => way.instances > 0) && (
                  <Both answer={answer} asked={asked} by={by} than={than} />
                )}
                <Notes answer={answer} />
              </>
            )}
          </Shown>
        )}
      </Figure>
    </section>
  );
}

type Write = (x: number | null | undefined) => string;

/** How a measure is called, and how its values and their differences are written. */
function writersOf(measure: string, currency: string): { text: string; value: Write; difference: Write } {
  const plus =
    (write: Write): Write =>
    (x) =>
      x == null ? NONE : `${x > 0 ? '+' : ''}${write(x)}`;
  if (measure === 'of_converted') return { text: t('Reach the goal'), value: pct1, difference: points };
  if (measure === 'median_hours') {
    const hours: Write = (x) => (x == null ? NONE : duration(x * 3600));
    return { text: t('Median time'), value: hours, difference: plus(hours) };
  }
  const cash: Write = (x) => money(x, currency);
  if (measure === 'contacts') return { text: t('Contacts each'), value: dec2, difference: plus(dec2) };
  if (measure === 'cost') return { text: t('Cost each'), value: cash, difference: plus(cash) };
  if (measure === 'revenue') return { text: t('Revenue each'), value: cash, difference: plus(cash) };
  return {
    text: scaleName(measure),
    value: (x) => scoreText(measure, x),
    difference: (x) => scoreDifference(measure, x),
  };
}

function Both({ answer, asked, by, than }: { answer: Answer; asked: Asked; by: string; than: string }) {
  const { workspace } = useSession();
  const measures = rows<Measure>(answer.table);
  const ways = extra<Way>(answer, 'instances');
  const names: Record<string, string> = { with: by, without: than || t('without it') };
  const text = (way: string) =>
    names[way] ?? (way === 'both' ? t('both: left out') : way === 'neither' ? t('neither: left out') : way);
  return (
    <>
      <ul className="waylist">
        {ways.map((way) => (
          <li key={way.way}>
            <b>
              <bdi>{text(way.way)}</bdi>
            </b>{' '}
            <Num n={way.instances} title={text(way.way)} asked={asked} which={{ way: way.way }} /> {t('journeys:')}{' '}
            <Num
              n={way.converted}
              title={t('{way}: reached the goal', { way: text(way.way) })}
              asked={asked}
              which={{ way: way.way, outcome: 'converted' }}
            />{' '}
            {t('reached the goal')},{' '}
            <Num
              n={way.dropped}
              title={t('{way}: left', { way: text(way.way) })}
              asked={asked}
              which={{ way: way.way, outcome: 'dropped' }}
            />{' '}
            {t('left')}, {int(way.in_progress)} {t('undecided')}
          </li>
        ))}
      </ul>
      <Sides
        rows={measures.map((row) => rowOf(row, workspace.currency))}
        one={String(names.with)}
        two={String(names.without)}
        measure={t('Measure')}
        name={t('Both ways side by side')}
      />
    </>
  );
}

function rowOf(row: Measure, currency: string): SideRow {
  const { text, value, difference } = writersOf(row.measure, currency);
  const few = row.n_with < FEW || row.n_without < FEW;
  const { difference_low: low, difference_high: high } = row;
  const sure = low !== null && high !== null && (low > 0 || high < 0);
  const half = (x: number | null, a: number | null, b: number | null, n: number) => (
    <>
      <b>{n < FEW ? t('too few') : value(x)}</b>
      <small className="sure">
        {n >= FEW && a !== null && between(a, b, value)} {t('of {n}', { n: int(n) })}
      </small>
    </>
  );
  const verdict = few
    ? t('too few to tell')
    : row.difference === null || low === null
      ? t('nothing to compare')
      : sure
        ? row.difference > 0
          ? t('▲ more')
          : t('▼ less')
        : t('may be chance');
  return {
    key: row.measure,
    name: text,
    one: half(row.with, row.with_low, row.with_high, row.n_with),
    two: half(row.without, row.without_low, row.without_high, row.n_without),
    drawn:
      !few && row.with !== null && row.without !== null
        ? {
            one: { value: row.with, low: row.with_low, high: row.with_high },
            two: { value: row.without, low: row.without_low, high: row.without_high },
            name: t('{metric}: {a} against {b}', { metric: text, a: value(row.with), b: value(row.without) }),
          }
        : null,
    difference: !few && row.difference !== null && (
      <>
        <b>{difference(row.difference)}</b>
        <small className="sure">{between(low, high, difference)}</small>
      </>
    ),
    verdict: <span className={sure && !few ? '' : 'dim'}>{verdict}</span>,
  };
}
