/** One hot spot: what it is, where, whom it concerns, what it costs, what is known of it, and where to go from there. */
import { Cost } from '../../charts/friction/Cost';
import { type Point, Sparkline } from '../../charts/Sparkline';
import type { Asked } from '../../lib/export';
import { between, dec, duration, FEW, int, money, pct, pct1, points, signed1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Go } from '../../ui/go';
import { Num } from '../../ui/people';
import { friction } from '../overview/Hurts';
import { type By, cost, type FrictionRow, type Measured, tells } from './told';

const EVIDENCE: Record<string, string> = {
  adjusted: 'held against others who had come as far',
  'partly adjusted': 'partly held against others who had come as far',
  'other times': 'held against other times',
  none: 'nothing to hold it against',
};

function Effect({
  name,
  measured,
  write,
  bad,
}: {
  name: string;
  measured: Measured;
  write: (x: number | null | undefined) => string;
  bad: 1 | -1;
}) {
  if (measured.value === null) return null;
  const sure = tells(measured);
  const side = !sure ? 'dim' : measured.value * bad > 0 ? 't-bad' : 't-good';
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <b className={side}>{write(measured.value)}</b>{' '}
        <small>
          [{between(measured.low, measured.high, write)}]{!sure && ` ${t('not told from chance')}`}
        </small>
      </dd>
    </div>
  );
}

const of = (
  row: FrictionRow,
  name:
    | 'conversion_difference'
    | 'score_difference'
    | 'contacts_caused'
    | 'conversions_lost'
    | 'of_going_on'
    | 'of_going_on_otherwise'
    | 'sentiment',
): Measured => ({
  value: row[name] ?? null,
  low: row[`${name}_low`] ?? null,
  high: row[`${name}_high`] ?? null,
});

function Effects({ row, scale }: { row: FrictionRow; scale: string }) {
  const otherwise = of(row, 'of_going_on_otherwise');
  return (
    <dl className="effects">
      <Effect name={t('Reach the goal')} measured={of(row, 'conversion_difference')} write={points} bad={-1} />
      <Effect
        name={t('Did not get there for it')}
        measured={of(row, 'conversions_lost')}
        write={(x) => dec(x)}
        bad={1}
      />
      <Effect name={scale || t('Score')} measured={of(row, 'score_difference')} write={signed1} bad={-1} />
      <Effect name={t('Contacts caused')} measured={of(row, 'contacts_caused')} write={(x) => int(x)} bad={1} />
      {row.of_going_on !== null && (
        <div>
          <dt>{t('Go on from here')}</dt>
          <dd>
            <b>{pct1(row.of_going_on)}</b> <small>[{between(row.of_going_on_low, row.of_going_on_high, pct1)}]</small>
            {otherwise.value !== null && (
              <small>
                {' '}
                {t('at other times {rate}', { rate: pct1(otherwise.value) })} [
                {between(otherwise.low, otherwise.high, pct1)}]
              </small>
            )}
          </dd>
        </div>
      )}
      {row.longer_than_seconds !== null && (
        <div>
          <dt>{t('Longer than')}</dt>
          <dd>
            <b>{duration(row.longer_than_seconds)}</b>
          </dd>
        </div>
      )}
    </dl>
  );
}

function Voice({ row }: { row: FrictionRow }) {
  if (!row.theme && !row.quote) return null;
  return (
    <blockquote className="neg">
      {row.quote && <bdi>{row.quote}</bdi>}
      {row.theme && (
        <cite>
          {t('“{theme}” in {share} of their remarks, {other} of the others’', {
            theme: row.theme,
            share: pct(row.of_instances_with_theme),
            other: pct(row.of_others_with_theme),
          })}
        </cite>
      )}
    </blockquote>
  );
}

