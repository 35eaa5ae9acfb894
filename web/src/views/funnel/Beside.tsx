/** Segments side by side: how many of each finish, and how far each gets. */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { type DotRow, Dots } from '../../charts/plain/Dots';
import { useAddress } from '../../lib/address';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { between, FEW, int, pct, pct1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Num, usePeople } from '../../ui/people';
import { Shown } from '../../ui/shown';
import type { Difference } from './Changed';
import type { FunnelChoice } from './choice';
import type { FunnelRow } from './told';

const EVERYONE = '(everyone)';
const groupsOf = (all: FunnelRow[]) =>
  [...new Set(all.map((row) => row.group ?? ''))].filter((one) => one !== EVERYONE);

export function Beside({ choice }: { choice: FunnelChoice }) {
  const fields = { ...choice.fields, instead_top: 0 };
  const over = { breakdown: choice.by, against: '' };
  const load = useAsk(choice.by ? 'funnel' : null, fields, over);
  const asked: Asked = { question: 'funnel', fields, whom: { ...useWhom(), ...over } };
  const { query } = useAddress();
  const alike = load.data !== undefined && groupsOf(rows<FunnelRow>(load.data.table)).length < 2;
  // what nobody asked for and says nothing is left out
  if (!choice.by || (alike && !query.has('by'))) return null;
  return (
    <section className="panel">
      <Shown load={load}>{(answer) => <Drawn answer={answer} choice={choice} asked={asked} />}</Shown>
    </section>
  );
}

function Drawn({ answer, choice, asked }: { answer: Answer; choice: FunnelChoice; asked: Asked }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const people = usePeople();
  const all = useMemo(() => rows<FunnelRow>(answer.table), [answer]);
  const last = Math.max(...all.map((row) => row.step), 1);
  const groups = useMemo(() => groupsOf(all), [all]);
  const everyone = all.find((row) => row.group === EVERYONE && row.step === last);
  const lines = useMemo<DotRow[]>(() => {
    const differences = extra<Difference>(answer, 'differences');
    return groups.map((group) => {
      const row = all.find((one) => one.group === group && one.step === last);
      const of = all.find((one) => one.group === group)?.mature ?? 0;
      const change = differences.find((one) => one.group === group && one.measure === `reached step ${last}`);
      const few = of < FEW || row?.of_entered == null;
      const tone = !change?.flagged ? 'mid' : (change.difference ?? 0) > 0 ? 'good' : 'bad';
      return {
        key: group,
        label: group,
        sub: few ? t('of {n}', { n: int(of) }) : t('{rate} of {n}', { rate: pct1(row.of_entered), n: int(of) }),
        marks: few ? [] : [{ value: row.of_entered, low: row.of_entered_low, high: row.of_entered_high, tone }],
        ...(few ? { none: t('too few') } : {}),
        text: int(row?.reached ?? 0),
      };
    });
  }, [answer, all, groups, last]);
  if (groups.length < 2)
    return (
      <p className="dim">{t('All of them are alike in {by}: {group}.', { by: choice.by, group: groups[0] ?? '–' })}</p>
    );
  const name = choice.names.at(-1) ?? '';
  return (
    <Figure
      title={t('By {by}', { by: choice.by })}
      hint={t('share that reaches “{name}”; coloured where it differs from all others', { name })}
      source={{ answer, asked }}
    >
      <div ref={ref}>
        {width > 0 && (
          <Dots
            rows={lines}
            width={width}
            write={pct}
            name={t('Share that reaches {name} by {by}, with intervals', { name, by: choice.by })}
            {...(everyone?.of_entered != null
              ? { rule: { at: everyone.of_entered, label: t('everyone {rate}', { rate: pct1(everyone.of_entered) }) } }
              : {})}
            onPick={(row) =>
              people({
                title: t('{group}: reached {name}', { group: row.label, name }),
                asked,
                which: { group: row.key, step: last, outcome: 'reached' },
              })
            }
          />
        )}
      </div>
      <details className="howfar">
        <summary>{t('How far each gets')}</summary>
        <Grid all={all} groups={groups} choice={choice} asked={asked} />
      </details>
    </Figure>
  );
}

function Grid({
  all,
  groups,
  choice,
  asked,
}: {
  all: FunnelRow[];
  groups: string[];
  choice: FunnelChoice;
  asked: Asked;
}) {
  const steps = [...new Set(all.map((row) => row.step))];
  const nameOf = (step: number) => choice.names[step - 1] ?? String(step);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="tablewrap" tabIndex={0} aria-label={t('How far each gets')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{choice.by}</th>
            {steps.map((step) => (
              <th key={step} scope="col" className="n">
                <bdi>{nameOf(step)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const first = all.find((row) => row.group === group);
            return (
              <tr key={group}>
                <th scope="row">
                  <bdi>{group}</bdi>
                </th>
                {steps.map((step) => {
                  const row = all.find((one) => one.group === group && one.step === step);
                  if (!row) return <td key={step} />;
                  return (
                    <td key={step} className="n">
                      <Num
                        n={row.reached}
                        title={t('{group}: reached {name}', { group, name: nameOf(step) })}
                        asked={asked}
                        which={{ group, step, outcome: 'reached' }}
                      />
                      {step > 1 && (first?.mature ?? 0) >= FEW && (
                        <small>
                          {' '}
                          {pct1(row.of_entered)} [{between(row.of_entered_low, row.of_entered_high, pct)}]
                        </small>
                      )}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
