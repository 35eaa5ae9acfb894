/** Metrics with their definition, what they are divided by, how they are asked, and what they say now. */
import { useEffect, useRef, useState } from 'react';
import type { MetricDefinition } from '../../api/schema';
import { go } from '../../lib/address';
import { useMetric } from '../../lib/asking';
import { dec, duration, int, money, pct1, signed1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { Elsewhere } from '../../ui/figure';
import { Notes, Shown } from '../../ui/shown';
import { fieldText, grouped, placeOf } from './definitions';
import { Tag } from './parts';

const GROUPS: Record<string, string> = {
  friction: 'Friction',
  engagement: 'Engagement',
  revenue: 'Revenue',
  loyalty: 'Loyalty',
  efficiency: 'Efficiency',
  service: 'Service',
};

export function Metrics({ metrics, open }: { metrics: MetricDefinition[]; open: string | null }) {
  return (
    <>
      {grouped(metrics).map(([group, some]) => (
        <section key={group} className="panel defs">
          <h2>
            {t(GROUPS[group] ?? group)} <small>{int(some.length)}</small>
          </h2>
          <ul>
            {some.map((one) => (
              <li key={one.name}>
                <Metric metric={one} open={open === one.name} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function useWritten() {
  const { workspace } = useSession();
  return (form: string, value: number | null) => {
    if (value === null) return '–';
    if (form === 'share') return pct1(value);
    if (form === 'time') return duration(value);
    if (form === 'money') return money(value, workspace.currency);
    if (form === 'points') return signed1(value);
    return Number.isInteger(value) ? int(value) : dec(value);
  };
}

function Metric({ metric, open }: { metric: MetricDefinition; open: boolean }) {
  const written = useWritten();
  const can = metric.asked !== null;
  const { below, above } = metric.alert as { below?: number; above?: number };
  const ref = useRef<HTMLDetailsElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever comes by a link to it sees it; later ones have it in sight
  useEffect(() => {
    if (open) ref.current?.scrollIntoView({ block: 'start' });
  }, []);
  return (
    <details
      ref={ref}
      className="def"
      open={open}
      onToggle={(event) => {
        const now = event.currentTarget.open;
        if (now !== open) go({ query: { open: now ? metric.name : null } }, true);
      }}
    >
      <summary>
        <b>
          <bdi>{metric.name}</bdi>
        </b>{' '}
        {metric.own && <span className="own">{t('defined here')}</span>}{' '}
        {metric.wanting.length > 0 && <Tag kind="note">{t('a word is missing')}</Tag>}{' '}
        {metric.wrong && <Tag kind="problem">{t('makes no sense')}</Tag>}
        <span className="says">
          <bdi>{metric.says}</bdi>
        </span>
        <span className="dim">
          {t('of')} <bdi>{metric.denominator}</bdi>
        </span>
      </summary>
      <div className="dmore">
        {metric.wrong && <p className="t-bad">{metric.wrong}</p>}
        {metric.wanting.length > 0 && (
          <p>
            {t('Nobody has said what {words} means here. Say it in metrics/words.yaml, such as', {
              words: metric.wanting.map((word) => `$${word}`).join(', '),
            })}{' '}
            <code>{`words: {${metric.wanting[0]}: …}`}</code>
          </p>
        )}
        <dl className="pairs">
          <Pair name={t('Divided by')}>{metric.denominator}</Pair>
          {metric.matures && <Pair name={t('Counts')}>{metric.matures}</Pair>}
          {metric.better && (
            <Pair name={t('Better')}>{metric.better === 'higher' ? t('when higher') : t('when lower')}</Pair>
          )}
          {metric.target !== null && <Pair name={t('Target')}>{written(metric.form, metric.target)}</Pair>}
          {(below !== undefined || above !== undefined) && (
            <Pair name={t('Alert')}>
              {below !== undefined && t('below {n}', { n: written(metric.form, below) })}{' '}
              {above !== undefined && t('above {n}', { n: written(metric.form, above) })}
            </Pair>
          )}
          {metric.trap && <Pair name={t('Beware')}>{metric.trap}</Pair>}
          <Pair name={t('Question')}>
            <code>{metric.question}</code>
            <ul className="fieldlist">
              {Object.entries(metric.asked ?? metric.fields).map(([name, value]) => (
                <li key={name}>
                  <code>
                    {name}: <bdi>{fieldText(value)}</bdi>
                  </code>
                </li>
              ))}
              {Object.entries(metric.of).map(([name, value]) => (
                <li key={name}>
                  <code>
                    {name}: <bdi>{fieldText(value)}</bdi>
                  </code>
                </li>
              ))}
            </ul>
          </Pair>
          <Pair name={t('Stands in')}>
            {metric.file ? <code>{placeOf(metric)}</code> : t('the catalogue of desirepath')}
          </Pair>
        </dl>
        {open && can && <Now metric={metric} />}
      </div>
    </details>
  );
}

function Pair({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

/** What it says of all data, asked when the definition is opened. */
function Now({ metric }: { metric: MetricDefinition }) {
  const whom = useWhom();
  const load = useMetric(metric.name);
  const [ask, setAsk] = useState(false);
  return (
    <div className="now">
      <Shown load={load}>
        {(answer) => (
          <>
            <p>
              <b>{t('Now:')}</b> <bdi>{answer.words.join(' ')}</bdi>
            </p>
            <Notes answer={answer} />
          </>
        )}
      </Shown>
      <button type="button" className="btn" onClick={() => setAsk(true)}>
        {t('Copy as Python, curl, command')}
      </button>
      {ask && <Elsewhere asked={{ metric: metric.name, whom }} onClose={() => setAsk(false)} />}
    </div>
  );
}
