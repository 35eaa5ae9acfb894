/** Where does the data come from, how fresh is each source, and does all that came add up? */
import type { SourceShape, SourcesShape } from '../api/schema';
import { go, useAddress } from '../lib/address';
import { duration, int, moment } from '../lib/format';
import { plural, t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { Head, Switch } from '../ui/parts';
import { Nothing, Shown } from '../ui/shown';
import { useFresh } from './data/fresh';
import { Coded, Command, Facts } from './data/parts';
import { Source } from './data/Source';
import { called, ORDERS, type Order, ordered, totals } from './data/sources';

export default function Sources(_: { rest: string }) {
  const load = useFresh<SourcesShape>('/api/sources');
  return (
    <Shown load={load} empty={(told) => (told.sources.length || told.waiting.events ? null : <Empty />)}>
      {(told) => <Drawn told={told} />}
    </Shown>
  );
}

function Empty() {
  return (
    <>
      <Head title={t('Sources')} />
      <Nothing kind="source">
        <p>
          {t('Import files, pull from a vendor, or take events from your pages. A made-up company shows how it looks.')}
        </p>
        <Command label={t('import files')} text="desirepath import FILES" />
        <Command label={t('list the connectors')} text="desirepath connectors list" />
        <Command label={t('make a company to try')} text="desirepath demo" />
      </Nothing>
    </>
  );
}

function said(sources: SourceShape[], zone: string): string {
  const all = totals(sources);
  const wrong = sources.filter((one) => !one.adds_up);
  const newest = sources.reduce<SourceShape | null>(
    (a, b) => ((b.last_event ?? '') > (a?.last_event ?? '') ? b : a),
    null,
  );
  const first = plural(
    sources.length,
    '{n} source has brought {rows} events and snapshots, and {account}.',
    '{n} sources have brought {rows} events and snapshots, and {account}.',
    {
      rows: int(all.received),
      account: wrong.length
        ? t('the account of {names} does not add up', { names: wrong.map(called).join(', ') })
        : t('every one of them is accounted for'),
    },
  );
  if (!newest?.last_event) return first;
  return `${first} ${t('The newest event is of {at}, from {source}.', { at: moment(newest.last_event, zone), source: called(newest) })}`;
}

function Drawn({ told }: { told: SourcesShape }) {
  const { query } = useAddress();
  const { workspace } = useSession();
  const { sources, waiting } = told;
  const all = totals(sources);
  const order = (ORDERS.find((one) => one === query.get('order')) ?? 'name') as Order;
  const wrong = sources.some((one) => !one.adds_up);
  const waited = waiting.since ? (Date.parse(told.now) - Date.parse(waiting.since)) / 1000 : null;
  return (
    <>
      <Head title={t('Sources')} say={<bdi>{said(sources, workspace.time_zone)}</bdi>}>
        {sources.length > 1 && (
          <Switch
            label={t('Order')}
            value={order}
            options={[
              ['name', t('Name')],
              ['late', t('Oldest first')],
              ['large', t('Largest first')],
            ]}
            onPick={(value) => go({ query: { order: value === 'name' ? null : value } }, true)}
          />
        )}
      </Head>
      <Facts
        label={t('What came, and what became of it')}
        facts={[
          { name: t('Came in'), value: int(all.received), hint: t('events and snapshots, of all imports') },
          {
            name: t('= Stored'),
            value: int(all.stored),
            hint: t('{snapshots} of them snapshots', { snapshots: int(all.snapshots) }),
          },
          { name: t('+ Came before'), value: int(all.duplicate), hint: t('duplicates count once') },
          {
            name: t('+ In quarantine'),
            value: int(all.quarantined),
            hint: t('could not become events'),
            tone: all.quarantined * 100 > all.received ? 'bad' : undefined,
          },
          {
            name: t('Account'),
            value: wrong ? t('does not add up') : t('adds up'),
            tone: wrong ? 'bad' : 'good',
            hint: wrong ? <Coded text={t('see `desirepath doctor`')} /> : t('nothing is dropped silently'),
          },
          {
            name: t('Waits in the inbox'),
            value: int(waiting.events),
            hint: waited === null ? t('all that was collected is stored') : t('for {time}', { time: duration(waited) }),
            tone: waited !== null && waited > 300 ? 'bad' : undefined,
          },
        ]}
      />
      <ul className="srcs">
        {ordered(sources, order).map((one) => (
          <li key={`${one.source}/${one.instance}`}>
            <Source
              source={one}
              now={told.now}
              zone={workspace.time_zone}
              open={query.get('open') === `${one.source}/${one.instance}`}
            />
          </li>
        ))}
      </ul>
      {told.watch && <Watched watch={told.watch} />}
    </>
  );
}

function Watched({ watch }: { watch: Record<string, unknown> }) {
  const imported = Array.isArray(watch.imported) ? watch.imported.length : Number(watch.imported ?? 0);
  const refused = Array.isArray(watch.refused) ? watch.refused.length : Number(watch.refused ?? 0);
  return (
    <p className="foot">
      {t(
        'Files that are dropped into {folder} are imported; since the server began {imported} were, and {refused} were refused.',
        {
          folder: String(watch.folder),
          imported: int(imported),
          refused: int(refused),
        },
      )}
    </p>
  );
}