export function written(by: By, x: number | null, currency: string, scale: string): string {
  if (by === 'money') return t('{money} a year', { money: money(x, currency) });
  if (by === 'lost') return t('{n} did not get there', { n: int(x) });
  if (by === 'contacts') return t('{n} contacts', { n: int(x) });
  if (by === 'score') return `${scale || t('score')} ${signed1(x === null ? null : -x)}`;
  return t('{n} journeys', { n: int(x) });
}

function Trend({ trend, name }: { trend: Point[] | undefined; name: string }) {
  if (!trend || trend.length < 2) return null;
  const said = trend.map((point) => `${point.bucket}: ${int(point.value)}`).join(', ');
  return (
    <span className="ftrend" title={said}>
      <Sparkline
        points={trend}
        target={null}
        width={130}
        side="mid"
        name={t('Journeys with {name} over time: {said}', { name, said })}
      />
      <small>
        {trend[0]?.bucket} – {trend.at(-1)?.bucket}
      </small>
    </span>
  );
}

export function Spot(given: {
  row: FrictionRow;
  place: number;
  by: By;
  scale: [number, number];
  width: number;
  score: string;
  /** How its money is put together. */
  made: string[];
  trend: Point[] | undefined;
  asked: Asked;
}) {
  const { row, by, asked, made } = given;
  const { workspace } = useSession();
  const title = friction(row);
  const paid = cost(row, by);
  const write = (x: number | null) => written(by, x, workspace.currency, given.score);
  const staged = row.kind.startsWith('stage');
  return (
    <li className={row.clear ? 'spot' : 'spot unsure'}>
      <span className="n" aria-hidden="true">
        {given.place}
      </span>
      <div className="b">
        <h3>
          <bdi>{title}</bdi>
        </h3>
        <p className="spotat">
          {row.stage && <bdi>{row.stage}</bdi>}
          {row.owner && (
            <>
              {' · '}
              <bdi>{row.owner}</bdi>
            </>
          )}
          {(row.stage || row.owner) && ' · '}
          <Num
            n={row.instances}
            title={title}
            asked={asked}
            which={{ kind: row.kind, at: row.at }}
            note={
              made.length
                ? `${made.join(' ')} ${t('The amounts of the list are of each journey alone, and whole.')}`
                : ''
            }
          />{' '}
          {t('journeys')}
          {row.people !== row.instances && <small> {t('of {n} people', { n: int(row.people) })}</small>}
          {row.instances < FEW && <span className="tag">{t('few')}</span>}
          <span className="tag">
            {t(EVIDENCE[row.evidence] ?? row.evidence)}
            {row.evidence === 'partly adjusted' && ` (${pct(row.of_matched)})`}
          </span>
        </p>
        {given.width > 0 && (
          <Cost
            {...paid}
            scale={given.scale}
            width={given.width}
            sure={tells(paid) || by === 'instances'}
            name={`${title}: ${write(paid.value)}`}
          />
        )}
        {by === 'money' && made.length > 0 && <p className="made">{made.join(' ')}</p>}
        <Effects row={row} scale={given.score} />
        <Voice row={row} />
        <p className="gos">
          <Go to={{ page: 'journeys/map', query: staged ? {} : { touchpoint: row.at } }}>{t('On the map')}</Go>
          {!staged && <Go to={{ page: 'journeys/paths', query: { start: row.at } }}>{t('Routes from here')}</Go>}
          {!staged && <Go to={{ page: 'voice', query: { touchpoint: row.at } }}>{t('What they say')}</Go>}
        </p>
      </div>
      <div className="v">
        {paid.value !== null && (
          <>
            <b>{write(paid.value)}</b>
            {paid.low !== null && (
              <small>
                {between(
                  by === 'score' && paid.high !== null ? -paid.high : paid.low,
                  by === 'score' && paid.low !== null ? -paid.low : paid.high,
                  by === 'money' ? (x) => money(x, workspace.currency) : by === 'score' ? signed1 : (x) => int(x),
                )}
              </small>
            )}
          </>
        )}
        <Trend trend={given.trend} name={title} />
      </div>
    </li>
  );
}
