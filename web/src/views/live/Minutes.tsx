/** The last half hour, a column a minute; a minute opens who was here in it. */
import { useMemo } from 'react';
import { Columns } from '../../charts/Columns';
import { int, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { usePeople } from '../../ui/people';
import { clock } from '../people/model';
import { askedOf, type Minute } from './model';

const PARTS = [{ name: 'events', className: 'p-new' }];

export function Minutes({ minutes }: { minutes: Minute[] }) {
  const { workspace } = useSession();
  const [ref, width] = useWidth<HTMLDivElement>();
  const open = usePeople();
  const columns = useMemo(
    () =>
      minutes.map((minute, i) => ({
        name: clock(Date.parse(minute.at), workspace.time_zone),
        values: [minute.events],
        open: i === minutes.length - 1,
      })),
    [minutes, workspace.time_zone],
  );
  const all = minutes.reduce((a, minute) => a + minute.events, 0);
  const most = minutes.reduce((a, b) => (b.events > a.events ? b : a), minutes[0] as Minute);
  const told = (i: number) => {
    const minute = minutes[i] as Minute;
    return t('{at}: {events} of {people}{open}', {
      at: columns[i]?.name ?? '',
      events: plural(minute.events, '{n} event', '{n} events'),
      people: plural(minute.people, '{n} person', '{n} people'),
      open: i === minutes.length - 1 ? ` (${t('not over yet')})` : '',
    });
  };
  return (
    <div ref={ref}>
      {width > 0 && (
        <Columns
          columns={columns}
          parts={PARTS}
          width={width}
          height={190}
          name={t('Events of the last {n} minutes: {all}, most of them, {most}, at {at}.', {
            n: minutes.length,
            all: int(all),
            most: int(most.events),
            at: clock(Date.parse(most.at), workspace.time_zone),
          })}
          written={short}
          told={told}
          onPick={(i) => {
            const minute = minutes[i];
            if (minute && minute.people > 0) open({ title: told(i), asked: askedOf([minute]), which: {} });
          }}
        />
      )}
    </div>
  );
}
