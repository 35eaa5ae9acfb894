/** Where does a journey rub, whom does it concern, and what does it cost a year? Ranked, each with its evidence. */
import { useMemo } from 'react';
import { type Answer, rows } from '../api/answer';
import { scaleOf } from '../charts/friction/Cost';
import { go, useAddress } from '../lib/address';
import { useAsk } from '../lib/asking';
import type { Asked } from '../lib/export';
import { between, int, money } from '../lib/format';
import { useWidth } from '../lib/hooks';
import { plural, t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { useWhom } from '../lib/whom';
import { useExtent, useJourney } from '../ui/bar';
import { Figure } from '../ui/figure';
import { filled } from '../ui/filled';
import { Head, Switch } from '../ui/parts';
import { Num } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { Mapless } from './friction/Mapless';
import { madeOf, reckoningOf } from './friction/made';
import { Spot } from './friction/Spot';
import { DropOff, SelfService } from './friction/Tables';
import { type By, cost, type FrictionRow, keyOf, months, ranked, waysOf } from './friction/told';
import { fitting } from './funnel/choice';
import { friction } from './overview/Hurts';

export default function Friction(_: { rest: string }) {
  const { name, maps, busy } = useJourney();
  const over = { against: '' };
  const load = useAsk(name === null ? null : 'friction', { map: name }, over);
  const asked: Asked = { question: 'friction', fields: { map: name }, whom: { ...useWhom(), ...over } };
  if (name === null) return busy ? <Head title={t('Friction')} /> : <Mapless />;
  const title = maps.find((map) => map.name === name)?.title ?? name;
  return (
    <>
      {!load.data && <Head title={t('Friction')} />}
      <Shown load={load}>{(answer) => <Drawn answer={answer} asked={asked} name={name} title={title} />}</Shown>
    </>
  );
}

type Given = { answer: Answer; asked: Asked; name: string; title: string };

/** The finding: how many places stand out, and what the first of them is and costs. */
function Finding({ all, answer, asked, title }: { all: FrictionRow[] } & Omit<Given, 'name'>) {
  const { workspace } = useSession();
  const clear = all.filter((row) => row.clear);
  const first = clear[0];
  if (!all.length) return <>{answer.words.join(' ')}</>;
  if (!first)
    return (
      <>
        {plural(
          all.length,
          'In “{title}” {n} place could rub; it does not stand out from chance.',
          'In “{title}” {n} places could rub; none stands out from chance.',
          { title },
        )}
      </>
    );
  const write = (x: number | null | undefined) => money(x, workspace.currency);
  return (
    <>
      {t('In “{title}” {clear} of {n} places that could rub stand out from chance.', {
        title,
        clear: int(clear.length),
        n: int(all.length),
      })}{' '}
      {filled(t('What rubs most: {what}, {n} journeys'), {
        what: (
          <b>
            <bdi>{friction(first)}</bdi>
          </b>
        ),
        n: <Num n={first.instances} title={friction(first)} asked={asked} which={{ kind: first.kind, at: first.at }} />,
      })}
      {first.money_a_year !== null &&
        t(', {money} a year ({interval})', {
          money: write(first.money_a_year),
          interval: between(first.money_a_year_low, first.money_a_year_high, write),
        })}
      {t('. Associated, which need not mean caused.')}
    </>
  );
}

function Drawn({ answer, asked, name, title }: Given) {
  const { query } = useAddress();
  const [ref, width] = useWidth<HTMLDivElement>();
  const { data: extent } = useExtent();
  const all = useMemo(() => rows<FrictionRow>(answer.table), [answer]);
  const each = fitting(query.get('dates') ?? '', extent);
  const trend = useAsk(all.length ? 'friction' : null, { map: name }, { against: '', over: each });
  const trends = useMemo(() => months(trend.data), [trend.data]);
  const ways = useMemo(() => waysOf(all), [all]);
  const by = ways.find(([way]) => way === query.get('by'))?.[0] ?? ways[0]?.[0] ?? 'instances';
  const { clear, rest } = useMemo(() => ranked(all, by), [all, by]);
  const scale = useMemo(() => scaleOf(all.map((row) => cost(row, by))), [all, by]);
  const score = scoreOf(answer);
  const { workspace } = useSession();
  const reckoning = useMemo(() => reckoningOf(answer), [answer]);
  const bar = Math.max(0, Math.min(620, width - (width > 700 ? 250 : 50)));
  const one = (row: FrictionRow, place: number) => (
    <Spot
      key={keyOf(row)}
      {...{ row, place, by, scale, score, asked }}
      made={madeOf(row, reckoning, workspace.currency)}
      width={bar}
      trend={trends.get(keyOf(row))}
    />
  );
  if (!all.length)
    return (
      <>
        <Head title={t('Friction')} />
        <Nothing kind={query.get('dates') ? 'dates' : 'filter'}>
          <p>{answer.words.join(' ')}</p>
        </Nothing>
      </>
    );
  return (
    <>
      <Head title={t('Friction')} say={<Finding {...{ all, answer, asked, title }} />}>
        {ways.length > 1 && (
          <Switch
            label={t('Rank by')}
            value={by}
            options={ways}
            onPick={(way) => go({ query: { by: way as By } }, true)}
          />
        )}
      </Head>
      <section className="panel">
        <Figure title={t('What rubs')} hint={t('bars with 95 % intervals, on one scale')} source={{ answer, asked }}>
          <div ref={ref}>
            {clear.length === 0 && <p className="dim">{t('Nothing stands out from chance.')}</p>}
            <ol className="rank spots" aria-label={t('What stands out from chance')}>
              {clear.map((row, i) => one(row, i + 1))}
            </ol>
            {rest.length > 0 && (
              <details className="howfar" open={clear.length === 0}>
                <summary>
                  {plural(
                    rest.length,
                    '{n} place that does not stand out from chance',
                    '{n} places that do not stand out from chance',
                  )}
                </summary>
                <ol className="rank spots" aria-label={t('What does not stand out from chance')}>
                  {rest.map((row, i) => one(row, clear.length + i + 1))}
                </ol>
              </details>
            )}
          </div>
          <p className="foot">
            {t(
              'One journey may be in several lines; they are not to be added. The small lines: journeys with it over time; what is not over yet is dashed.',
            )}
          </p>
        </Figure>
      </section>
      <div className="two">
        <DropOff answer={answer} asked={asked} />
        <SelfService answer={answer} asked={asked} />
      </div>
      <Notes answer={answer} />
    </>
  );
}

/** Which score the map's first feedback asks for. */
function scoreOf(answer: Answer): string {
  const map = answer.question.map;
  const feedback =
    typeof map === 'object' && map !== null
      ? (map as { feedback?: { scale?: string; score?: string }[] }).feedback
      : undefined;
  // a scale is known by its letters, a property by its name
  return feedback?.[0]?.scale?.toUpperCase() ?? feedback?.[0]?.score ?? '';
}
