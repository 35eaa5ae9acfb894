/** How many get from step to step, where do they stop, what do they do instead, and what has changed? */
import { useMemo } from 'react';
import { type Answer, extra } from '../api/answer';
import { Bars } from '../charts/funnel/Bars';
import { useAddress } from '../lib/address';
import { Aside, useAsk } from '../lib/asking';
import type { Asked } from '../lib/export';
import { between, duration, FEW, int, pct1, points } from '../lib/format';
import { useNarrow, useWidth } from '../lib/hooks';
import { t } from '../lib/i18n';
import { useWhom } from '../lib/whom';
import { Figure } from '../ui/figure';
import { filled } from '../ui/filled';
import { Head } from '../ui/parts';
import { Num } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { Counted } from './Counted';
import { Beside } from './funnel/Beside';
import { Changed, useBeside } from './funnel/Changed';
import { choose, type FunnelChoice, useChoiceOfFunnel } from './funnel/choice';
import { FunnelFields } from './funnel/Fields';
import { Instead } from './funnel/Instead';
import { NarrowFunnel } from './funnel/Narrow';
import { Over } from './funnel/Over';
import { Steps } from './funnel/Steps';
import { type Found, foundOf } from './funnel/told';
import { ours } from './paths/tree';

export default function Funnel(_: { rest: string }) {
  const choice = useChoiceOfFunnel();
  const ready = !choice.busy && choice.steps.length >= 2;
  const load = useAsk(ready ? 'funnel' : null, choice.fields);
  const asked: Asked = { question: 'funnel', fields: choice.fields, whom: useWhom() };
  if (!choice.busy && !ready)
    return (
      <>
        <Head
          title={t('Funnel')}
          say={t('Choose two steps or more: how many get from one to the next is then told.')}
        />
        <FunnelFields choice={choice} />
      </>
    );
  return (
    <>
      {!load.data && <Head title={t('Funnel')} />}
      {!load.data && !choice.busy && <FunnelFields choice={choice} />}
      <Shown load={load}>{(answer) => <Drawn answer={answer} choice={choice} asked={asked} />}</Shown>
    </>
  );
}

type Stretch = {
  group?: string;
  stretch: string;
  median_seconds: number | null;
  median_low_seconds: number | null;
  median_high_seconds: number | null;
};

/** The finding: how many get through, what has changed, and where most are lost. */
function Finding({
  found,
  answer,
  choice,
  asked,
}: {
  found: Found;
  answer: Answer;
  choice: FunnelChoice;
  asked: Asked;
}) {
  const first = found.rows[0];
  const last = found.rows.at(-1);
  if (!first || !last) return null;
  const lost = found.rows[found.worst - 1];
  const whole = ours(extra<Stretch>(answer, 'durations')).find((row) => row.stretch === 'whole');
  const slots = {
    rate: <b>{pct1(last.of_entered)}</b>,
    interval: between(last.of_entered_low, last.of_entered_high, pct1),
    n: (
      <Num
        n={first.mature}
        title={t('Entered, and the window is over')}
        asked={asked}
        which={{ ...found.group, step: 1, outcome: 'mature' }}
      />
    ),
    m: (
      <Num
        n={last.mature}
        title={t('Finished, and the window is over')}
        asked={asked}
        which={{ ...found.group, step: last.step, outcome: 'mature' }}
      />
    ),
    first: <bdi>{found.steps[0]?.name}</bdi>,
    last: <bdi>{found.steps.at(-1)?.name}</bdi>,
    window: choice.window,
  };
  return (
    <>
      {first.mature < FEW
        ? filled(t('{m} of {n} whose window is over got from {first} to {last}; too few for a rate.'), slots)
        : filled(t('{rate} ({interval}) of {n} whose window is over got from {first} to {last}.'), slots)}{' '}
      <Changed answer={answer} measure={`reached step ${last.step}`} />{' '}
      {whole?.median_seconds != null &&
        last.reached >= FEW &&
        t('Half of those took {time} or less ({interval}). ', {
          time: duration(whole.median_seconds),
          interval: between(whole.median_low_seconds, whole.median_high_seconds, duration),
        })}
      {lost &&
        (lost.dropped ?? 0) > 0 &&
        filled(t('Most are lost after {step}: {dropped} dropped.'), {
          step: (
            <b>
              <bdi>{found.steps[found.worst - 1]?.name}</bdi>
            </b>
          ),
          dropped: (
            <Num
              n={lost.dropped ?? 0}
              title={t('Dropped after {name}', { name: found.steps[found.worst - 1]?.name ?? '' })}
              asked={asked}
              which={{ ...found.group, step: lost.step, outcome: 'dropped' }}
            />
          ),
        })}
    </>
  );
}

