/** What does every number mean here, of whom is it, and where does its definition stand? */
import type { DefinitionsShape } from '../api/schema';
import { go, useAddress } from '../lib/address';
import { plural, t } from '../lib/i18n';
import { Head, Switch } from '../ui/parts';
import { Shown } from '../ui/shown';
import { chosen } from './data/definitions';
import { useFresh } from './data/fresh';
import { Maps, Outcomes, Words } from './data/Meanings';
import { Metrics } from './data/Metrics';
import { Coded } from './data/parts';

const KINDS = ['metrics', 'outcomes', 'maps', 'words'] as const;
type Kind = (typeof KINDS)[number];

export default function Definitions(_: { rest: string }) {
  const load = useFresh<DefinitionsShape>('/api/definitions');
  return <Shown load={load}>{(told) => <Drawn told={told} />}</Shown>;
}

function said(told: DefinitionsShape): string {
  const own = told.metrics.filter((one) => one.own).length;
  const wanting = told.metrics.filter((one) => one.wanting.length).length;
  const wrong = [...told.metrics, ...told.outcomes, ...told.maps].filter((one) => one.wrong).length;
  return [
    plural(
      told.metrics.length,
      '{n} metric is defined, {own} of them here.',
      '{n} metrics are defined, {own} of them here.',
      { own },
    ),
    wanting
      ? plural(
          wanting,
          '{n} cannot be asked, because nobody has said what a word in it means here.',
          '{n} cannot be asked, because nobody has said what a word in them means here.',
        )
      : '',
    wrong ? plural(wrong, '{n} definition makes no sense.', '{n} definitions make no sense.') : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function Drawn({ told }: { told: DefinitionsShape }) {
  const { query } = useAddress();
  const search = query.get('q') ?? '';
  const kind = (KINDS.find((one) => one === query.get('kind')) ?? 'metrics') as Kind;
  const found = chosen(told, search);
  const option = (value: Kind, text: string): [string, string] => [value, `${text} ${found[value].length}`];
  return (
    <>
      <Head title={t('Definitions')} say={said(told)}>
        <Switch
          label={t('Show')}
          value={kind}
          options={[
            option('metrics', t('Metrics')),
            option('outcomes', t('Outcomes')),
            option('maps', t('Maps')),
            option('words', t('Words')),
          ]}
          onPick={(value) => go({ query: { kind: value === 'metrics' ? null : value } }, true)}
        />
      </Head>
      {told.wrong && (
        <div className="oops" role="alert">
          <b>{t('The metrics of this workspace cannot be read; those that come with desirepath are shown.')}</b>{' '}
          <bdi>{told.wrong}</bdi>
        </div>
      )}
      <label className="field dfind">
        {t('Search the definitions')}
        <input
          type="search"
          dir="auto"
          value={search}
          placeholder={t('a name, an event, a word of a sentence')}
          onChange={(event) => go({ query: { q: event.target.value || null } }, true)}
        />
      </label>
      <p className="sr" aria-live="polite">
        {search && plural(found[kind].length, '{n} found', '{n} found')}
      </p>
      {found[kind].length === 0 ? (
        <Nowhere told={told} search={search} kind={kind} found={found} />
      ) : (
        <>
          {kind === 'metrics' && <Metrics metrics={found.metrics} open={query.get('open')} />}
          {kind === 'outcomes' && <Outcomes outcomes={found.outcomes} />}
          {kind === 'maps' && <Maps maps={found.maps} />}
          {kind === 'words' && <Words words={found.words} />}
        </>
      )}
    </>
  );
}

/** Nothing of this kind is found; perhaps of another. */
function Nowhere({
  told,
  search,
  kind,
  found,
}: {
  told: DefinitionsShape;
  search: string;
  kind: Kind;
  found: Record<Kind, unknown[]>;
}) {
  const others = KINDS.filter((one) => found[one].length);
  const names: Record<Kind, string> = {
    metrics: t('metrics'),
    outcomes: t('outcomes'),
    maps: t('maps'),
    words: t('words'),
  };
  return (
    <div className="empty">
      <h2>
        {told[kind].length
          ? t('No {kind} speak of “{search}”', { kind: names[kind], search })
          : t('There are no {kind} yet', { kind: names[kind] })}
      </h2>
      {kind === 'maps' && !told.maps.length && (
        <p>
          <Coded text={t('`desirepath map discover` draws one from what people do.')} />
        </p>
      )}
      {kind === 'outcomes' && !told.outcomes.length && (
        <p>{t('An outcome is defined in a file of the folder metrics/.')}</p>
      )}
      {search && others.length > 0 && (
        <p className="acts">
          {others.map((one) => (
            <button
              key={one}
              type="button"
              className="btn"
              onClick={() => go({ query: { kind: one === 'metrics' ? null : one } }, true)}
            >
              {t('{n} {kind}', { n: found[one].length, kind: names[one] })}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}
