/** A map that is held against others: the finding, and the touchpoints at which the two differ. */
import { type Answer, extra } from '../../api/answer';
import type { Journey } from '../../charts/journey/model';
import { between, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import type { Whom } from '../../lib/whom';
import { filled } from '../../ui/filled';
import { againstText, thisText } from '../groups';
import type { DifferenceRow } from '../overview/finding';
import { type Differs, differsOf, mostOf } from './differs';

/** Whether the same people are held against other dates, rather than against others. */
const isDated = (whom: Whom) => whom.against !== undefined && !whom.against.includes(':');

function Most({ one, whom }: { one: Differs; whom: Whom }) {
  const other = <bdi>{againstText(whom)}</bdi>;
  const slots = {
    other,
    at: (
      <b>
        <bdi>{one.touchpoint}</bdi>
      </b>
    ),
    points: <b className={one.difference < 0 ? 't-bad' : 't-good'}>{points(one.difference)}</b>,
    interval: between(one.low, one.high, points),
  };
  const fewer = one.difference < 0;
  if (isDated(whom))
    return filled(
      fewer
        ? t('What changed most since {other}: fewer go on from “{at}”, {points} ({interval}).')
        : t('What changed most since {other}: more go on from “{at}”, {points} ({interval}).'),
      slots,
    );
  return filled(
    fewer
      ? t('What differs most from {other}: fewer go on from “{at}”, {points} ({interval}).')
      : t('What differs most from {other}: more go on from “{at}”, {points} ({interval}).'),
    slots,
  );
}

/** The finding: how many reach the goal, and what differs from whom it is held against. */
export function Finding({ answer, journey, whom }: { answer: Answer; journey: Journey; whom: Whom }) {
  const own = journey.touchpoints.length ? answer.words[0] : undefined;
  if (!journey.compared || !answer.extras.differences) return <>{answer.words.join(' ')}</>;
  const goal = extra<DifferenceRow>(answer, 'differences').find((row) => row.measure === 'convert');
  const all = differsOf(answer);
  const { most, left } = mostOf(all);
  const slots = { other: <bdi>{againstText(whom)}</bdi> };
  return (
    <>
      {own}{' '}
      {goal?.difference != null &&
        filled(
          goal.flagged
            ? t('Against {other}: {points} ({interval}).')
            : t('Against {other}: {points} ({interval}); does not stand out from chance.'),
          {
            ...slots,
            points: (
              <b className={goal.flagged ? (goal.difference < 0 ? 't-bad' : 't-good') : ''}>
                {points(goal.difference)}
              </b>
            ),
            interval: between(goal.low, goal.high, points),
          },
        )}{' '}
      {most && <Most one={most} whom={whom} />}
      {!most &&
        all.length > 0 &&
        filled(t('At no touchpoint does the share that goes on stand out from {other}.'), slots)}
      {left &&
        ` ${t('“{at}” has a larger difference, {points}, that may be chance: {n} touchpoints were looked at.', {
          at: left.touchpoint,
          points: points(left.difference),
          n: all.length,
        })}`}
    </>
  );
}

/** All touchpoints, beside each other; the first that stands out is the one of the finding. */
export function Touchpoints({ answer, whom }: { answer: Answer; whom: Whom }) {
  const all = differsOf(answer);
  if (!all.length) return null;
  const title = t('Who goes on from where: {one} against {two}', { one: thisText(whom), two: againstText(whom) });
  return (
    <section className="panel" aria-labelledby="beside">
      <h2 id="beside">{title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="tablewrap" tabIndex={0} aria-label={title}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('touchpoint')}</th>
              {[thisText(whom), againstText(whom), t('difference')].map((name) => (
                <th key={name} scope="col" className="n">
                  <bdi>{name}</bdi>
                </th>
              ))}
              <th scope="col">{t('stands out from chance')}</th>
            </tr>
          </thead>
          <tbody>
            {all.map((one) => (
              <tr key={one.touchpoint}>
                <th scope="row">
                  <bdi>{one.touchpoint}</bdi>
                </th>
                <td className="n">{pct1(one.rate)}</td>
                <td className="n">{pct1(one.other)}</td>
                <td className="n">
                  {points(one.difference)} <small>[{between(one.low, one.high, points)}]</small>
                </td>
                <td>{one.flagged ? t('yes') : t('no')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="foot">
        {t(
          'Of those whose time to give up is over, the share that goes on. That many touchpoints are looked at is counted in; those with fewer than 30 on a side are left out. A stage of the picture is in colour where one of its touchpoints stands out the same way.',
        )}
      </p>
    </section>
  );
}
