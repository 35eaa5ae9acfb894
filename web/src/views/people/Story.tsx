/** What happened, in either order: by visit and day, repeats folded, with what was said, how it sounds and what it was worth. */
import { memo, useMemo } from 'react';
import { duration, int, signed1, step, tone } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Icon } from '../../ui/Icon';
import {
  amountText,
  channelIcon,
  clock,
  type Event,
  type Order,
  scoreText,
  timeOf,
  type Visit,
  visitsOf,
} from './model';

export const rowId = (i: number) => `event-${i}`;

export function Story({
  rows,
  order,
  here,
  hot,
  onHot,
}: {
  rows: Event[];
  order: Order;
  /** The row at which the reader comes in. */
  here: number | null;
  hot: number | null;
  onHot: (row: number | null) => void;
}) {
  const { workspace } = useSession();
  const visits = useMemo(() => visitsOf(rows, workspace.time_zone), [rows, workspace.time_zone]);
  return (
    <ol className="evs" aria-label={order === 'newest' ? t('Events, newest first') : t('Events, oldest first')}>
      {visits.map((visit) => (
        <li key={visit.key} className="visit">
          <Heading visit={visit} rows={rows} />
          <ol>
            {visit.rows.map((i) => (
              <Line
                key={i}
                i={i}
                row={rows[i] as Event}
                zone={workspace.time_zone}
                currency={workspace.currency}
                on={hot === i}
                here={here === i}
                onHot={onHot}
              />
            ))}
          </ol>
          {visit.quiet > 0 && <p className="gap">{plural(visit.quiet, '{n} quiet day', '{n} quiet days')}</p>}
        </li>
      ))}
    </ol>
  );
}

function Heading({ visit, rows }: { visit: Visit; rows: Event[] }) {
  const n = visit.rows.reduce((a, i) => a + (rows[i]?.repeat ?? 1), 0);
  const channels = new Set(visit.rows.map((i) => rows[i]?.channel).filter(Boolean));
  const seconds = (visit.last - visit.first) / 1000;
  return (
    <h3>
      {visit.day}
      <small>
        {visit.session !== null && t('visit {n}', { n: int(visit.session) })}
        {n > 1 && ` · ${plural(n, '{n} event', '{n} events')}`}
        {channels.size > 1 && ` · ${t('{n} channels', { n: channels.size })}`}
        {seconds >= 60 && ` · ${duration(seconds)}`}
      </small>
    </h3>
  );
}

type Given = {
  i: number;
  row: Event;
  zone: string;
  currency: string;
  on: boolean;
  here: boolean;
  onHot: (row: number | null) => void;
};

const Line = memo(function Line({ i, row, zone, currency, on, here, onHot }: Given) {
  const felt = row.sentiment === null ? '' : tone(step(row.sentiment, 0, 3.5));
  const score = scoreText(row);
  const amount = amountText(row, currency);
  return (
    <li
      id={rowId(i)}
      tabIndex={-1}
      className={[on ? 'on' : '', here ? 'here' : ''].filter(Boolean).join(' ')}
      aria-current={here || undefined}
      onPointerEnter={() => onHot(i)}
      onPointerLeave={() => onHot(null)}
    >
      <time dateTime={new Date(timeOf(row.at)).toISOString()}>{clock(timeOf(row.at), zone)}</time>
      <i className={`bd ${felt}`}>
        <Icon n={channelIcon(row.channel)} s={13} />
      </i>
      <div>
        <b>
          <bdi>{row.name}</bdi>
        </b>{' '}
        {row.repeat > 1 && <span className="rep">×{int(row.repeat)}</span>}{' '}
        {score !== null && (
          <span className="rep">
            {row.scale ? row.scale.toUpperCase() : t('score')} {score}
          </span>
        )}{' '}
        <small className="rep">
          <bdi>{[row.channel, row.entity].filter(Boolean).join(' · ')}</bdi>
        </small>
        {row.detail && (
          <p>
            <bdi>{row.detail}</bdi>
          </p>
        )}
        {row.quote && (
          <p className="said">
            <q>
              <bdi>{row.quote}</bdi>
            </q>
          </p>
        )}
      </div>
      <span className="side">
        {amount !== null && <em>{amount}</em>}
        {row.sentiment !== null && (
          <em
            className={row.sentiment <= -0.5 ? 't-bad' : row.sentiment >= 0.5 ? 't-good' : 'dim'}
            title={t('how it sounds, −5 to +5')}
          >
            <span className="sr">{t('sounds')} </span>
            {signed1(row.sentiment)}
          </em>
        )}
      </span>
    </li>
  );
});
