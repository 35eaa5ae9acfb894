/** Whether the data can be trusted today: what waits, what was refused, which source is silent, what is new in it. */
import { useGet } from '../../lib/asking';
import { duration, int, moment, pct1 } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { useMay, useSession } from '../../lib/session';
import { Go } from '../../ui/go';

type Source = {
  source: string;
  instance: string;
  received: number;
  quarantined: number;
  last_event: string | null;
  new_names: string[];
  new_properties: string[];
  adds_up: boolean;
};
export type Told = { sources: Source[]; waiting: { requests: number; events: number; since: string | null } };
type Found = { key: string; bad: boolean; text: string; more: string; page: string };

/** A source whose newest event is so much older than the newest of all is silent. */
const SILENT = 7 * 86_400;
/** Events that wait for longer than this are stuck. */
const STUCK = 600;
const NAMED = 4;

const titled = (one: Source) => (one.instance === 'main' ? one.source : `${one.source} (${one.instance})`);
const some = (names: string[]) =>
  names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ` ${t('and {n} more', { n: names.length - NAMED })}` : '');

/** What is not as it should be with the data; pure, the worst first. */
export function troubles({ sources, waiting }: Told, zone: string, mayQuarantine: boolean): Found[] {
  const found: Found[] = [];
  const newest = Math.max(...sources.flatMap((one) => (one.last_event ? [Date.parse(one.last_event)] : [])));
  const refused = sources.filter((one) => one.quarantined > 0);
  for (const one of sources.filter((each) => !each.adds_up))
    found.push({
      key: `sum ${titled(one)}`,
      bad: true,
      text: t('{source} does not add up', { source: titled(one) }),
      more: t('What came is not what was stored, seen twice or refused.'),
      page: 'data',
    });
  if (waiting.events > 0 && waiting.since && (Date.now() - Date.parse(waiting.since)) / 1000 > STUCK)
    found.push({
      key: 'waiting',
      bad: true,
      text: plural(waiting.events, '{n} event waits to be stored', '{n} events wait to be stored'),
      more: t('the oldest since {at}', { at: moment(waiting.since, zone) }),
      page: 'data',
    });
  for (const one of sources) {
    const silent = one.last_event ? (newest - Date.parse(one.last_event)) / 1000 : 0;
    if (silent > SILENT)
      found.push({
        key: `silent ${titled(one)}`,
        bad: false,
        text: t('{source} is silent', { source: titled(one) }),
        more: t('its last event is {age} older than the newest of all', { age: duration(silent) }),
        page: 'data',
      });
  }
  if (refused.length) {
    const n = refused.reduce((a, one) => a + one.quarantined, 0);
    const of = sources.reduce((a, one) => a + one.received, 0);
    found.push({
      key: 'refused',
      bad: false,
      text: plural(n, '{n} record is in quarantine', '{n} records are in quarantine'),
      more: t('{share} of {of} that came; from {sources}', {
        share: of && n / of < 0.001 ? t('less than 0.1%') : pct1(of ? n / of : null),
        of: int(of),
        sources: some(refused.map(titled)),
      }),
      page: mayQuarantine ? 'data/quarantine' : 'data',
    });
  }
  for (const one of sources)
    if (one.new_names.length || one.new_properties.length)
      found.push({
        key: `new ${titled(one)}`,
        bad: false,
        text: t('Something is new in {source}', { source: titled(one) }),
        more: some([...one.new_names, ...one.new_properties]),
        page: 'data/health',
      });
  return found;
}

export function Trust() {
  const { workspace } = useSession();
  const may = useMay('analyst');
  const load = useGet<Told>('/api/sources');
  if (!load.data) return null;
  const found = troubles(load.data, workspace.time_zone, may);
  return (
    <section aria-labelledby="data-alerts">
      <h2 className="mt" id="data-alerts">
        {t('The data')}{' '}
        <small>
          {plural(load.data.sources.length, '{n} source', '{n} sources')}
          {found.length === 0 && ` · ${t('nothing to look at')}`}
        </small>
      </h2>
      <ul className="al">
        {found.map((one) => (
          <li key={one.key} className={one.bad ? 'bad' : ''}>
            <Go to={{ page: one.page }}>
              <bdi>{one.text}</bdi>
            </Go>
            <small>
              <bdi>{one.more}</bdi>
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
