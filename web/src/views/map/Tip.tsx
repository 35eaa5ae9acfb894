/** What a touchpoint says when one points at it. */
import { useLayoutEffect, useRef } from 'react';
import { feelingText } from '../../charts/journey/Flow';
import type { Journey, Touchpoint } from '../../charts/journey/model';
import { duration, FEW, int, pct } from '../../lib/format';
import { t } from '../../lib/i18n';

export function Tip({ touchpoint, at, journey }: { touchpoint: Touchpoint; at: DOMRect; journey: Journey }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const tip = ref.current;
    if (!tip) return;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const x = at.right + 10 + width > innerWidth - 8 ? at.left - width - 10 : at.right + 10;
    tip.style.left = `${Math.max(8, x)}px`;
    tip.style.top = `${Math.max(8, Math.min(innerHeight - height - 8, at.top + at.height / 2 - height / 2))}px`;
  }, [at]);
  const onward = journey.moves.filter((move) => move.source === touchpoint.id).slice(0, 3);
  const total = onward.reduce((a, move) => a + move.instances, 0) || 1;
  const { feeling, goesOn } = touchpoint;
  const negative = feeling.value !== null && feeling.value < (journey.limits[0] + journey.limits[1]) / 2;
  return (
    <div className="tip" role="tooltip" ref={ref}>
      <header>
        <b>
          <bdi>{touchpoint.name}</bdi>
        </b>
        <span>{t('{n} instances', { n: int(touchpoint.instances) })}</span>
      </header>
      <dl>
        {feeling.value !== null && (
          <div>
            <dt>{journey.scale}</dt>
            <dd className={negative ? 't-bad' : 't-good'}>{feelingText(feeling.value, journey)}</dd>
            <dd className="dim">
              {feelingText(feeling.low, journey)} {t('to')} {feelingText(feeling.high, journey)}, {int(feeling.n)}{' '}
              {t('answers')}
            </dd>
          </div>
        )}
        <div>
          <dt>{t('Leave here')}</dt>
          <dd>{goesOn.n < FEW ? int(goesOn.left) : pct(goesOn.rate === null ? null : 1 - goesOn.rate)}</dd>
          <dd className="dim">
            {int(goesOn.left)} {t('of')} {int(goesOn.n)}
          </dd>
        </div>
        {touchpoint.waiting > 0 && (
          <div>
            <dt>{t('Undecided')}</dt>
            <dd>{int(touchpoint.waiting)}</dd>
          </div>
        )}
      </dl>
      {onward.length > 0 && (
        <ul className="outs">
          {onward.map((move) => (
            <li key={move.target}>
              <i className={move.harm} style={{ width: `${(100 * move.instances) / total}%` }} />
              <span>
                <bdi>{move.target.replace('stage\n', '')}</bdi>
              </span>
              <b>{int(move.instances)}</b>
              <small>{duration(move.seconds)}</small>
            </li>
          ))}
        </ul>
      )}
      {touchpoint.quote && (
        <blockquote className={negative || feeling.differs === 'low' ? 'neg' : 'pos'}>
          <bdi>{touchpoint.quote}</bdi>
          {touchpoint.theme && <cite>{touchpoint.theme}</cite>}
        </blockquote>
      )}
      <footer>{touchpoint.folded > 1 ? t('Enter opens this stage') : t('Enter shows people, routes and words')}</footer>
    </div>
  );
}