function Legend({ found }: { found: Found }) {
  const other = useBeside();
  const key = (look: string, text: string) => (
    <span className="kx">
      <i className={look} aria-hidden="true" /> {text}
    </span>
  );
  return (
    <div className="legend">
      {key('reachbar', t('reached'))}
      {key('hatchbar', t('dropped since the step before'))}
      {key('dotbar', t('undecided: the window is open'))}
      {found.compared && key('wasl', t('{other}, from the same number at the start', { other }))}
      <span>
        {t(
          'Between the bars: share that goes on with its interval, and the median time. Shares are of those whose window is over.',
        )}
      </span>
    </div>
  );
}

function Drawn({ answer, choice, asked }: { answer: Answer; choice: FunnelChoice; asked: Asked }) {
  const { query } = useAddress();
  const narrow = useNarrow();
  const [ref, width] = useWidth<HTMLDivElement>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the choice is made anew each time; the answer changes with it
  const found = useMemo(() => foundOf(answer, choice), [answer]);
  const asking = Number(query.get('step'));
  const last = found.steps.length;
  // the last step has no next one: what came instead is looked at before it
  const picked = asking >= 1 && asking <= last ? asking : found.worst || 1;
  const pick = (step: number) => choose({ step: String(step) });
  const title =
    choice.order === 'any'
      ? t('Funnel: {n} steps in any order', { n: choice.steps.length })
      : t('Funnel: {first} to {last}', { first: choice.names[0] ?? '', last: choice.names.at(-1) ?? '' });
  if (!found.rows[0]?.reached)
    return (
      <>
        <Head title={title} />
        <FunnelFields choice={choice} />
        <Nothing kind={query.get('dates') ? 'dates' : 'filter'}>
          <p>{t('Nobody did the first step, {name}.', { name: choice.names[0] ?? '' })}</p>
        </Nothing>
        <Notes answer={answer} />
      </>
    );
  return (
    <>
      <Head title={title} say={<Finding {...{ found, answer, choice, asked }} />} />
      <FunnelFields choice={choice} />
      <section className="panel">
        <Figure
          title={t('From step to step')}
          hint={choice.entry === 'each' ? t('height = tries') : t('height = people')}
          source={{ answer, asked }}
        >
          {narrow ? (
            <NarrowFunnel found={found} asked={asked} picked={picked} onPick={pick} />
          ) : (
            <div ref={ref} className="fbox">
              {width > 0 && (
                <Bars
                  steps={found.steps}
                  width={Math.max(width, found.steps.length * 130)}
                  picked={picked}
                  worst={found.worst}
                  name={t('Funnel of {n} steps. Left and right arrows: from step to step.', { n: last })}
                  say={(step) =>
                    t(
                      '{name}: {n} reached it, {share} of the first step; {dropped} dropped and {undecided} are undecided after it{time}',
                      {
                        name: step.name,
                        n: int(step.reached),
                        share: step.ofFirst === null ? t('too few for a share') : pct1(step.ofFirst),
                        dropped: int(step.dropped),
                        undecided: int(step.undecided),
                        time: step.seconds === null ? '' : t('; median time {time}', { time: duration(step.seconds) }),
                      },
                    )
                  }
                  change={(x) => `${x < 0 ? '▼' : '▲'} ${points(x)}`}
                  lost={(n) => `−${int(n)}`}
                  onPick={pick}
                />
              )}
            </div>
          )}
          <Legend found={found} />
          <Counted what={choice.entry === 'each' ? 'tries' : 'people'} window={choice.window} />
          {narrow ? (
            <details className="howfar">
              <summary>{t('Steps in numbers')}</summary>
              <Steps found={found} asked={asked} picked={picked} onPick={pick} />
            </details>
          ) : (
            <Steps found={found} asked={asked} picked={picked} onPick={pick} />
          )}
        </Figure>
      </section>
      <div className="two">
        <Instead {...{ found, choice, answer, asked }} step={Math.min(picked, last - 1)} />
        <Aside value>
          <Beside choice={choice} />
        </Aside>
      </div>
      <Over choice={choice} />
      <Notes answer={answer} />
    </>
  );
}
