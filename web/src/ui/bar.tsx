/** The bar of chips is the question: whom, when, against whom. All of it stands in the address. */
import { useState } from 'react';
import { go, useAddress } from '../lib/address';
import { askAgain, useGet, useNews } from '../lib/asking';
import { datesOf, datesText, previous } from '../lib/dates';
import { moment } from '../lib/format';
import { copied } from '../lib/hooks';
import { t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { quoted } from '../lib/whom';
import type { Chip } from '../views';
import { PasswordDialog, signOut } from './account';
import { DatesDialog } from './dates';
import { FilterDialog } from './filter';
import { Icon } from './Icon';
import { Menu, type Option } from './parts';
import { SaveDialog, SavedDialog } from './saved';

export type Extent = {
  first: string | null;
  last: string | null;
  events: number;
  people: number;
  data_version: number;
};
export type Fields = { names: string[]; channels: string[]; sources: string[]; properties: string[] };
export type MapInfo = { name: string; title: string; stages?: number; steps?: number; problem?: unknown };
export type SegmentInfo = { name: string; size: number | null };

/** The map that tells most: of several stages before one of one, and one that can be read before any that cannot. */
const longest = (maps: MapInfo[]) =>
  [...maps].sort(
    (a, b) =>
      Number(!!a.problem) - Number(!!b.problem) || (b.stages ?? 0) - (a.stages ?? 0) || (b.steps ?? 0) - (a.steps ?? 0),
  )[0];

/** The journey that is looked at: of the address, else the longest there is. */
export function useJourney(): { name: string | null; maps: MapInfo[]; busy: boolean } {
  const { query } = useAddress();
  const load = useGet<MapInfo[]>('/api/maps');
  const maps = load.data ?? [];
  return {
    name: query.get('journey') ?? longest(maps)?.name ?? null,
    maps,
    busy: load.data === undefined && !load.problem,
  };
}
export const useExtent = () => useGet<Extent>('/api/extent');
export const useFields = () => useGet<Fields>('/api/fields');
export const useSegments = () => useGet<SegmentInfo[]>('/api/segments');

const set = (name: string) => (value: string) => go({ query: { [name]: value || null } });

function JourneyChip() {
  const { name, maps } = useJourney();
  if (!maps.length) return null;
  return (
    <Menu
      icon="journeys"
      label={t('Journey')}
      value={name ?? ''}
      options={maps.map((map) => ({ value: map.name, text: map.title }))}
      onPick={set('journey')}
    />
  );
}

function DatesChip() {
  const { query } = useAddress();
  const { data: extent } = useExtent();
  const [open, setOpen] = useState(false);
  const dates = query.get('dates') ?? '';
  const options: Option[] = [...datesOf(extent?.last ?? null), { value: '…', text: t('Choose dates…') }];
  const pick = (value: string) =>
    value === '…' ? setOpen(true) : go({ query: { dates: value || null, against: null } });
  return (
    <>
      <Menu icon="clock" label={t('Dates')} value={dates} shown={datesText(dates)} options={options} onPick={pick} />
      {open && (
        <DatesDialog
          value={dates}
          extent={extent}
          onClose={() => setOpen(false)}
          onPick={(value) => go({ query: { dates: value || null, against: null } })}
        />
      )}
    </>
  );
}

function AgainstChip() {
  const { query } = useAddress();
  const { data: extent } = useExtent();
  const { data: segments } = useSegments();
  const { data: fields } = useFields();
  const against = query.get('against') ?? '';
  const before = previous(query.get('dates') ?? '', extent ?? null);
  const options: Option[] = [{ value: '', text: t('Nothing') }];
  if (before) options.push({ value: before.value, text: before.text, hint: t('the dates before') });
  for (const segment of segments ?? [])
    options.push({ value: `cohort:${segment.name}`, text: segment.name, hint: t('segment') });
  // another filter would be held against instead of the chips', so it is offered where there are none
  for (const channel of query.has('filter') ? [] : (fields?.channels ?? []))
    if (channel !== query.get('channel'))
      options.push({ value: `filter:channel = ${quoted(channel)}`, text: channel, hint: t('channel') });
  const named = options.find((option) => option.value === against)?.text;
  const shown = named ?? (against ? datesText(against.replace(/^(cohort|filter):/, '')) : t('Nothing'));
  return <Menu label={t('Against')} value={against} shown={shown} options={options} onPick={set('against')} />;
}

function PeopleChip() {
  const { query } = useAddress();
  const { data: segments } = useSegments();
  const people = query.get('people') ?? '';
  const options: Option[] = [{ value: '', text: t('Everyone') }];
  for (const segment of segments ?? []) {
    options.push({ value: segment.name, text: segment.name });
    options.push({ value: `not ${segment.name}`, text: t('not {name}', { name: segment.name }) });
  }
  return (
    <Menu label={t('People')} value={people} shown={people || t('Everyone')} options={options} onPick={set('people')} />
  );
}

function ChannelChip() {
  const { query } = useAddress();
  const { data: fields } = useFields();
  const options: Option[] = [
    { value: '', text: t('All') },
    ...(fields?.channels ?? []).map((name) => ({ value: name, text: name })),
  ];
  return <Menu label={t('Channel')} value={query.get('channel') ?? ''} options={options} onPick={set('channel')} />;
}

function FilterChips() {
  const { query } = useAddress();
  const [open, setOpen] = useState(false);
  const filters = query.getAll('filter');
  const put = (all: string[]) => {
    const url = new URL(location.href);
    url.searchParams.delete('filter');
    for (const one of all) url.searchParams.append('filter', one);
    // another filter is held against instead of the chips', so that it would leave theirs away
    if (url.searchParams.get('against')?.startsWith('filter:')) url.searchParams.delete('against');
    history.pushState(null, '', url);
    dispatchEvent(new PopStateEvent('popstate'));
  };
  return (
    <>
      {filters.map((filter) => (
        <button
          key={filter}
          type="button"
          className="chip"
          onClick={() => put(filters.filter((one) => one !== filter))}
          aria-label={t('Take away the filter {filter}', { filter })}
        >
          <b>
            <bdi>{filter.length > 40 ? `${filter.slice(0, 38)}…` : filter}</bdi>
          </b>
          <Icon n="close" s={12} />
        </button>
      ))}
      <button type="button" className="chip ghost" onClick={() => setOpen(true)}>
        <Icon n="plus" s={13} /> {t('Filter')}
      </button>
      {open && (
        <FilterDialog
          onClose={() => setOpen(false)}
          onPick={(filter, whose) =>
            whose === 'people' ? go({ query: { people: filter } }) : put([...filters, filter])
          }
        />
      )}
    </>
  );
}

const CHIPS: Record<Chip, () => React.ReactNode> = {
  journey: JourneyChip,
  dates: DatesChip,
  against: AgainstChip,
  people: PeopleChip,
  channel: ChannelChip,
  filter: FilterChips,
};

function Fresh() {
  const { workspace } = useSession();
  const { data: extent } = useExtent();
  const news = useNews();
  if (news)
    return (
      <button type="button" className="chip ghost" onClick={askAgain}>
        <Icon n="live" s={13} /> {t('New data: show it')}
      </button>
    );
  if (!extent?.last) return null;
  return (
    <span className="fresh" title={t('The latest event of the data')}>
      <i /> {moment(extent.last, workspace.time_zone)}
    </span>
  );
}

function turnLight() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('theme', root.dataset.theme);
  } catch {
    // without storage the choice lasts until the page is left
  }
}

