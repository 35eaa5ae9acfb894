/** Metrics of two groups side by side: values, difference, and whether it is more than chance may make. */
import type { Asked } from '../../lib/export';
import { between, FEW, int, NONE } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { usePeople } from '../../ui/people';
import { againstText, thisText } from '../groups';
import { changed, type Metric, writer } from '../overview/metrics';
import { apart, type Line, type Side } from './family';
import { type SideRow, Sides } from './Sides';

export function Table({ lines }: { lines: Line[] }) {
  const whom = useWhom();
  const { workspace } = useSession();
  const told = lines.filter((line) => line.verdict !== 'nothing');
  const silent = lines.filter((line) => line.verdict === 'nothing');
  return (
    <>
      <Sides
        rows={told.map((line) => rowOf(line, workspace.currency))}
        one={thisText(whom)}
        two={againstText(whom)}
        measure={t('Metric')}
        name={t('Metrics of both groups')}
      />
      {silent.length > 0 && (
        <p className="foot">
          {t('Of one side or of both nothing is known, so that there is nothing to compare:')}{' '}
          {silent.map((line, i) => (
            <span key={line.metric.metric}>
              {i > 0 && ', '}
              <bdi>{line.metric.metric}</bdi>
            </span>
          ))}
          .
        </p>
      )}
    </>
  );
}

function rowOf(line: Line, currency: string): SideRow {
  const { metric, one, two, by, test } = line;
  const write = writer(metric, currency);
  const difference = (x: number | null | undefined) => (x == null ? NONE : changed(metric, x, currency));
  const few = [one, two].some((half) => half.n !== null && half.n < FEW);
  const better = metric.better === 'higher' ? t('More is better.') : metric.better ? t('Less is better.') : '';
  const name = t('{metric}: {a} against {b}', { metric: metric.metric, a: write(one.value), b: write(two.value) });
  return {
    key: metric.metric,
    group: metric.group,
    name: metric.metric,
    says: `${metric.says} ${better}`,
    one: <Value metric={metric} half={one} group="this" write={write} />,
    two: <Value metric={metric} half={two} group="other" write={write} />,
    drawn: by !== null && !few ? { one, two, name } : null,
    difference: by !== null && !few && (
      <>
        <b>{difference(by)}</b>
        {test && <small className="sure">{between(test.low, test.high, difference)}</small>}
      </>
    ),
    verdict: <Verdict line={line} few={few} />,
  };
}

/** A value with its interval; opens whom it counts, where the metric says so. */
function Value(given: { metric: Metric; half: Side; group: string; write: (x: number | null | undefined) => string }) {
  const { metric, half, group, write } = given;
  const whom = useWhom();
  const open = usePeople();
  const asked: Asked = { metric: metric.metric, whom };
  const few = half.n !== null && half.n < FEW;
  const text = few ? t('too few') : write(half.value);
  return (
    <>
      {metric.people && half.value !== null ? (
        <button
          type="button"
          className="num"
          aria-label={t('{metric}: {value}. Show the people', { metric: metric.metric, value: text })}
          onClick={() =>
            open({ title: metric.metric, asked, which: { ...(metric.people as Record<string, unknown>), group } })
          }
        >
          {text}
        </button>
      ) : (
        <b>{text}</b>
      )}
      <small className="sure">
        {!few && half.low !== null && between(half.low, half.high, write)}
        {half.n !== null && ` ${t('of {n}', { n: int(half.n) })}`}
      </small>
    </>
  );
}

function Verdict({ line, few }: { line: Line; few: boolean }) {
  const { verdict, q, load } = line;
  if (verdict === 'waiting') return <span className="dim">{load.stopped ? t('stopped') : t('on its way…')}</span>;
  if (verdict === 'broken') return <span className="t-bad">{load.problem?.message}</span>;
  if (few) return <span className="dim">{t('too few to tell')}</span>;
  if (verdict === 'untested') {
    const away = apart(line);
    return (
      <span className="dim">
        {t('not tested')}
        {away !== null && `; ${away ? t('the intervals lie apart') : t('the intervals overlap')}`}
      </span>
    );
  }
  const said = {
    nothing: NONE,
    better: t('▲ better'),
    worse: t('▼ worse'),
    differs: t('◆ differs'),
    chance: t('may be chance'),
  };
  return (
    <>
      <span
        className={verdict === 'better' ? 't-good' : verdict === 'worse' ? 't-bad' : verdict === 'chance' ? 'dim' : ''}
      >
        {said[verdict]}
      </span>{' '}
      <small className="sure">q {q === null ? NONE : q < 0.001 ? '< 0.001' : q.toFixed(q < 0.1 ? 3 : 2)}</small>
    </>
  );
}
