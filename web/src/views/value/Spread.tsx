/** By segment, and how much of the money comes from the few who bring most. */
import { useMemo } from 'react';
import { type Answer, rows } from '../../api/answer';
import { type DotRow, Dots, Marks } from '../../charts/plain/Dots';
import { type Stack, Stacks } from '../../charts/plain/Stacks';
import { useAsk } from '../../lib/asking';
import { FEW, int, pct, pct1, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import type { Whom } from '../../lib/whom';
import { Pick } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { usePeople } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { type Asked, useCash } from './Brought';
import type { Asking, Customers } from './lifetime';

const GROUPS = 10;
const EVERYONE = '(everyone)';

export function BySegment({ asking, whom }: { asking: Asking; whom: Whom }) {
  const over = useMemo(() => ({ ...whom, breakdown: asking.segment, top: GROUPS }), [whom, asking.segment]);
  const load = useAsk('lifetime_value', asking.fields, over);
  const { channels = [], properties = [] } = asking.known.fields ?? {};
  return (
    <section className="panel">
      <Shown load={load}>
        {(answer) => (
          <Segments answer={answer} asked={{ question: 'lifetime_value', fields: asking.fields, whom: over }} />
        )}
      </Shown>
      <div className="pickline">
        <Pick
          label={t('By')}
          value={asking.segment}
          options={[...(channels.length ? ['channel'] : []), 'source', ...properties]}
          onPick={asking.put.segment}
          hint={t('a field or property, of the first purchase')}
        />
      </div>
    </section>
  );
}

function Segments({ answer, asked }: { answer: Answer; asked: Asked }) {
  const cash = useCash();
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(
    () => rows<Customers & { group: string }>(answer.table).filter((row) => row.cohort === 'all' && row.people > 0),
    [answer],
  );
  const whole = all.find((row) => row.group === EVERYONE);
  const forecast = all.some((row) => row.group !== EVERYONE && row.lifetime !== null);
  const shown: DotRow[] = useMemo(
    () =>
      all
        .filter((row) => row.group !== EVERYONE)
        .map((row) => ({
          key: row.group,
          label: row.group,
          sub: t('{n} customers', { n: int(row.people) }),
          marks:
            row.people < FEW
              ? []
              : [
                  {
                    value: row.so_far,
                    low: row.so_far_low,
                    high: row.so_far_high,
                    tone: 'main' as const,
                    label: t('so far'),
                  },
                  ...(row.lifetime === null
                    ? []
                    : [
                        {
                          value: row.lifetime,
                          low: row.lifetime_low,
                          high: row.lifetime_high,
                          tone: 'third' as const,
                          label: t('lifetime'),
                        },
                      ]),
                ],
          ...(row.people < FEW ? { none: t('too few for a mean') } : {}),
          text: `${short(row.people)}`,
        })),
    [all],
  );
  return (
    <Figure
      title={t('By segment')}
      hint={t('money a customer; bar: 95% interval; right: customers')}
      source={{ answer, asked }}
    >
      {shown.length === 0 ? (
        <p className="dim">{t('No customer has a value of it.')}</p>
      ) : (
        <>
          <div ref={ref}>
            {width > 0 && (
              <Dots
                rows={shown}
                width={width}
                write={cash}
                {...(whole?.so_far != null
                  ? { rule: { at: whole.so_far, label: t('everyone so far {n}', { n: cash(whole.so_far) }) } }
                  : {})}
                name={t('What a customer has brought in, by segment')}
                onPick={(row) =>
                  open({
                    title: t('customers of {name}', { name: row.label }),
                    asked,
                    which: { group: row.key, cohort: 'all' },
                  })
                }
              />
            )}
          </div>
          {forecast && (
            <Marks
              marks={[
                { tone: 'main', label: t('so far') },
                { tone: 'third', label: t('lifetime: so far and to come') },
              ]}
            />
          )}
          <p className="foot">
            {t('Segments differ in age too: those who came late had less time. Associated, not caused.')}
          </p>
        </>
      )}
    </Figure>
  );
}

type Level = { level: string; people: number; from: number | null; total: number; of_total: number | null } & Record<
  string,
  never
>;

export function Concentration({ asking, whom }: { asking: Asking; whom: Whom }) {
  const fields = useMemo(
    () => ({
      event: asking.fields.purchase,
      by: asking.value,
      levels: Array.from({ length: 9 }, (_, i) => `${10 * (i + 1)} %`),
    }),
    [asking.fields.purchase, asking.value],
  );
  const load = useAsk('engagement', fields, whom);
  return (
    <section className="panel">
      <Shown load={load}>
        {(answer) => <Tenths answer={answer} asked={{ question: 'engagement', fields, whom }} />}
      </Shown>
    </section>
  );
}

/** `top 30 %`: 30. */
const percent = (level: string) => level.replace(/[^\d.]/g, '');

function Tenths({ answer, asked }: { answer: Answer; asked: Asked }) {
  const cash = useCash();
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(
    () =>
      rows<Level>(answer.table).filter((row) => row.level !== 'none' && row.level !== 'below zero' && row.people > 0),
    [answer],
  );
  const stacks: Stack[] = useMemo(
    () =>
      all.map((row, i) => ({
        key: row.level,
        label: row.level === 'rest' ? t('rest') : `${i === 0 ? 0 : percent(all[i - 1]!.level)}–${percent(row.level)}`,
        values: { share: row.of_total ?? 0 },
        note: t('{n} people: {total}', { n: int(row.people), total: cash(row.total) }),
      })),
    [all, cash],
  );
  const first = all[0];
  return (
    <Figure
      title={t('Concentration')}
      hint={t('share of the money of these dates, by tenths of those who paid, the largest first')}
      source={{ answer, asked }}
    >
      <p className="saysmall">
        {first
          ? t('The {n} at the top bring {share} of all.', { n: int(first.people), share: pct1(first.of_total) })
          : answer.words[0]}
      </p>
      <div ref={ref}>
        {width > 0 && stacks.length > 0 && (
          <Stacks
            stacks={stacks}
            pieces={[{ key: 'share', label: t('of all money'), tone: 'c1' }]}
            width={width}
            height={210}
            write={pct}
            name={t('Share of all money by tenths of those who paid. {said}', { said: answer.words.join(' ') })}
            unfinished=""
            axis={t('% of those who paid, from the largest')}
            onPick={(stack) => open({ title: stack.key, asked, which: { level: stack.key } })}
          />
        )}
      </div>
      <Notes answer={answer} />
    </Figure>
  );
}
