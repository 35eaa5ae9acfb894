/** Which numbers are not as they should be: targets that are missed, thresholds that are passed. */
import { between, int } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Go } from '../../ui/go';
import { writer } from './metrics';
import type { Told } from './Tiles';

export function Alerts({ told }: { told: Told[] }) {
  const { workspace } = useSession();
  const busy = told.some(({ load }) => load.busy);
  const read = told.flatMap(({ metric, reading }) => (reading ? [{ metric, reading }] : []));
  const held = read.filter(
    ({ metric, reading }) => (metric.target != null || metric.alert) && reading.value !== null && !reading.few,
  );
  const wrong = held
    .filter(({ reading }) => reading.stands === 'alert' || reading.stands === 'missed')
    .sort((a, b) => Number(b.reading.stands === 'alert') - Number(a.reading.stands === 'alert'));
  return (
    <section className={`panel${busy ? ' dimmed' : ''}`} aria-labelledby="alerts" aria-busy={busy}>
      <h2 id="alerts">
        {t('Alerts')}{' '}
        {held.length > 0 && (
          <small>{t('{n} of {all} numbers that are watched', { n: int(wrong.length), all: int(held.length) })}</small>
        )}
      </h2>
      {wrong.length === 0 && (
        <p className="dim">
          {busy
            ? t('The numbers that are watched are on their way.')
            : held.length
              ? t('No target is missed, no threshold passed, beyond chance.')
              : t('No metric has a target or threshold yet that it could miss.')}
        </p>
      )}
      <ul className="al">
        {wrong.map(({ metric, reading }) => {
          const write = writer(metric, workspace.currency);
          const passed = reading.stands === 'alert';
          return (
            <li key={metric.metric} className={passed ? 'bad' : ''}>
              <Go to={{ page: 'data/definitions', query: { open: metric.metric } }}>
                {passed
                  ? t('{metric} is beyond its threshold', { metric: metric.metric })
                  : t('{metric} misses its target', { metric: metric.metric })}
              </Go>
              <small>
                {t('{value} (95%: {interval}), {aim}', {
                  value: write(reading.value),
                  interval: between(reading.low, reading.high, write),
                  aim: passed
                    ? metric.alert?.below != null
                      ? t('look when below {limit}', { limit: write(metric.alert.below) })
                      : t('look when above {limit}', { limit: write(metric.alert?.above) })
                    : t('target {target}', { target: write(metric.target) }),
                })}
              </small>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
