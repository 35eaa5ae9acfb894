/** Finding people: by an identity typed in full, by a label, or from those who were here last. */
import { type FormEvent, useState } from 'react';
import { url } from '../../api/client';
import { go, useAddress } from '../../lib/address';
import { useGet } from '../../lib/asking';
import { int, moment, money } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Go } from '../../ui/go';
import { Head } from '../../ui/parts';
import { Shown } from '../../ui/shown';
import { columnOf, type Sort, SortHead, sortedSay } from '../../ui/sorted';
import type { Found, Listed } from './model';

const PAGE = 50;
/** The server lists no more at once. */
const MOST = 1000;

export function Find() {
  // an identity is nobody's business but the one's who typed it: it does not stand in the address
  const [asked, ask] = useState('');
  const [text, setText] = useState('');
  const [most, setMost] = useState(PAGE);
  const { query } = useAddress();
  const sort = query.get('sort') ?? '';
  const load = useGet<Found>(url('/api/people', { q: asked, most, sort }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMost(PAGE);
    ask(text.trim());
    if (text.trim() === asked) load.again();
  };
  const forget = () => {
    setText('');
    ask('');
  };
  return (
    <>
      <Head
        title={t('People')}
        say={t('Everybody is shown by a label. Who they are stays hidden until somebody asks for it, with a reason.')}
      />
      <form className="seek" onSubmit={submit}>
        <label className="field">
          {t('Find a person')}
          <input
            type="search"
            value={text}
            autoComplete="off"
            spellCheck={false}
            placeholder={t('ann@example.org, customer:4711, or P-3F2A9C')}
            onChange={(event) => {
              setText(event.target.value);
              if (event.target.value === '') ask('');
            }}
          />
          <small>
            {t('An identity typed in full, or a label. That an identity was looked for stands in the audit log.')}
          </small>
        </label>
        <button type="submit" className="btn pri">
          {t('Find')}
        </button>
      </form>
      <section className="panel" aria-labelledby="found">
        <Shown load={load}>
          {(found) => (
            <List
              found={found}
              asked={asked}
              sort={sort}
              more={() => setMost(Math.min(MOST, most + PAGE))}
              forget={forget}
            />
          )}
        </Shown>
      </section>
    </>
  );
}

const columns = (): Record<string, string> => ({
  label: t('Person'),
  last: t('Last seen'),
  since: t('First seen'),
  events: t('Events'),
  value: t('Brought in'),
});

/** What the list is of, and how it stands. */
function Heading({ found, asked, sort }: { found: Found; asked: string; sort: Sort }) {
  const { people, total } = found;
  const by = columns()[columnOf(sort)];
  const title = asked
    ? plural(people.length, '{n} person found', '{n} people found')
    : sort
      ? t('Everybody')
      : t('Who was here last');
  return (
    <>
      <h2 id="found">
        {title}{' '}
        {!asked && total !== null && (
          <small>
            {sort
              ? t('{shown} of {n} people', { shown: int(people.length), n: int(total) })
              : t('of {n} people', { n: int(total) })}
          </small>
        )}
      </h2>
      {by && <p className="dim">{sortedSay(sort, by)}</p>}
    </>
  );
}

function List(given: { found: Found; asked: string; sort: Sort; more: () => void; forget: () => void }) {
  const { found, asked, sort } = given;
  const { people, total } = found;
  if (asked && people.length === 0)
    return (
      <>
        <h2 id="found">{t('Nobody was found')}</h2>
        <p className="say">
          {t('Nobody has this identity or label. An identity must be typed in full, as the sources write it.')}
        </p>
        <div className="acts">
          <button type="button" className="btn" onClick={given.forget}>
            {t('Show who was here last')}
          </button>
        </div>
      </>
    );
  return (
    <>
      <Heading found={found} asked={asked} sort={sort} />
      {people.length === 0 ? <p className="dim">{t('There is nobody yet.')}</p> : <Rows people={people} sort={sort} />}
      {!asked && total !== null && total > people.length && people.length < MOST && (
        <div className="acts">
          <button type="button" className="btn" onClick={given.more}>
            {t('Show more')}
          </button>
        </div>
      )}
    </>
  );
}

function Rows({ people, sort }: { people: Listed[]; sort: Sort }) {
  const { workspace } = useSession();
  const zone = workspace.time_zone;
  const valued = columnOf(sort) === 'value' || people.some((one) => one.value !== null);
  const names = columns();
  const head = (column: string, className?: string) => (
    <SortHead
      column={column}
      sort={sort}
      down={column !== 'label'}
      className={className}
      onSort={(to) => go({ query: { sort: to || null } }, true)}
    >
      {names[column]}
    </SortHead>
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="tablewrap" tabIndex={0} aria-label={t('People')}>
      <table className="table ppl">
        <thead>
          <tr>
            {head('label')}
            {head('last')}
            {head('since')}
            {head('events', 'n')}
            <th scope="col" className="n">
              {t('Visits')}
            </th>
            <th scope="col">{t('Channels')}</th>
            {valued && head('value', 'n')}
          </tr>
        </thead>
        <tbody>
          {people.map((one) => (
            <tr key={one.handle}>
              <th scope="row">
                <Go to={{ page: `people/${one.handle}` }}>{one.label}</Go>
              </th>
              <td>{moment(one.last, zone)}</td>
              <td>{moment(one.since, zone, 'day')}</td>
              <td className="n">{int(one.events)}</td>
              <td className="n">{int(one.sessions)}</td>
              <td>
                <bdi>{one.channels.join(', ')}</bdi>
              </td>
              {valued && <td className="n">{money(one.value, one.currency ?? workspace.currency)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
