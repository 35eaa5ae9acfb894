/** How do two groups of people differ, metric by metric, and how do two ways through a journey? */
import type { Answer } from '../api/answer';
import { rows } from '../api/answer';
import { type Load, useAsk, useGet, useMetric } from '../lib/asking';
import { type Asked, save } from '../lib/export';
import { t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { useWhom } from '../lib/whom';
import { useExtent } from '../ui/bar';
import { Select, useChoice } from '../ui/choose';
import { Figure } from '../ui/figure';
import { Head } from '../ui/parts';
import { Num } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { Against, Swap, sideText } from './compare/Against';
import { csvOf, familiesOf, type Line, linesOf, MOST, SURE } from './compare/family';
import { Table } from './compare/Table';
import { Ways } from './compare/Ways';
import { againstText, thisText } from './groups';
import { changed, type Metrics, writer } from './overview/metrics';

export default function Comparison(_: { rest: string }) {
  const extent = useExtent();
  const whom = useWhom();
  return (
    <Shown load={extent}>
      {(found) =>
        found.events === 0 ? (
          <Nothing kind="source" />
        ) : (
          <>
            {whom.against ? (
              <Groups />
            ) : (
              <>
                <Head
                  title={t('Comparison')}
                  say={t(
                    'Two groups of people, or the same people at other times, held against each other over many metrics at once.',
                  )}
                />
                <Against />
              </>
            )}
            <Ways />
          </>
        )
      }
    </Shown>
  );
}

/** The answers of all metrics of a family; always as many hooks. */
function useFamily(key: string) {
  const listed = useGet<Metrics>('/api/metrics');
  const families = familiesOf(listed.data?.metrics ?? []);
  const family = families.find((one) => one.key === key) ?? families[0];
  const metrics = (family?.metrics ?? []).slice(0, MOST);
  const loads: Load<Answer>[] = [];
  for (let i = 0; i < MOST; i++) {
    // biome-ignore lint/correctness/useHookAtTopLevel: the loop always turns as often
    loads.push(useMetric(metrics[i]?.metric ?? null));
  }
  return { listed, families, family, lines: linesOf(metrics, loads) };
}

const FAMILIES: Record<string, string> = { own: 'with a target, or of this workspace', all: 'all that can be asked' };

function Groups() {
  const whom = useWhom();
  const [key, setKey] = useChoice('family', '');
  const { listed, families, family, lines } = useFamily(key);
  const one = sideText(thisText(whom), whom.against?.includes(':') ? whom.period : undefined);
  const two = againstText(whom);
  return (
    <>
      <Head title={t('{one} against {two}', { one, two })} say={<Finding lines={lines} one={one} two={two} />}>
        <Swap />
        <Select
          label={t('Metrics')}
          value={family?.key ?? ''}
          options={families.map((found) => [
            found.key,
            `${t(FAMILIES[found.key] ?? found.key)} (${found.metrics.length})`,
          ])}
          onPick={setKey}
        />
      </Head>
      <Sizes />
      <section className="panel">
        <Figure
          title={t('Metric by metric')}
          hint={t('with 95 % intervals')}
          tools={
            <button type="button" className="btn" onClick={() => save('comparison.csv', csvOf(lines, one, two))}>
              {t('Table (CSV)')}
            </button>
          }
        >
          <Shown load={listed}>
            {() =>
              lines.length ? (
                <Table lines={lines} />
              ) : (
                <p className="dim">
                  {t(
                    'No metric can be asked here yet: say under `words` in metrics/*.yaml which events they stand for.',
                  )}
                </p>
              )
            }
          </Shown>
          <p className="foot">
            {t(
              'Metrics that are tested here are one family: told from chance at a false-discovery rate of at most 5 % (Benjamini and Hochberg). q is the rate at which each would be. What differs is associated, which need not mean caused.',
            )}
            {(family?.metrics.length ?? 0) > MOST &&
              ` ${t('Of {n} metrics the first {most} are shown.', { n: family?.metrics.length ?? 0, most: MOST })}`}
          </p>
        </Figure>
      </section>
      <Shared lines={lines} />
    </>
  );
}

/** How many metrics differ, and which most surely. */
function Finding({ lines, one, two }: { lines: Line[]; one: string; two: string }) {
  const { workspace } = useSession();
  const tested = lines.filter((line) => line.q !== null);
  const sure = tested.filter((line) => (line.q as number) < SURE).sort((a, b) => a.test!.p - b.test!.p);
  const waiting = lines.filter((line) => line.verdict === 'waiting').length;
  if (waiting) return t('The metrics are on their way: {k} of {n}.', { k: lines.length - waiting, n: lines.length });
  if (!tested.length)
    return t('None of these metrics has a test of its difference; their intervals stand side by side.');
  if (!sure.length)
    return t('None of {n} metrics that can be tested differs by more than chance may make.', { n: tested.length });
  const first = sure[0] as Line;
  const write = writer(first.metric, workspace.currency);
  return (
    <>
      {t('{k} of {n} metrics that can be tested differ by more than chance may make. The clearest:', {
        k: sure.length,
        n: tested.length,
      })}{' '}
      <b>{first.metric.metric}</b>,{' '}
      {t('{a} for {one}, {b} for {two}', { a: write(first.one.value), one, b: write(first.two.value), two })} (
      <b className={first.verdict === 'better' ? 't-good' : first.verdict === 'worse' ? 't-bad' : ''}>
        {changed(first.metric, first.by as number, workspace.currency)}
      </b>
      ).
    </>
  );
}

/** How many people each side is. */
function Sizes() {
  const whom = useWhom();
  const load = useAsk('measure', {});
  const asked: Asked = { question: 'measure', fields: {}, whom };
  if (!load.data) return null;
  const of = (group: string) => Number(rows(load.data?.table).find((row) => row.group === group)?.people ?? 0);
  const name = { this: thisText(whom), other: againstText(whom) };
  return (
    <p className="foot bothsizes">
      {(['this', 'other'] as const).map((group, i) => (
        <span key={group}>
          {i > 0 && ` ${t('against')} `}
          <span className={`bothkey ${group}`} aria-hidden="true">
            {group === 'this' ? '●' : '■'}
          </span>{' '}
          <b>
            <bdi>{name[group]}</bdi>
          </b>
          : <Num n={of(group)} title={name[group]} asked={asked} which={{ group }} /> {t('people')}
        </span>
      ))}
    </p>
  );
}

/** What to know of the answers, each once. */
function Shared({ lines }: { lines: Line[] }) {
  const answers = lines.flatMap((line) => (line.load.data ? [line.load.data] : []));
  const [first] = answers;
  if (!first) return null;
  const codes = ['overlap', 'unattributed'];
  const notes = new Map(
    answers
      .flatMap((answer) => answer.warnings.filter((note) => codes.includes(note.code)))
      .map((note) => [note.text, note]),
  );
  return <Notes answer={{ ...first, warnings: [...notes.values()].slice(0, 4) }} />;
}
