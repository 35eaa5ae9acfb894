/** Metrics of two groups side by side: values, difference, and whether it is more than chance may make. */
import { Pair } from '../../charts/plain/Pair';
import type { Asked } from '../../lib/export';
import { between, dec, FEW, int, NONE } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { usePeople } from '../../ui/people';
import { againstText, thisText } from '../groups';
import { changed, type Metric, writer } from '../overview/metrics';
import { apart, type Line, type Side } from './family';

export function Table({ lines }: { lines: Line[] }) {
  const whom = useWhom();
  const groups = [...new Set(lines.map((line) => line.metric.group))];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="scrollx" tabIndex={0} aria-label={t('Metrics of both groups')}>
      <table className="table sidebyside">
        <thead>
          <tr>
            <th scope="col">{t('Metric')}</th>
            <th scope="col" className="n">
              <bdi>{thisText(whom)}</bdi> <span className="key">●</span>
            </th>
            <th scope="col" className="n">
              <bdi>{againstText(whom)}</bdi> <span className="key other">■</span>
            </th>
            <th scope="col" />
            <th scope="col" className="n">
              {t('Difference')}
            </th>
            <th scope="col">{t('More than chance?')}</th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group}>
            {groups.length > 1 && (
              <tr className="grouprow">
                <th scope="rowgroup" colSpan={6}>
                  {t(group)}
                </th>
              </tr>
            )}
            {lines
              .filter((line) => line.metric.group === group)
              .map((line) => (
                <One key={line.metric.metric} line={line} />
              ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

function One({ line }: { line: Line }) {
  const { workspace } = useSession();
  const { metric, one, two, by, test } = line;
  const write = writer(metric, workspace.currency);
  const difference = (x: number | null | undefined) => (x == null ? NONE : changed(metric, x, workspace.currency));
  const few = [one, two].some((half) => half.n !== null && half.n < FEW);
  return (
    <tr>
      <th scope="row">
        <bdi>{metric.metric}</bdi>
        <small>
          {metric.says}
          {metric.better && ` ${metric.better === 'higher' ? t('More is better.') : t('Less is better.')}`}
        </small>
      </th>
      <td className="n">
        <Value metric={metric} half={one} group="this" write={write} />
      </td>
      <td className="n">
        <Value metric={metric} half={two} group="other" write={write} />
      </td>
      <td className="pairs">
        {by !== null && !few && (
          <Pair
            one={one}
            two={two}
            width={170}
            name={t('{metric}: {a} against {b}', { metric: metric.metric, a: write(one.value), b: write(two.value) })}
          />
        )}
      </td>
      <td className="n">
        {by !== null && !few && (
          <>
            <b>{difference(by)}</b>
            <small className="sure">{test && between(test.low, test.high, difference)}</small>
          </>
        )}
      </td>
      <td>
        <Verdict line={line} few={few} />
      </td>
    </tr>
  );
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
  if (verdict === 'nothing') return <span className="dim">{t('nothing to compare')}</span>;
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
  const said = { better: t('▲ better'), worse: t('▼ worse'), differs: t('◆ differs'), chance: t('may be chance') };
  return (
    <>
      <span
        className={verdict === 'better' ? 't-good' : verdict === 'worse' ? 't-bad' : verdict === 'chance' ? 'dim' : ''}
      >
        {said[verdict]}
      </span>{' '}
      <small className="sure">
        q {q !== null && q < 0.001 ? '< 0.001' : q === null ? NONE : q < 0.1 ? q.toFixed(3) : dec(q)}
      </small>
    </>
  );
}
