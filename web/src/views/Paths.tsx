/** Which ways do people really take from a start, or to an end, and which of them lead there? */
import { useMemo } from 'react';
import type { Answer } from '../api/answer';
import { useAddress } from '../lib/address';
import { useAsk } from '../lib/asking';
import type { Asked } from '../lib/export';
import { between, FEW, int, pct1 } from '../lib/format';
import { t } from '../lib/i18n';
import { useWhom } from '../lib/whom';
import { filled } from '../ui/filled';
import { Head } from '../ui/parts';
import { Num } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { Changed } from './funnel/Changed';
import { type Choice, called, lacking, useChoiceOfPaths } from './paths/choice';
import { Depths } from './paths/Depths';
import { Fields } from './paths/Fields';
import { Next } from './paths/Next';
import { Picture } from './paths/Picture';
import { Routes } from './paths/Routes';
import { OTHER, pathOf, type Told, told, touchpointsOf } from './paths/tree';

export default function Paths(_: { rest: string }) {
  const choice = useChoiceOfPaths();
  const over = choice.unit === 'session' ? { unit: 'session' } : {};
  const missing = lacking(choice);
  const load = useAsk(choice.known.busy || missing ? null : 'paths', choice.fields, over);
  const whom = { ...useWhom(), ...over };
  const asked: Asked = { question: 'paths', fields: choice.fields, whom };
  if (missing && !choice.known.busy)
    return (
      <>
        <Head title={t('Paths')} say={missing} />
        <Fields choice={choice} />
      </>
    );
  return (
    <>
      {!load.data && <Head title={t('Paths')} />}
      {!load.data && <Fields choice={choice} />}
      <Shown load={load}>{(answer) => <Drawn answer={answer} choice={choice} asked={asked} />}</Shown>
    </>
  );
}

/** The interval of the share that gets there: of the tree where all begin alike, else as the answer's words say it. */
function intervalOf({ tree }: Told, answer: Answer): string {
  if (tree?.rate?.low != null) return between(tree.rate.low, tree.rate.high, pct1);
  const said = /interval\s([\d.]+)\sto\s([\d.]+)\s?%/.exec(answer.words[0] ?? '');
  return said ? between(Number(said[1]) / 100, Number(said[2]) / 100, pct1) : '';
}

/** The finding: how many get there, by which way most of them, and after which most leave. */
function Finding({ told, answer, choice, asked }: { told: Told; answer: Answer; choice: Choice; asked: Asked }) {
  const shown = told.paths.filter((row) => row.path !== OTHER);
  const first = shown[0];
  if (!told.everyone) return <>{answer.words.join(' ')}</>;
  if (!told.goal) {
    if (!first) return <>{answer.words.join(' ')}</>;
    return (
      <>
        {filled(t('The most frequent way is {path}: {n} of {all} took it.'), {
          path: <b>{<bdi>{touchpointsOf(first.path, told).join(' › ')}</bdi>}</b>,
          n: (
            <Num
              n={first.people}
              title={first.path}
              asked={asked}
              which={{ ...told.group, path: pathOf(first.path, told) }}
            />
          ),
          all: int(told.everyone),
        })}{' '}
        {choice.direction === 'forward' && t('Choose an end to see which of them lead there.')}
      </>
    );
  }
  const { converted, undecided, decided, reached } = told.total;
  const lately = converted - reached;
  const best = [...shown].sort((a, b) => (b.converted ?? 0) - (a.converted ?? 0))[0];
  const lost = [...shown].sort((a, b) => (b.left ?? 0) - (a.left ?? 0))[0];
  const interval = intervalOf(told, answer);
  const slots = {
    rate: <b>{pct1(reached / Math.max(1, decided))}</b>,
    interval,
    n: int(decided),
    m:
      lately > 0 ? (
        int(reached)
      ) : (
        <Num n={converted} title={t('Got there')} asked={asked} which={{ ...told.group, outcome: 'converted' }} />
      ),
    end: <bdi>{called(choice.end, choice.known)}</bdi>,
    window: choice.window,
  };
  return (
    <>
      {decided < FEW
        ? filled(t('{m} of {n} decided reach {end} within {window}; too few for a rate.'), slots)
        : filled(
            interval
              ? t('{rate} ({interval}) of {n} decided reach {end} within {window}.')
              : t('{rate} of {n} decided reach {end} within {window}.'),
            slots,
          )}{' '}
      {lately > 0 && `${t('{n} more got there, too lately to be in the rate.', { n: int(lately) })} `}
      {best && (best.converted ?? 0) > 0 && (
        <>
          {filled(t('{n} of the {all} who got there took the same way, {path}.'), {
            n: (
              <Num
                n={best.converted ?? 0}
                title={best.path}
                asked={asked}
                which={{ ...told.group, path: pathOf(best.path, told), outcome: 'converted' }}
              />
            ),
            all: int(converted),
            path: <bdi>{touchpointsOf(best.path, told).join(' › ')}</bdi>,
          })}{' '}
        </>
      )}
      {lost && (lost.left ?? 0) > 0 && (
        <>
          {filled(t('Most leave after {step}: {n}.'), {
            step: <b>{<bdi>{touchpointsOf(lost.path, told).at(-1)}</bdi>}</b>,
            n: (
              <Num
                n={lost.left ?? 0}
                title={t('Left after {path}', { path: lost.path })}
                asked={asked}
                which={{ ...told.group, path: pathOf(lost.path, told), outcome: 'left' }}
              />
            ),
          })}{' '}
        </>
      )}
      {undecided > 0 &&
        filled(t('{n} are undecided.'), {
          n: <Num n={undecided} title={t('Undecided')} asked={asked} which={{ ...told.group, outcome: 'undecided' }} />,
        })}{' '}
      <Changed answer={answer} measure="converted" />
    </>
  );
}

function Drawn({ answer, choice, asked }: { answer: Answer; choice: Choice; asked: Asked }) {
  const { query } = useAddress();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the choice is made anew each time; the answer changes with it
  const found = useMemo(() => told(answer, choice), [answer]);
  return (
    <>
      <Head title={t('Paths')} say={<Finding told={found} answer={answer} choice={choice} asked={asked} />} />
      <Fields choice={choice} />
      {found.tree === null ? (
        <Nothing kind={query.get('dates') ? 'dates' : 'filter'} />
      ) : (
        <>
          <Picture tree={found.tree} told={found} choice={choice} answer={answer} asked={asked} />
          <Routes told={found} choice={choice} answer={answer} asked={asked} />
          <div className="two">
            <Next answer={answer} told={found} choice={choice} asked={asked} />
            <Depths told={found} choice={choice} answer={answer} asked={asked} />
          </div>
        </>
      )}
      <Notes answer={answer} />
    </>
  );
}
