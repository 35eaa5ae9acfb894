/** Whom to hold against whom: the people of the chips against other dates, a segment, a channel, or a filter. */
import { type FormEvent, useState } from 'react';
import { send } from '../../api/client';
import { go, useAddress } from '../../lib/address';
import { datesText, previous } from '../../lib/dates';
import { t } from '../../lib/i18n';
import { quoted, useWhom } from '../../lib/whom';
import { type Extent, useExtent, useFields, useSegments } from '../../ui/bar';

type Offer = { value: string; text: string; hint: string; dates?: string };

function useOffers(): Offer[] {
  const { query } = useAddress();
  const extent = useExtent();
  const fields = useFields();
  const segments = useSegments();
  const whom = useWhom();
  const before = previous(query.get('dates') ?? '', extent.data ?? null);
  const found: Offer[] = [];
  if (whom.cohort)
    found.push({
      value: `cohort:${whom.cohort.startsWith('not ') ? whom.cohort.slice(4) : `not ${whom.cohort}`}`,
      text: whom.cohort.startsWith('not ') ? whom.cohort.slice(4) : t('not {name}', { name: whom.cohort }),
      hint: t('everybody else'),
    });
  if (before) found.push({ value: before.value, text: before.text, hint: t('the dates before') });
  // without dates above, the latest ones against those before
  for (const dates of query.get('dates') ? [] : ['last 30 days', 'last 90 days', 'last month']) {
    const earlier = previous(dates, extent.data ?? null);
    if (earlier && within(dates, extent.data))
      found.push({
        value: earlier.value,
        dates,
        text: dates === 'last month' ? t('Last month') : datesText(dates),
        hint: t('against {dates}', { dates: earlier.text }),
      });
  }
  for (const segment of (segments.data ?? []).slice(0, 12))
    if (segment.name !== whom.cohort)
      found.push({ value: `cohort:${segment.name}`, text: segment.name, hint: t('segment') });
  const channel = query.get('channel');
  for (const name of (fields.data?.channels ?? []).slice(0, 6))
    if (name !== channel)
      found.push({ value: `filter:channel = ${quoted(name)}`, text: name, hint: t('events of the channel') });
  return found;
}

/** Whether the log is long enough for as many days before. */
function within(dates: string, extent: Extent | undefined): boolean {
  if (!extent?.first || !extent.last) return false;
  const days = Number(/\d+/.exec(dates)?.[0] ?? 30);
  return Date.parse(extent.last) - Date.parse(extent.first) > 2 * days * 86_400_000;
}

export function Against() {
  const offers = useOffers();
  const [filter, set] = useState('');
  const [wrong, setWrong] = useState('');
  const put = (against: string, dates?: string) => go({ query: { against, ...(dates ? { dates } : {}) } });
  const own = (event: FormEvent) => {
    event.preventDefault();
    send<{ ok: boolean; problem?: { message: string } | null }>('POST', '/api/filters/check', { filter })
      .then((checked) => (checked.ok ? put(`filter:${filter}`) : setWrong(checked.problem?.message ?? '')))
      .catch((problem: Error) => setWrong(problem.message));
  };
  return (
    <section className="panel against" aria-label={t('Against whom')}>
      <h2>{t('Against whom?')}</h2>
      <p className="dim">
        {t('The people and dates of the chips above are one side. Choose the other; the chip Against says it too.')}
      </p>
      <ul className="offers">
        {offers.map((offer) => (
          <li key={offer.value + offer.text}>
            <button type="button" className="btn" onClick={() => put(offer.value, offer.dates)}>
              <bdi>{offer.text}</bdi> <small>{offer.hint}</small>
            </button>
          </li>
        ))}
      </ul>
      <form className="ownfilter" onSubmit={own}>
        <label className="field">
          {t('Or what fits a filter')}
          <input
            value={filter}
            dir="auto"
            spellCheck={false}
            placeholder="channel = 'app' and value > 100"
            onChange={(event) => set(event.target.value)}
          />
        </label>
        <button type="submit" className="btn pri" disabled={!filter.trim()}>
          {t('Compare')}
        </button>
      </form>
      {wrong && (
        <p className="t-bad" role="alert">
          {wrong}
        </p>
      )}
      <p className="foot">
        {t(
          'For people by what they did, save a segment first: any number of this page opens its people, and they can be kept.',
        )}
      </p>
    </section>
  );
}

/** Both sides the other way round, where both are people. */
export function Swap() {
  const { query } = useAddress();
  const people = query.get('people');
  const against = query.get('against') ?? '';
  if (!people || !against.startsWith('cohort:')) return null;
  return (
    <button
      type="button"
      className="btn"
      onClick={() => go({ query: { people: against.slice(7), against: `cohort:${people}` } })}
    >
      {t('The other way round')}
    </button>
  );
}

/** What is asked of, with its dates. */
export function sideText(name: string, period: string | undefined): string {
  return period && name !== datesText(period) ? `${name}, ${datesText(period)}` : name;
}
