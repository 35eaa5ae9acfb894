/** What is counted here, so that nobody wonders why the map, the funnel and the paths tell other shares. */

import { t } from '../lib/i18n';
import { filled } from '../ui/filled';

type Given = { what: 'journeys' } | { what: 'people' | 'tries' | 'visits'; window: string };

export function Counted(given: Given) {
  if (given.what === 'journeys')
    return (
      <p className="foot counted">
        {t(
          'Counted here: journeys of this map, from a start to the goal or to giving up; somebody may make several. The funnel and the paths count people within a window, so their shares are others.',
        )}
      </p>
    );
  const whom = {
    people: t('people, each once, from the first step on'),
    tries: t('tries, several of somebody who begins again'),
    visits: t('visits, several of somebody who comes back'),
  }[given.what];
  return (
    <p className="foot counted">
      {filled(
        t(
          'Counted here: {whom}, within {window}. The map counts journeys from a start to the goal or to giving up, so its shares are others.',
        ),
        { whom, window: given.window },
      )}
    </p>
  );
}
