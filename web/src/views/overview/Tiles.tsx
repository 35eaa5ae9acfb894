/** The outcomes in a row: number, interval, change, its way over time, and how it stands to what is aimed at. */
import { useMemo } from 'react';
import { rows } from '../../api/answer';
import { type Point, Sparkline } from '../../charts/Sparkline';
import { type Load, useMetric } from '../../lib/asking';
import { between, FEW, int, NONE } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { type Extent, useExtent } from '../../ui/bar';
import { Go } from '../../ui/go';
import { Opener } from '../../ui/opener';
import { Delta } from '../../ui/parts';
import { usePeople } from '../../ui/people';
import { late } from '../../ui/shown';
import { bucketOf, changed, daysOf, type Metric, type Reading, writer } from './metrics';

export type Told = { metric: Metric; load: Load<unknown>; reading: Reading | null };

export function Tiles({ told }: { told: Told[] }) {
  const extent = useExtent();
  const shown = told.filter((one) => one.load.problem === undefined && (!one.reading || one.reading.value !== null));
  if (!shown.length) return null;
  return (
    <ul className="kpis" aria-label={t('Outcomes')}>
      {shown.slice(0, 6).map((one) => (
        <Tile key={one.metric.metric} told={one} extent={extent.data} />
      ))}
    </ul>
  );
}

const STANDS: Record<string, [string, string]> = {
  met: ['t-good', 'target {target} met'],
  missed: ['t-bad', 'target {target} missed'],
  undecided: ['dim', 'target {target} undecided'],
  alert: ['t-bad', 'beyond its threshold'],
};

function Tile({ told, extent }: { told: Told; extent: Extent | undefined }) {
  const { metric, reading } = told;
  const { workspace } = useSession();
  const write = writer(metric, workspace.currency);
  const open = usePeople();
  const [ref, width] = useWidth<HTMLLIElement>();
  const stands = reading?.stands ? STANDS[reading.stands] : undefined;
  return (
    <li className={`kpi${told.load.busy ? ' dimmed' : ''}`} aria-busy={told.load.busy} ref={ref}>
      <Go
        className="kn"
        to={{ page: 'data/definitions', query: { open: metric.metric } }}
        title={`${metric.says} ${t('Of {denominator}.', { denominator: metric.denominator })}`}
      >
        {metric.metric}
      </Go>
      {reading ? (
        <Opener value={told.load.stale ? late : open}>
          <Value metric={metric} reading={reading} />
        </Opener>
      ) : (
        <b className="dim" role="status" aria-label={t('Working…')}>
          …
        </b>
      )}
      <small className="ki">
        {reading?.few
          ? t('{n}: too few for a number (at least {few})', { n: int(reading.n), few: FEW })
          : reading && between(reading.low, reading.high, write) !== NONE
            ? t('95%: {interval}', { interval: between(reading.low, reading.high, write) })
            : reading
              ? t('no interval')
              : ' '}
        {reading?.n != null && !reading.few && (
          <span className="kd" title={metric.denominator}>
            {t('of {n} {denominator}', { n: int(reading.n), denominator: metric.denominator })}
          </span>
        )}
      </small>
      <Trend metric={metric} reading={reading} extent={extent} width={width} />
      <small className={`ks ${stands?.[0] ?? 'dim'}`}>
        {stands
          ? t(stands[1], { target: write(metric.target) })
          : metric.target == null
            ? t('no target')
            : reading?.few
              ? t('target {target}', { target: write(metric.target) })
              : ' '}
      </small>
    </li>
  );
}

function Value({ metric, reading }: { metric: Metric; reading: Reading }) {
  const { workspace } = useSession();
  const whom = useWhom();
  const open = usePeople();
  const text = reading.few ? NONE : writer(metric, workspace.currency)(reading.value);
  const { change } = reading;
  return (
    <span className="kv">
      {metric.people ? (
        <button
          type="button"
          className="num"
          aria-label={t('{metric}: {value}. Show the people', { metric: metric.metric, value: text })}
          onClick={() =>
            open({
              title: metric.metric,
              asked: { metric: metric.metric, whom: { ...whom, against: '' } },
              which: metric.people as Record<string, unknown>,
            })
          }
        >
          {text}
        </button>
      ) : (
        <b>{text}</b>
      )}
      {change && !reading.few && (
        <span title={change.sure ? undefined : t('May be chance.')}>
          <Delta
            x={change.by}
            text={changed(metric, change.by, workspace.currency)}
            upIsGood={change.sure && metric.better ? metric.better === 'higher' : null}
          />
          {!change.sure && <small className="chance"> {t('may be chance')}</small>}
        </span>
      )}
    </span>
  );
}

function Trend(given: { metric: Metric; reading: Reading | null; extent: Extent | undefined; width: number }) {
  const { metric, reading, extent, width } = given;
  const whom = useWhom();
  const { workspace } = useSession();
  const over = reading && extent ? bucketOf(daysOf(whom.period, extent), reading.n) : null;
  const load = useMetric(over && reading?.value != null ? metric.metric : null, {
    over: over ?? 'month',
    against: '',
  });
  const points = useMemo(() => pointsOf(metric, rows(load.data?.table)), [metric, load.data]);
  const write = writer(metric, workspace.currency);
  const known = points.filter((point) => point.value !== null);
  if (!width || known.length < 2) return <div className="spark" aria-busy={load.busy} />;
  const [from, to] = [known[0], known.at(-1)];
  return (
    <Sparkline
      points={points}
      target={metric.target ?? null}
      width={width}
      side={
        reading?.stands === 'met' ? 'good' : reading?.stands === 'missed' || reading?.stands === 'alert' ? 'bad' : 'mid'
      }
      name={t('{metric} by {over}: {first} in {from}, {last} in {to}.', {
        metric: metric.metric,
        over: t(over ?? ''),
        first: write(from?.value),
        from: from?.bucket ?? '',
        last: write(to?.value),
        to: `${to?.bucket}${to?.open ? ` (${t('not over yet')})` : ''}`,
      })}
    />
  );
}

/** The buckets of a metric over time; where too few are behind a number, it is not drawn. */
function pointsOf(metric: Metric, table: Record<string, unknown>[]): Point[] {
  const all = table.map((row) => {
    const value = row[metric.number.column];
    const thin = typeof row.n === 'number' && row.n < FEW;
    return {
      bucket: String(row.bucket),
      value: typeof value === 'number' && !thin ? value : null,
      open: row.state === 'open' || row.state === 'part',
    };
  });
  const first = all.findIndex((point) => point.value !== null);
  return first < 0 ? [] : all.slice(first, all.findLastIndex((point) => point.value !== null) + 1);
}
