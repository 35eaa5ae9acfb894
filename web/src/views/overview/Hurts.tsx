/** What hurts, ranked by what it costs a year; only what stands out from chance is ranked. */
import { type Answer, rows } from '../../api/answer';
import { between, int, money, pct, points, signed, signed1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Go } from '../../ui/go';
import { Num } from '../../ui/people';
import type { FrictionRow } from './finding';

const SHOWN = 5;

/** A kind of friction at a touchpoint, as people say it. */
export function friction(row: { kind: string; at: string }): string {
  const said: Record<string, string> = {
    repeated: '{at} again and again',
    loop: 'Back to {at}',
    'ping-pong': 'To and fro at {at}',
    failure: '{at} fails',
    detour: 'Detour by {at}',
    'channel switch': 'Another channel after {at}',
    'self-service to human': 'From {at} to a human',
    'repeat contact': 'Contact again after {at}',
    transfer: 'Handed on at {at}',
    'too slow': '{at} takes too long',
    'stage too slow': '{at} takes too long',
    stall: 'Long wait after {at}',
    'drop-off': 'Left after {at}',
  };
  return t(said[row.kind] ?? '{kind} at {at}', { kind: row.kind, at: `“${row.at}”` });
}

/** Whether an interval leaves out zero. */
const tells = (low: number | null, high: number | null) => low !== null && high !== null && (low > 0 || high < 0);

function effects(row: FrictionRow, scale: string): string[] {
  const found: string[] = [];
  if (tells(row.conversion_difference_low, row.conversion_difference_high))
    found.push(
      t('{n} reach the goal ({interval})', {
        n: points(row.conversion_difference),
        interval: between(row.conversion_difference_low, row.conversion_difference_high, points),
      }),
    );
  if (tells(row.score_difference_low ?? null, row.score_difference_high ?? null))
    found.push(
      t('{scale} {n} ({interval})', {
        scale: scale.toUpperCase() || t('score'),
        n: signed1(row.score_difference),
        interval: between(row.score_difference_low, row.score_difference_high, signed),
      }),
    );
  if (tells(row.contacts_caused_low, row.contacts_caused_high))
    found.push(
      t('{n} contacts ({interval})', {
        n: signed(row.contacts_caused),
        interval: between(row.contacts_caused_low, row.contacts_caused_high, int),
      }),
    );
  return found;
}

export function Hurts({ answer, map, scale }: { answer: Answer; map: string; scale: string }) {
  const whom = useWhom();
  const { workspace } = useSession();
  const all = rows<FrictionRow>(answer.table);
  const clear = all.filter((row) => row.clear).slice(0, SHOWN);
  const priced = clear.some((row) => row.money_a_year !== null);
  const most = Math.max(...clear.map((row) => Math.abs((priced ? row.money_a_year : row.conversions_lost) ?? 0)), 1e-9);
  const asked = { question: 'friction', fields: { map }, whom: { ...whom, against: '' } };
  return (
    <Figure
      title={t('What hurts most')}
      hint={
        priced ? t('by what it costs a year; what may cost nothing comes after') : t('by who did not get there for it')
      }
      source={{ answer, asked }}
    >
      {clear.length === 0 && (
        <p className="dim">
          {all.length
            ? t('Of {n} places that could rub, none stands out from chance.', { n: int(all.length) })
            : t('Nothing rubbed: nobody repeated, waited long, took a detour or left.')}
        </p>
      )}
      <ol className="rank">
        {clear.map((row, i) => (
          <li key={`${row.kind} ${row.at}`}>
            <span className="n">{i + 1}</span>
            <div className="b">
              <Go to={{ page: 'journeys/friction' }}>
                <bdi>{friction(row)}</bdi>
              </Go>
              <small>
                {row.stage && <bdi>{row.stage} · </bdi>}
                <Num n={row.instances} title={friction(row)} asked={asked} which={{ kind: row.kind, at: row.at }} />{' '}
                {t('journeys')}
                {effects(row, scale).map((effect) => ` · ${effect}`)}
              </small>
              <span className="rk" aria-hidden="true">
                <i
                  className="bad"
                  style={{
                    width: `${(100 * Math.max(0, (priced ? row.money_a_year : row.conversions_lost) ?? 0)) / most}%`,
                  }}
                />
              </span>
              {row.theme && (
                <small className="evd">
                  {t('{share} of their remarks: {theme}', {
                    share: pct(row.of_instances_with_theme),
                    theme: row.theme,
                  })}
                  {row.quote && clear.findIndex((one) => one.quote === row.quote) === i && (
                    <q>
                      <bdi>{row.quote}</bdi>
                    </q>
                  )}
                </small>
              )}
            </div>
            <Cost row={row} currency={workspace.currency} />
          </li>
        ))}
      </ol>
      <p className="foot">
        {t(
          'Held against others who had come as far: associated, which need not mean caused. One journey may be in several lines; they are not to be added.',
        )}
      </p>
    </Figure>
  );
}

function Cost({ row, currency }: { row: FrictionRow; currency: string }) {
  const write = (x: number | null | undefined) => money(x, currency);
  if (row.money_a_year !== null)
    return (
      <span className="v">
        {t('{money} a year', { money: write(row.money_a_year) })}
        <small>{between(row.money_a_year_low, row.money_a_year_high, write)}</small>
        {!tells(row.money_a_year_low, row.money_a_year_high) && <small>{t('may cost nothing')}</small>}
      </span>
    );
  if (row.conversions_lost === null) return null;
  return (
    <span className="v">
      {t('{n} lost', { n: int(row.conversions_lost) })}
      <small>{between(row.conversions_lost_low, row.conversions_lost_high, int)}</small>
    </span>
  );
}
