/** By which rules do identities become people? In four sentences, with the limits that hold here. */
import type { IdentityShape } from '../../api/schema';
import { int } from '../../lib/format';
import { t } from '../../lib/i18n';

const RULES: [string, string][] = [
  [
    'Numbers and addresses that were seen on one record join',
    'Earliest first, unless a limit forbids it. Two accounts with one address join only where a device speaks for these two alone.',
  ],
  [
    'A device that one person used is theirs',
    'For its whole history, the time before the first login included. A device nobody is known to have used is a person of its own.',
  ],
  [
    'A device that several used goes by who was logged in',
    'To the last one who was, and shortly before a login to the one who comes.',
  ],
  ['A device of very many is a kiosk', 'Only the time around a login is anybody’s; the rest is visits of passers-by.'],
];

export function Rules({ told }: { told: IdentityShape }) {
  return (
    <section className="panel">
      <h2>
        {t('The rules')} <small>{t('the order in which data came changes nothing')}</small>
      </h2>
      <div className="two">
        <ol className="rulelist">
          {RULES.map(([title, text]) => (
            <li key={title}>
              <b>{t(title)}</b>
              <p>{t(text)}</p>
            </li>
          ))}
        </ol>
        <dl className="pairs">
          {told.limits.map((one) => (
            <div key={one.name}>
              <dt>
                <code>{one.name}</code> <b>{one.value}</b> {!one.usual && <small>{t('set here')}</small>}
              </dt>
              <dd>{one.says}</dd>
            </div>
          ))}
        </dl>
      </div>
      <p className="foot">
        {t(
          'The limits stand in [identity] of workspace.toml; a change holds from then on for the whole past, and back again.',
        )}{' '}
        {told.blocked > 0 && t('{n} values are blocked there: they name nobody.', { n: int(told.blocked) })}
      </p>
    </section>
  );
}
