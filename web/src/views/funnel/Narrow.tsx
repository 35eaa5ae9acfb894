/** The funnel on a phone: one bar a step, its numbers above and below. */
import type { Asked } from '../../lib/export';
import { between, duration, int, pct, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { Delta } from '../../ui/parts';
import { Num } from '../../ui/people';
import type { Found } from './told';

export function NarrowFunnel({
  found,
  asked,
  picked,
  onPick,
}: {
  found: Found;
  asked: Asked;
  picked: number;
  onPick: (step: number) => void;
}) {
  const top = Math.max(1, found.steps[0]?.reached ?? 1);
  const part = (n: number) => `${(100 * n) / top}%`;
  return (
    <ol className="fn" aria-label={t('Steps of the funnel')}>
      {found.steps.map((step, i) => {
        const before = found.steps[i - 1];
        return (
          <li key={step.step} className={`${i === found.worst ? 'worst' : ''}${picked === step.step ? ' picked' : ''}`}>
            <header>
              <button
                type="button"
                className="oname"
                aria-pressed={picked === step.step}
                onClick={() => onPick(step.step)}
              >
                <bdi>{step.name}</bdi>
              </button>
              <span>
                <Num
                  n={step.reached}
                  title={t('Reached {name}', { name: step.name })}
                  asked={asked}
                  which={{ ...found.group, step: step.step, outcome: 'reached' }}
                />
              </span>
              <em>{step.ofFirst === null ? '' : pct(step.ofFirst)}</em>
            </header>
            <div className="track" aria-hidden="true">
              {step.before !== null && <i className="was" style={{ width: part(step.before * top) }} />}
              <i className="now" style={{ width: part(step.reached) }} />
              {before && (
                <>
                  <i className="open" style={{ insetInlineStart: part(step.reached), width: part(before.undecided) }} />
                  <i
                    className="hatchbar gone"
                    style={{
                      insetInlineStart: part(step.reached + before.undecided),
                      width: part(before.dropped),
                    }}
                  />
                </>
              )}
            </div>
            {before && (
              <small>
                {step.ofPrevious === null
                  ? t('too few for a rate')
                  : t('{rate} [{interval}] go on', {
                      rate: pct1(step.ofPrevious),
                      interval: between(step.low, step.high, pct),
                    })}
                {step.seconds !== null && ` · ${duration(step.seconds)}`}
                {` · ${t('{n} lost', { n: int(before.dropped) })}`}{' '}
                {step.change !== null && (
                  <Delta x={step.change} text={points(step.change)} upIsGood={step.flagged ? true : null} />
                )}
              </small>
            )}
          </li>
        );
      })}
    </ol>
  );
}
