/** How are we doing? The finding, the outcomes, the stages, what hurts and what helps, and what is not as it should be. */
import type { Answer } from '../api/answer';
import { extra } from '../api/answer';
import { useAddress } from '../lib/address';
import { Aside, type Load, useAsk, useGet, useMetric } from '../lib/asking';
import { datesText } from '../lib/dates';
import { int } from '../lib/format';
import { t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { useWhom } from '../lib/whom';
import { type MapInfo, useExtent, useJourney } from '../ui/bar';
import { Notes, Nothing, Shown } from '../ui/shown';
import { filterText } from './groups';
import { Alerts } from './overview/Alerts';
import { Costliest } from './overview/Costliest';
import { Elsewhere } from './overview/Elsewhere';
import { Free, lifeline } from './overview/Free';
import { goalOf, headline, outcome, wholeDifference } from './overview/finding';
import { Helps } from './overview/Helps';
import { Hurts } from './overview/Hurts';
import { chosen, type Metric, type Metrics, MOST, read } from './overview/metrics';
import { Strip } from './overview/Strip';
import { Tiles, type Told } from './overview/Tiles';
import { Trust } from './overview/Trust';

export default function Overview(_: { rest: string }) {
  const extent = useExtent();
  const journey = useJourney();
  const { query } = useAddress();
  return (
    <Shown load={extent}>
      {(found) => {
        if (found.events === 0) return <Nothing kind="source" />;
        if (journey.busy) return <div className="skel s1" />;
        if (journey.name && journey.maps.length > 1 && !query.has('journey'))
          return <Costliest maps={journey.maps} otherwise={journey.name} />;
        return journey.name ? <OnMap map={journey.name} maps={journey.maps} /> : <WithoutMap />;
      }}
    </Shown>
  );
}

/** The metrics that are watched, with their numbers as they come; always as many hooks. */
function useTold(): Told[] {
  const listed = useGet<Metrics>('/api/metrics');
  const metrics = chosen(listed.data?.metrics ?? []);
  const asked: Load<Answer>[] = [];
  for (let i = 0; i < MOST; i++) {
    // biome-ignore lint/correctness/useHookAtTopLevel: the loop always turns as often
    asked.push(useMetric(metrics[i]?.metric ?? null));
  }
  return metrics.map((metric: Metric, i) => {
    const load = asked[i]!;
    return { metric, load, reading: load.data ? read(metric, load.data) : null };
  });
}

/** What the chips hold it against, in words. */
function againstText(query: URLSearchParams): string | null {
  const against = query.get('against');
  if (!against) return null;
  if (against.startsWith('cohort:not ')) return t('among those not in “{segment}”', { segment: against.slice(11) });
  if (against.startsWith('cohort:')) return t('among “{segment}”', { segment: against.slice(7) });
  if (against.startsWith('filter:')) return t('among “{filter}”', { filter: filterText(against.slice(7)) });
  return t('in {dates}', { dates: datesText(against) });
}

function OnMap({ map, maps }: { map: string; maps: MapInfo[] }) {
  const whom = useWhom();
  const { query } = useAddress();
  const { workspace } = useSession();
  const told = useTold();
  const journey = useAsk('journey_map', { map });
  const friction = useAsk('friction', { map }, { against: '' });
  const against = againstText(query);
  const title = maps.find((one) => one.name === map)?.title ?? map;
  return (
    <>
      <header
        className={`head${journey.busy || friction.busy ? ' dimmed' : ''}`}
        aria-busy={journey.busy || friction.busy}
      >
        <div>
          <p className="kick">
            <bdi>{title}</bdi>, {datesText(whom.period ?? '')}
          </p>
          <h1 className="lead">
            {journey.data
              ? headline(journey.data, friction.data, against, workspace.currency).join(' ')
              : t('What people do, and what hurts')}
          </h1>
          {journey.data && <Said answer={journey.data} friction={friction.data} />}
          {friction.data && (
            <Aside value>
              <Elsewhere map={map} maps={maps} here={friction.data} />
            </Aside>
          )}
        </div>
      </header>
      <Tiles told={told} />
      <Shown load={journey}>
        {(answer) =>
          outcome(answer).began === 0 ? (
            <>
              <Nothing kind={whom.period ? 'dates' : 'filter'} />
              <Trust />
            </>
          ) : (
            <>
              <Strip answer={answer} map={map} />
              <div className="two w64">
                <div>
                  <section className="panel">
                    <Shown load={friction}>
                      {(found) => (
                        <Hurts answer={found} map={map} scale={String(extra(answer, 'scores')[0]?.scale ?? '')} />
                      )}
                    </Shown>
                  </section>
                  <Trust />
                </div>
                <div>
                  <section className="panel">
                    <Aside value>
                      <Helps answer={answer} map={map} />
                    </Aside>
                  </section>
                  <Alerts told={told} />
                </div>
              </div>
              <Know answers={[answer, friction.data]} />
            </>
          )
        }
      </Shown>
    </>
  );
}

/** How many there are, of how many, how surely. */
function Said({ answer, friction }: { answer: Answer; friction: Answer | undefined }) {
  const whole = outcome(answer);
  const goal = goalOf(answer);
  const difference = wholeDifference(answer);
  return (
    <p className="say">
      {answer.words[0]}
      {whole.waiting > 0 && ` ${t('{n} are still on their way: undecided, not lost.', { n: int(whole.waiting) })}`}
      {difference &&
        ` ${t('Difference in who reaches {goal}: {difference}.', { goal: goal ?? t('the goal'), difference })}`}
      {!difference &&
        friction?.table.clear?.includes(true) &&
        ` ${t('What hurts is associated, which need not mean caused.')}`}
    </p>
  );
}

/** What to know of the answers, folded. */
function Know({ answers }: { answers: (Answer | undefined)[] }) {
  const warnings = new Map(answers.flatMap((answer) => answer?.warnings ?? []).map((note) => [note.code, note]));
  const first = answers.find((answer) => answer !== undefined);
  if (!warnings.size || !first) return null;
  return (
    <details className="know">
      <summary>{t('What to know of these numbers')}</summary>
      <Notes answer={{ ...first, warnings: [...warnings.values()] }} />
    </details>
  );
}

function WithoutMap() {
  const whom = useWhom();
  const told = useTold();
  const life = useAsk('lifecycle', {}, { against: '' });
  const { data: extent } = useExtent();
  const said = life.data ? lifeline(life.data) : null;
  return (
    <>
      <header className={`head${life.busy ? ' dimmed' : ''}`} aria-busy={life.busy}>
        <div>
          <p className="kick">{datesText(whom.period ?? '')}</p>
          <h1 className="lead">{said?.head ?? t('What people do')}</h1>
          <p className="say">
            {said?.say}{' '}
            {extent &&
              t('{events} events of {people} people.', { events: int(extent.events), people: int(extent.people) })}
          </p>
        </div>
      </header>
      <Tiles told={told} />
      <Free life={life} />
      <div className="two w64">
        <Alerts told={told} />
        <Trust />
      </div>
    </>
  );
}