export function Bar({
  chips,
  menu,
  renew,
}: {
  chips: readonly Chip[];
  menu: { open: boolean; toggle: () => void };
  renew: () => Promise<void>;
}) {
  const [dialog, setDialog] = useState<'save' | 'saved' | null>(null);
  const copy = () => copied(location.href, t('The address is copied.'));
  return (
    <section className="bar" aria-label={t('What is shown')}>
      <button type="button" className="ib nb" aria-label={t('Pages')} aria-expanded={menu.open} onClick={menu.toggle}>
        <Icon n="menu" s={20} />
      </button>
      {chips.map((chip) => {
        const One = CHIPS[chip];
        return <One key={chip} />;
      })}
      <span className="sp" />
      <Fresh />
      <button type="button" className="ib" aria-label={t('Saved questions')} onClick={() => setDialog('saved')}>
        <Icon n="flag" />
      </button>
      <button type="button" className="ib" aria-label={t('Save this question')} onClick={() => setDialog('save')}>
        <Icon n="save" />
      </button>
      <button type="button" className="ib" aria-label={t('Copy the address')} onClick={() => void copy()}>
        <Icon n="share" />
      </button>
      <button type="button" className="ib" aria-label={t('Switch light and dark')} onClick={turnLight}>
        <Icon n="sun" />
      </button>
      <Account renew={renew} />
      {dialog === 'save' && <SaveDialog onClose={() => setDialog(null)} />}
      {dialog === 'saved' && <SavedDialog onClose={() => setDialog(null)} />}
    </section>
  );
}

function Account({ renew }: { renew: () => Promise<void> }) {
  const { user } = useSession();
  const [change, setChange] = useState(false);
  const pick = (value: string) => {
    if (value === 'password') setChange(true);
    if (value === 'out') void signOut(renew);
  };
  return (
    <>
      <Menu
        bare
        icon="people"
        label={t('Signed in as')}
        value=""
        shown={user.name}
        options={[
          { value: 'password', text: t('Change the password') },
          { value: 'out', text: t('Sign out') },
        ]}
        onPick={pick}
      />
      {change && <PasswordDialog onClose={() => setChange(false)} />}
    </>
  );
}
