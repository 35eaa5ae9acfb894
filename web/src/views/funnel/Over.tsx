/** How each share moves over time: one small picture a step, all on one scale; buckets that are not over stand apart. */
import { useMemo } from 'react';
import { type Answer, rows } from '../../api/answer';
import { Lines } from '../../charts/plain/Lines';
import { around } from '../../charts/plain/scale';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { FEW, pct } from '../../lib/format';
import { useNarrow, useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { usePeople } from '../../ui/people';
import { Shown } from '../../ui/shown';
import type { FunnelChoice } from './choice';
import type { FunnelRow } from './told';

export function Over({ choice }: { choice: FunnelChoice }) {
  const fields = { ...choice.fields, instead_top: 0 };
  const over = { over: choice.over, against: '' };
  const load = useAsk(choice.over ? 'funnel' : null, fields, over);
  const asked: Asked = { question: 'funnel', fields, whom: { ...useWhom(), ...over } };
  if (!choice.over) return null;
  return (
    <section className="panel">
      <Shown load={load}>{(answer) => <Drawn answer={answer} choice={choice} asked={asked} />}</Shown>
    </section>
  );
}

type Small = { key: string; title: string; step: number; points: (FunnelRow | undefined)[]; whole: boolean };

function Drawn({ answer, choice, asked }: { answer: Answer; choice: FunnelChoice; asked: Asked }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const narrow = useNarrow();
  const people = usePeople();
  const all = useMemo(() => rows<FunnelRow>(answer.table), [answer]);
  const buckets = useMemo(() => [...new Set(all.map((row) => row.bucket ?? ''))], [all]);
  const last = Math.max(...all.map((row) => row.step), 1);
  const smalls = useMemo<Small[]>(() => {
    const name = (step: number) => choice.names[step - 1] ?? String(step);
    const at = (step: number) => buckets.map((bucket) => all.find((row) => row.bucket === bucket && row.step === step));
    const found: Small[] = [
      {
        key: 'whole',
        title: t('{first} to {last}', { first: name(1), last: name(last) }),
        step: last,
        points: at(last),
        whole: true,
      },
    ];
    if (last > 2)
      for (let step = 2; step <= last; step++)
        found.push({
          key: String(step),
          title: `${name(step - 1)} › ${name(step)}`,
          step,
          points: at(step),
          whole: false,
        });
    return found;
  }, [all, buckets, last, choice.names]);
  const values = useMemo(
    () =>
      smalls.map((small) =>
        small.points.map((row, i) => {
          const of = all.find((one) => one.bucket === buckets[i] && one.step === (small.whole ? 1 : small.step - 1));
          const few = !row || (of?.mature ?? 0) < FEW;
          const name = small.whole ? 'of_entered' : 'of_previous';
          return {
            y: few ? null : row[name],
            low: few ? null : row[`${name}_low`],
            high: few ? null : row[`${name}_high`],
            open: row?.state !== 'whole',
          };
        }),
      ),
    [smalls, all, buckets],
  );
  const domain = useMemo(
    () =>
      around(
        values.flat().flatMap((p) => [p.low, p.high]),
        true,
        4,
      ),
    [values],
  );
  if (buckets.length < 2)
    return <p className="dim">{t('Over time: the dates hold one bucket only; choose shorter ones.')}</p>;
  // a step that too few come to has nothing to show
  const shown = smalls
    .map((small, k) => ({ small, points: values[k] ?? [] }))
    .filter(({ points }) => points.some((p) => p.y != null));
  const columns = narrow ? 1 : Math.max(1, Math.min(shown.length, width > 1100 ? 3 : 2));
  const each = Math.floor((width - (columns - 1) * 18) / columns) - 12;
  return (
    <Figure
      title={t('Over time')}
      hint={t('shares by when they entered, with 95 % intervals; one scale')}
      source={{ answer, asked }}
    >
      <div ref={ref} className="smalls" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {width > 0 &&
          shown.map(({ small, points }) => (
            <div key={small.key}>
              <h3>
                <bdi>{small.title}</bdi>
              </h3>
              <Lines
                lines={[{ key: 'share', label: t('share'), tone: 'main', points }]}
                labels={buckets}
                width={each}
                height={150}
                write={pct}
                domain={domain}
                name={t('Share that goes from {title}, by when they entered', { title: small.title })}
                unfinished={t('not over yet')}
                onPick={(i) =>
                  people({
                    title: `${small.title}, ${buckets[i]}`,
                    asked,
                    which: { bucket: buckets[i], step: small.step, outcome: 'reached' },
                  })
                }
              />
            </div>
          ))}
      </div>
      <p className="foot">
        {t(
          'A bucket whose dates or windows are not over is drawn apart. Where fewer than {n} came so far there is no point.',
          { n: FEW },
        )}
      </p>
    </Figure>
  );
}
