/** What was done here, by whom, and whether the log itself is whole. */
import { useEffect, useRef, useState } from 'react';
import { get, url } from '../../api/client';
import type { AuditLog, Chain, ListedEntry } from '../../api/schema';
import { go, useAddress } from '../../lib/address';
import { int, moment } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Pick } from '../../ui/choose';
import { Shown } from '../../ui/shown';
import { useFresh } from './fresh';
import { Scroll, Tag } from './parts';

const PAGE = 50;

export function Log({ turn }: { turn: number }) {
  const { query } = useAddress();
  const who = query.get('who') ?? '';
  const action = query.get('action') ?? '';
  const before = query.get('before');
  const load = useFresh<AuditLog>(url('/api/audit', { most: PAGE, who, action, before }));
  const [chain, setChain] = useState<Chain | null>(null);
  const [seen, setSeen] = useState<ListedEntry[]>([]);
  const { again } = load;
  const told = useRef(turn);
  useEffect(() => {
    if (told.current === turn) return;
    told.current = turn;
    again();
  }, [turn, again]);
  const entries = load.data?.entries;
  useEffect(() => {
    if (entries) setSeen((known) => [...known, ...entries]);
  }, [entries]);
  const names = [...new Set(seen.map((one) => one.who))].filter(Boolean).sort();
  const actions = [...new Set(seen.map((one) => one.action))].sort();
  const verify = () =>
    get<AuditLog>('/api/audit?verify=true&most=1')
      .then((found) => setChain(found.chain ?? null))
      .catch((problem: Error) => toast(problem.message));
  return (
    <section className="panel" aria-label={t('The log')}>
      <h2>
        {t('The log')} <small>{t('what was done, newest first; nothing in it can be changed unseen')}</small>
      </h2>
      <div className="addform">
        <Pick
          label={t('By whom')}
          value={who}
          options={names}
          placeholder={t('anybody')}
          onPick={(value) => go({ query: { who: value || null, before: null } }, true)}
        />
        <Pick
          label={t('What was done')}
          value={action}
          options={actions}
          placeholder={t('anything')}
          onPick={(value) => go({ query: { action: value || null, before: null } }, true)}
        />
        <button type="button" className="btn" onClick={() => void verify()}>
          {t('Is the log whole?')}
        </button>
        {chain && (
          <span role="status">
            {chain.holds ? (
              <Tag kind="well">{t('all {n} entries are as they were written', { n: int(chain.entries) })}</Tag>
            ) : (
              <Tag kind="problem">{t('entry {n} was changed or taken out', { n: chain.broken_at ?? 0 })}</Tag>
            )}
          </span>
        )}
      </div>
      <Shown load={load}>{(found) => <Entries entries={found.entries} before={before} />}</Shown>
    </section>
  );
}

function Entries({ entries, before }: { entries: ListedEntry[]; before: string | null }) {
  const { workspace } = useSession();
  const last = entries.at(-1);
  return (
    <>
      {entries.length === 0 ? (
        <p className="dim">{t('No entry fits.')}</p>
      ) : (
        <Scroll label={t('Entries of the log')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col" className="n">
                  {t('number')}
                </th>
                <th scope="col">{t('when')}</th>
                <th scope="col">{t('who')}</th>
                <th scope="col">{t('what')}</th>
                <th scope="col">{t('about')}</th>
                <th scope="col">{t('more')}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((one) => (
                <tr key={one.number}>
                  <td className="n">{int(one.number)}</td>
                  <td className="n">{moment(one.at, workspace.time_zone)}</td>
                  <td>
                    <bdi>{one.who || t('nobody')}</bdi>
                  </td>
                  <td>
                    <bdi>{one.action}</bdi>
                  </td>
                  <td>
                    <bdi>{one.about}</bdi>
                  </td>
                  <td className="means">
                    <bdi className="dim">
                      {Object.entries(one.details)
                        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
                        .join(', ')}
                    </bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {(before !== null || (entries.length === PAGE && last && last.number > 1)) && (
        <div className="acts">
          <button
            type="button"
            className="btn"
            disabled={before === null}
            onClick={() => go({ query: { before: null } })}
          >
            {t('Newest')}
          </button>
          <button
            type="button"
            className="btn"
            disabled={entries.length < PAGE || !last || last.number <= 1}
            onClick={() => last && go({ query: { before: String(last.number) } })}
          >
            {t('Older')}
          </button>
        </div>
      )}
    </>
  );
}
