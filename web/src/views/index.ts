/** Which views there are, where they stand in the rail, and what each needs of the chips. */
import { type ComponentType, lazy } from 'react';

export type View = {
  path: string;
  /** As it is called in the tabs. */
  text: string;
  view: ComponentType<{ rest: string }>;
  /** Chips that mean something here. */
  chips: readonly Chip[];
  /** Who may see it, beyond reading. */
  scope?: string;
};
export type Chip = 'journey' | 'dates' | 'against' | 'people' | 'channel' | 'filter';
export type Group = { text: string; icon: string; views: View[] };

const WHOM: readonly Chip[] = ['dates', 'against', 'people', 'channel', 'filter'];
const ON_MAP: readonly Chip[] = ['journey', ...WHOM];

const one = (
  path: string,
  text: string,
  load: () => Promise<{ default: View['view'] }>,
  chips: readonly Chip[],
  scope?: string,
): View => ({
  path,
  text,
  view: lazy(load),
  chips,
  ...(scope ? { scope } : {}),
});

export const GROUPS: Group[] = [
  {
    text: 'Overview',
    icon: 'overview',
    views: [one('overview', 'Overview', () => import('./Overview'), ON_MAP)],
  },
  {
    text: 'Journeys',
    icon: 'journeys',
    views: [
      one('journeys/map', 'Map', () => import('./Map'), ON_MAP),
      one('journeys/paths', 'Paths', () => import('./Paths'), ON_MAP),
      one('journeys/funnel', 'Funnel', () => import('./Funnel'), ON_MAP),
      one('journeys/friction', 'Friction', () => import('./Friction'), [
        'journey',
        'dates',
        'people',
        'channel',
        'filter',
      ]),
      one('journeys/edit', 'Edit the map', () => import('./MapEdit'), ['journey']),
    ],
  },
  {
    text: 'Voice',
    icon: 'voice',
    views: [
      one('voice', 'Themes', () => import('./Themes'), ON_MAP),
      one('voice/quotes', 'Quotes', () => import('./Quotes'), ON_MAP),
      one('voice/scores', 'Scores', () => import('./Scores'), ON_MAP),
    ],
  },
  {
    text: 'Cohorts',
    icon: 'cohorts',
    views: [
      one('cohorts', 'Retention', () => import('./Retention'), WHOM),
      one('cohorts/compare', 'Comparison', () => import('./Comparison'), ON_MAP),
      one('cohorts/lifecycle', 'Lifecycle', () => import('./Lifecycle'), WHOM),
    ],
  },
  {
    text: 'Value',
    icon: 'value',
    views: [
      one('value', 'Attribution', () => import('./Attribution'), WHOM),
      one('value/lifetime', 'Lifetime value', () => import('./LifetimeValue'), ['dates', 'people', 'filter']),
      one('value/revenue', 'Revenue movements', () => import('./Revenue'), ['dates', 'people', 'filter']),
    ],
  },
  { text: 'Live', icon: 'live', views: [one('live', 'Live', () => import('./Live'), [])] },
  {
    text: 'People',
    icon: 'people',
    views: [
      one('people', 'People', () => import('./People'), []),
      one('people/segments', 'Segments', () => import('./Segments'), []),
    ],
  },
  {
    text: 'Data',
    icon: 'data',
    views: [
      one('data', 'Sources', () => import('./Sources'), []),
      one('data/identity', 'Identity', () => import('./Identity'), []),
      one('data/definitions', 'Definitions', () => import('./Definitions'), []),
      one('data/health', 'Health', () => import('./Health'), []),
      one('data/quarantine', 'Quarantine', () => import('./Quarantine'), [], 'analyst'),
      one('data/privacy', 'Privacy', () => import('./Privacy'), [], 'erase'),
      one('data/access', 'Access', () => import('./Access'), [], 'admin'),
    ],
  },
];

/** The view of an address: the longest path that it begins with; `rest` is what follows. */
export function viewOf(page: string): { group: Group; view: View; rest: string } | null {
  let found: { group: Group; view: View; rest: string } | null = null;
  for (const group of GROUPS)
    for (const view of group.views) {
      const fits =
        page === view.path ||
        (page.startsWith(`${view.path}/`) &&
          !group.views.some(
            (v) =>
              v.path !== view.path &&
              v.path.startsWith(view.path) &&
              (page === v.path || page.startsWith(`${v.path}/`)),
          ));
      if (fits && (!found || view.path.length > found.view.path.length))
        found = { group, view, rest: page.slice(view.path.length + 1) };
    }
  return found;
}
