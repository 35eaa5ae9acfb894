/** Who is new, who comes back, who had been away, and who stays away? */

import { useMemo } from 'react';
import { Aside, useAsk } from '../lib/asking';
import { t } from '../lib/i18n';
import { useWhom } from '../lib/whom';
import { Choices, Pick, useChoice } from '../ui/choose';
import { Head } from '../ui/parts';
import { Notes, Nothing, Shown } from '../ui/shown';
import type { Unit } from './cohorts/buckets';
import { Leaving } from './cohorts/Leaving';
import { Levels } from './cohorts/Levels';
import { Again, linesOf, Movement, Sums } from './cohorts/Movement';
import { readable } from './cohorts/readable';
import { Every } from './Every';
import { asEvent } from './events';
import { told } from './groups';
import { useKnown } from './maps';
import { WithEvents } from './WithEvents';

export default function Lifecycle(_: { rest: string }) {
  return (
    <WithEvents title={t('Lifecycle')}>
      <View />
    </WithEvents>
  );
}

function View() {
  const { names } = useKnown();
  const whom = useWhom();
  const [every, putEvery] = useChoice<string>('every', 'week');
  const [event, putEvent] = useChoice<string>('event', '');
  const active = asEvent(event, names);
  const fields = useMemo(() => ({ ...(active ? { event: active } : {}), every }), [active, every]);
  const asked = useMemo(() => ({ question: 'lifecycle', fields, whom }), [fields, whom]);
  const load = useAsk('lifecycle', fields);
  const unit = every as Unit;
  return (
    <>
      <Head
        title={t('Lifecycle')}
        say={load.data ? readable(told(load.data), whom) : t('Who is new, who comes back, who stays away')}
      />
      <div className="switches">
        <Every value={every} of={['day', 'week', 'month', 'quarter']} onPick={putEvery} />
      </div>
      <Choices
        said={
          <>
            {t('Active by')}{' '}
            <b>
              <bdi>{event || t('any event')}</bdi>
            </b>
          </>
        }
      >
        <Pick
          label={t('What makes somebody active')}
          value={event}
          options={names}
          onPick={putEvent}
          placeholder={t('any event')}
          hint={t('an event or a filter')}
        />
      </Choices>
      <Shown load={load} empty={(answer) => (linesOf(answer).length ? null : <Nothing kind="filter" />)}>
        {(answer) => (
          <>
            <section className="panel">
              <Movement answer={answer} asked={asked} unit={unit} />
              <Notes answer={answer} />
            </section>
            <div className="two w64">
              <section className="panel">
                <Sums answer={answer} asked={asked} unit={unit} />
              </section>
              <div>
                <section className="panel">
                  <Again answer={answer} asked={asked} unit={unit} />
                </section>
                <Aside value>
                  <Levels event={active} />
                </Aside>
              </div>
            </div>
          </>
        )}
      </Shown>
      <Aside value>
        <Leaving />
      </Aside>
    </>
  );
}
