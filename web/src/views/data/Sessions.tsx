/** Where one is logged in oneself; a login that is not wanted any more is ended. */

import { send } from '../../api/client';
import type { ListedSession } from '../../api/schema';
import { moment } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Shown } from '../../ui/shown';
import { useFresh } from './fresh';
import { Tag } from './parts';

/** What browser it is, told shortly. */
function browser(agent: string): string {
  const name = /(Edg|OPR|Firefox|Chrome|Safari)\/?/.exec(agent.replace(/Chrome(?=.*(Edg|OPR))/, ''))?.[1];
  const system = /(Windows|Mac OS|Android|iPhone|iPad|Linux)/.exec(agent)?.[1];
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' };
  return [name ? (names[name] ?? name) : agent.slice(0, 60), system].filter(Boolean).join(', ') || agent;
}

export function Sessions() {
  const { workspace } = useSession();
  const load = useFresh<ListedSession[]>('/api/sessions');
  const end = (one: ListedSession) =>
    send('DELETE', `/api/sessions/${encodeURIComponent(one.id)}`)
      .then(() => {
        toast(t('That login is ended.'));
        load.again();
      })
      .catch((problem: Error) => toast(problem.message));
  return (
    <section className="panel">
      <h2>{t('Where you are logged in')}</h2>
      <Shown load={load}>
        {(sessions) => (
          <ul className="lined">
            {sessions.map((one) => (
              <li key={one.id}>
                <b title={one.agent}>{browser(one.agent)}</b>{' '}
                <span className="dim">
                  {t('since {at}, seen {seen}', {
                    at: moment(one.made_at, workspace.time_zone),
                    seen: moment(one.seen_at, workspace.time_zone),
                  })}
                </span>{' '}
                {one.here ? (
                  <Tag kind="well">{t('here')}</Tag>
                ) : (
                  <button
                    type="button"
                    className="btn"
                    aria-label={t('End it: the login of {browser}', { browser: browser(one.agent) })}
                    onClick={() => void end(one)}
                  >
                    {t('End it')}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </section>
  );
}
