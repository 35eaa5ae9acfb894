/** One source: how it comes, how fresh it is, what became of what came, and by what mapping. */
import type { MappingShape, SourceShape } from '../../api/schema';
import { Days } from '../../charts/data/Days';
import { go } from '../../lib/address';
import { duration, int, moment, pct1 } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useMay } from '../../lib/session';
import { Go } from '../../ui/go';
import { Coded, NameList, Split, Tag } from './parts';
import { called, daysOf } from './sources';

const DAY = 86_400;

/** How what is new gets here. */
function comes(source: SourceShape): string {
  if (source.comes === 'collector') return t('sent to the collector as it happens');
  if (source.comes === 'pull')
    return source.every ? t('pulled every {time}', { time: duration(source.every) }) : t('pulled when somebody asks');
  return plural(source.imports, 'imported from files once', 'imported from files {n} times');
}

function Fresh({ source, now, zone }: { source: SourceShape; now: string; zone: string }) {
  const ago = (at: string | null) => (at ? (Date.parse(now) - Date.parse(at)) / 1000 : null);
  const event = ago(source.last_event);
  return (
    <dl className="sfresh">
      <div>
        <dt>{t('Last event')}</dt>
        <dd>
          {event !== null && t('{time} ago', { time: duration(event) })}{' '}
          <small>{moment(source.last_event, zone)}</small>
        </dd>
      </div>
      <div>
        <dt>{t('Last came in')}</dt>
        <dd>{moment(source.last_received, zone)}</dd>
      </div>
      <div>
        <dt>{t('On their way')}</dt>
        <dd>
          {source.lateness
            ? t('{median} by half, {most} by 95 %', {
                median: duration(source.lateness.median),
                most: duration(source.lateness.most),
              })
            : t('not known of a first import')}
        </dd>
      </div>
    </dl>
  );
}

function Account({ source }: { source: SourceShape }) {
  const may = useMay('analyst');
  const said = t('{received} came in: {stored} stored, {duplicate} had come before, {quarantined} in quarantine', {
    received: int(source.received),
    stored: int(source.stored),
    duplicate: int(source.duplicate),
    quarantined: int(source.quarantined),
  });
  const quarantined = int(source.quarantined);
  return (
    <div className="sacc">
      <Split
        label={said}
        parts={[
          { n: source.stored, className: 'st' },
          { n: source.duplicate, className: 'du' },
          { n: source.quarantined, className: 'qu' },
        ]}
      />
      <p>
        <b>{int(source.received)}</b> {t('in')} = <i className="key st" /> <b>{int(source.stored)}</b> {t('stored')} +{' '}
        <i className="key du" /> <b>{int(source.duplicate)}</b> {t('duplicate')} + <i className="key qu" />{' '}
        {source.quarantined && may ? (
          <Go to={{ page: 'data/quarantine', query: { source: source.source } }}>
            <b>{quarantined}</b> {t('in quarantine')}
          </Go>
        ) : (
          <>
            <b>{quarantined}</b> {t('in quarantine')}
          </>
        )}
      </p>
      <p className="dim">
        {source.adds_up ? <Tag kind="well">{t('adds up')}</Tag> : <Tag kind="problem">{t('does not add up')}</Tag>}
        {' · '}
        {plural(source.events, '{n} event', '{n} events')} {t('of')} {plural(source.names, '{n} name', '{n} names')}
        {source.snapshots > 0 && `, ${plural(source.snapshots, '{n} snapshot', '{n} snapshots')}`}
        {source.unnamed !== null &&
          source.unnamed > 0 &&
          ` · ${t('{share} name nobody known', { share: pct1(source.unnamed) })}`}
      </p>
    </div>
  );
}

