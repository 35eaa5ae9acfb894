/** The same map turned by a quarter for a phone: stages below each other, feeling as a spine. */
import { feelingStep, feelingText } from '../../charts/journey/Flow';
import type { Journey, Stage } from '../../charts/journey/model';
import { go, useAddress } from '../../lib/address';
import type { Asked } from '../../lib/export';
import { dec, duration, FEW, int, pct, points, short, tone } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Delta } from '../../ui/parts';
import { Num } from '../../ui/people';
import { Inspector } from './Inspector';

const WIDE = 46;

export function Narrow({ journey, asked }: { journey: Journey; asked: Asked }) {
  const { query } = useAddress();
  const [low, high] = journey.limits;
  const middle = (low + high) / 2;
  const x = (value: number | null) =>
    WIDE / 2 + Math.max(-1, Math.min(1, ((value ?? middle) - middle) / ((high - low) / 2 || 1))) * (WIDE / 2 - 7);
  const chosen = journey.touchpoints.find((one) => one.id === query.get('touchpoint'));
  return (
    <>
      <ol className="nmap">
        {journey.stages.map((stage, i) => (
          <li key={stage.name}>
            <Spine
              at={x(stage.feeling.value)}
              before={i ? x(journey.stages[i - 1]?.feeling.value ?? null) : null}
              after={i < journey.stages.length - 1 ? x(journey.stages[i + 1]?.feeling.value ?? null) : null}
            />
            {stage.feeling.value !== null && (
              <i
                className={`knot ${tone(feelingStep(stage.feeling.value, journey))}`}
                style={{ left: `${x(stage.feeling.value)}px` }}
              />
            )}
            {journey.touchpoints
              .filter((one) => one.stage === stage.name && one.feeling.differs === 'low')
              .map((one) => (
                <i
                  key={one.id}
                  className={`knot low ${tone(feelingStep(one.feeling.value, journey))}`}
                  style={{ left: `${x(one.feeling.value)}px` }}
                />
              ))}
            <Section stage={stage} journey={journey} asked={asked} />
          </li>
        ))}
      </ol>
      {chosen && (
        <Inspector
          touchpoint={chosen}
          journey={journey}
          asked={asked}
          onClose={() => go({ query: { touchpoint: null } })}
        />
      )}
    </>
  );
}

function Spine({ at, before, after }: { at: number; before: number | null; after: number | null }) {
  const [enter, leave] = [before === null ? null : (before + at) / 2, after === null ? null : (at + after) / 2];
  const path = `${enter === null ? `M${at} 8` : `M${enter} 0C${enter} 8 ${at} 4 ${at} 14`}${leave === null ? '' : `C${at} 60 ${leave} 60 ${leave} 100`}`;
  return (
    <svg
      className="spine"
      width={WIDE}
      height="100%"
      preserveAspectRatio="none"
      viewBox={`0 0 ${WIDE} 100`}
      aria-hidden="true"
    >
      <line className="zero" x1={WIDE / 2} x2={WIDE / 2} y1="0" y2="100" vectorEffect="non-scaling-stroke" />
      <path className="line" vectorEffect="non-scaling-stroke" d={path} />
    </svg>
  );
}

function Section({ stage, journey, asked }: { stage: Stage; journey: Journey; asked: Asked }) {
  const change =
    stage.goesOn.rate !== null && stage.goesOnBefore !== null ? stage.goesOn.rate - stage.goesOnBefore : null;
  const quote = stage.quotes[0];
  return (
    <section>
      <header>
        <h2>
          <bdi>{stage.name}</bdi>
        </h2>
        {stage.feeling.value !== null && (
          <span className={`score ${tone(feelingStep(stage.feeling.value, journey))}`}>
            <b>{feelingText(stage.feeling.value, journey)}</b>
            {stage.feelingBefore !== null && (
              <Delta
                x={stage.feeling.value - stage.feelingBefore}
                text={dec(Math.abs(stage.feeling.value - stage.feelingBefore))}
              />
            )}
          </span>
        )}
      </header>
      <p className="sum">
        <b>{int(stage.instances)}</b> {t('instances')} ·{' '}
        <b>{stage.goesOn.n < FEW ? t('too few') : pct(stage.goesOn.rate)}</b> {t('go on')}{' '}
        <Delta x={change} text={points(Math.abs(change ?? 0))} upIsGood={stage.flagged ? true : null} />
        {stage.seconds !== null && <> · {duration(stage.seconds)}</>}
      </p>
      <ul>
        {journey.touchpoints
          .filter((one) => one.stage === stage.name)
          .map((one) => {
            const felt = feelingStep(one.feeling.value, journey);
            return (
              <li key={one.id}>
                <i className="fill" style={{ width: `${(100 * one.instances) / Math.max(1, stage.instances)}%` }} />
                <span>
                  <button
                    type="button"
                    className="link quiet"
                    onClick={() => go({ query: one.folded > 1 ? { open: one.name } : { touchpoint: one.id } })}
                  >
                    <bdi>{one.name}</bdi>
                  </button>
                </span>
                <b>{short(one.instances)}</b>
                <em className={felt < 0 ? 't-bad' : felt > 0 ? 't-good' : ''}>
                  {one.feeling.value !== null &&
                    `${felt < 0 ? '▼' : felt > 0 ? '▲' : '●'} ${feelingText(one.feeling.value, journey)}`}
                </em>
              </li>
            );
          })}
      </ul>
      {quote && (
        <blockquote className={quote.side === 'low' ? 'neg' : 'pos'}>
          <bdi>{quote.text}</bdi>
        </blockquote>
      )}
      {stage.left > 0 && (
        <p className="lost">
          <i className="hatchbar" />{' '}
          <Num
            n={stage.left}
            title={t('Left in {stage}', { stage: stage.name })}
            asked={asked}
            which={{ stage: stage.name, way: 'left' }}
          />{' '}
          {stage.goesOn.n < FEW
            ? t('left here')
            : t('left here, {share} of those whose time is over', { share: pct(stage.goesOn.left / stage.goesOn.n) })}
        </p>
      )}
    </section>
  );
}
