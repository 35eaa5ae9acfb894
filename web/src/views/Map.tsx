/** The journey map: the way that was planned, drawn over with what people really do. */
import { useMemo } from 'react';
import type { Answer } from '../api/answer';
import { hasWords, scalesOf } from '../charts/journey/feelings';
import { journeyOf, MANY, shownMoves } from '../charts/journey/model';
import { go, useAddress } from '../lib/address';
import { useAsk } from '../lib/asking';
import type { Asked } from '../lib/export';
import { int, pct1 } from '../lib/format';
import { useNarrow } from '../lib/hooks';
import { plural, t } from '../lib/i18n';
import { useWhom } from '../lib/whom';
import { useJourney } from '../ui/bar';
import { Figure } from '../ui/figure';
import { Head, Switch } from '../ui/parts';
import { Notes, Nothing, Shown } from '../ui/shown';
import { Counted } from './Counted';
import { againstText, thisText } from './groups';
import { Finding, Touchpoints } from './map/Beside';
import { Blueprint } from './map/Blueprint';
import { Narrow } from './map/Narrow';

const COVERAGE: Record<string, number> = { main: 0.9, most: 0.97, all: 1 };
const NAMES: Record<string, string> = {
  sentiment: 'Sentiment',
  effort: 'Effort',
  nps: 'NPS',
  csat: 'CSAT',
  ces: 'CES',
  stars: 'Stars',
};

export default function MapView(_: { rest: string }) {
  const { name, busy } = useJourney();
  const question = useAsk(name === null ? null : 'journey_map', { map: name });
  if (name === null && !busy) return <Nothing kind="map" />;
  return <Shown load={question}>{(answer) => <Drawn answer={answer} name={name as string} />}</Shown>;
}

function Drawn({ answer, name }: { answer: Answer; name: string }) {
  const { query } = useAddress();
  const narrow = useNarrow();
  const whom = useWhom();
  const kinds = [
    ...(hasWords(answer, 'sentiment') ? ['sentiment'] : []),
    ...scalesOf(answer),
    ...(hasWords(answer, 'effort') ? ['effort'] : []),
  ];
  const feeling = query.get('feeling') ?? kinds[0] ?? 'sentiment';
  const kind = kinds.includes(feeling) ? feeling : (kinds[0] ?? 'sentiment');
  const opened = query.get('open') ?? '';
  const journey = useMemo(() => journeyOf(answer, kind, opened.split('|')), [answer, kind, opened]);
  const routes = query.get('routes') ?? 'main';
  const moves = useMemo(() => shownMoves(journey, COVERAGE[routes] ?? 0.9), [journey, routes]);
  const asked: Asked = { question: 'journey_map', fields: { map: name }, whom };
  const total = journey.moves.reduce((a, move) => a + move.instances, 0);
  const drawn = moves.reduce((a, move) => a + move.instances, 0);
  if (!journey.instances) return <Nothing kind={query.get('dates') ? 'dates' : 'filter'} />;
  return (
    <>
      <Head title={journey.title} say={<Finding answer={answer} journey={journey} whom={whom} />}>
        {kinds.length > 1 && (
          <Switch
            label={t('Feeling')}
            value={kind}
            options={kinds.map((one) => [one, t(NAMES[one] ?? one)])}
            onPick={(one) => go({ query: { feeling: one } }, true)}
          />
        )}
        <Switch
          label={t('Routes')}
          value={routes}
          options={[
            ['main', t('Main')],
            ['most', t('Most')],
            ['all', t('All')],
          ]}
          onPick={(one) => go({ query: { routes: one } }, true)}
        />
      </Head>
      <Figure
        title={t('What people do, feel and say')}
        hint={t('width = instances')}
        source={{ answer, asked, sides: { this: thisText(whom), other: againstText(whom) } }}
      >
        {narrow ? (
          <Narrow journey={journey} asked={asked} />
        ) : (
          <Blueprint journey={journey} moves={moves} asked={asked} />
        )}
      </Figure>
      <p className="foot">
        {plural(
          journey.moves.length,
          'Showing {shown} of {n} way between touchpoints',
          'Showing {shown} of {n} ways between touchpoints',
          { shown: int(moves.length) },
        )}
        , {pct1(total ? drawn / total : null)} {t('of all moves.')}{' '}
        {t(
          'A journey counts once at each touchpoint. Shares are of those whose time to give up is over; bands are 95 % intervals.',
        )}
        {journey.folded &&
          ` ${t('Maps of more than {n} touchpoints show one card a stage; a click opens it.', { n: MANY })}`}
      </p>
      {journey.compared && <Touchpoints answer={answer} whom={whom} />}
      <Counted what="journeys" />
      <Notes answer={answer} />
    </>
  );
}