export function Source({ source, now, zone, open }: { source: SourceShape; now: string; zone: string; open: boolean }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const name = called(source);
  const days = daysOf(source.days);
  const key = `${source.source}/${source.instance}`;
  const stale = source.last_event ? (Date.parse(now) - Date.parse(source.last_event)) / 1000 > 2 * DAY : false;
  return (
    <article className="panel src" aria-label={name}>
      <div className="sname">
        <h2>
          <bdi>{name}</bdi> {source.mapping && <small>{source.mapping.title}</small>}
        </h2>
        <p className="dim">{comes(source)}</p>
        {source.problem && (
          <p>
            <Tag kind="problem">{t('does not come')}</Tag> <bdi>{source.problem}</bdi>
          </p>
        )}
        {!source.problem && stale && source.comes !== 'files' && <Tag kind="warning">{t('silent')}</Tag>}
      </div>
      <div className="sdays" ref={ref}>
        {source.days.length > 0 && source.first_day && (
          <>
            <Days
              counts={source.days}
              width={width}
              name={t(
                'Events a day of {name} since {day}: half of the days have {median} or more, the most is {most}; {silent} days have none',
                {
                  name,
                  day: moment(source.first_day, 'UTC', 'day'),
                  median: int(days.median),
                  most: int(days.most),
                  silent: int(days.silent),
                },
              )}
            />
            <p className="ends">
              <span>{moment(source.first_day, 'UTC', 'day')}</span>
              <span>{t('median {n} a day', { n: int(days.median) })}</span>
            </p>
          </>
        )}
      </div>
      <Fresh source={source} now={now} zone={zone} />
      <Account source={source} />
      <details
        open={open}
        onToggle={(event) => {
          const now = event.currentTarget.open;
          if (now !== open) go({ query: { open: now ? key : null } }, true);
        }}
      >
        <summary>{t('How it is read, and what is new in it')}</summary>
        <div className="smore">
          <News source={source} />
          {source.mapping ? (
            <Mapping mapping={source.mapping} kinds={source.kinds} />
          ) : (
            <p className="dim">
              <Coded text={t('Its archive cannot be read; see `desirepath doctor`.')} />
            </p>
          )}
        </div>
      </details>
    </article>
  );
}

function News({ source }: { source: SourceShape }) {
  const lists: [string, string[] | null, string][] = [
    [t('New names'), source.new_names, t('none in its last 7 days')],
    [t('New properties'), source.new_properties, t('none in its last 7 days')],
    [t('Names that have stopped'), source.gone_names, t('none')],
    [t('In no journey map'), source.unmapped_names, t('none')],
  ];
  return (
    <dl className="pairs">
      {lists.map(([title, names, none]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{names === null ? t('there is no map yet') : names.length ? <NameList names={names} /> : none}</dd>
        </div>
      ))}
    </dl>
  );
}

function Mapping({ mapping, kinds }: { mapping: MappingShape; kinds: string[] }) {
  const names = Object.entries(mapping.names);
  return (
    <div>
      {mapping.about && (
        <p className="say">
          <Coded text={mapping.about} />
        </p>
      )}
      <dl className="pairs">
        <div>
          <dt>{t('Names people by')}</dt>
          <dd>{kinds.length ? <NameList names={kinds} /> : t('nothing: its events are nobody’s')}</dd>
        </div>
        {mapping.events.length > 0 && (
          <div>
            <dt>{t('Makes events')}</dt>
            <dd>
              <NameList names={mapping.events} />
            </dd>
          </div>
        )}
        {Object.entries(mapping.streams).map(([stream, becomes]) => (
          <div key={stream}>
            <dt>
              <bdi>{stream}</bdi>
            </dt>
            <dd>
              <Coded text={becomes} />
            </dd>
          </div>
        ))}
        {names.length > 0 && (
          <div>
            <dt>{t('Renames')}</dt>
            <dd>
              <ul className="renames">
                {names.map(([from, to]) => (
                  <li key={from}>
                    <bdi className="dim">{from}</bdi> → <bdi>{to}</bdi>
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        {mapping.time_zone && (
          <div>
            <dt>{t('Time zone')}</dt>
            <dd>{mapping.time_zone}</dd>
          </div>
        )}
        <div>
          <dt>{t('Stands in')}</dt>
          <dd>
            <code>{mapping.file}</code>
          </dd>
        </div>
      </dl>
      <details className="yaml">
        <summary>{t('The mapping as YAML')}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <pre className="code" tabIndex={0}>
          {mapping.text}
        </pre>
      </details>
    </div>
  );
}
