/** What could not become an event, why, and how is it mended? Rows are shown as shapes until somebody asks. */

import { url } from '../api/client';
import type { QuarantineShape, ReasonShape } from '../api/schema';
import { go, useAddress } from '../lib/address';
import { int } from '../lib/format';
import { plural, t } from '../lib/i18n';
import { Head } from '../ui/parts';
import { Shown } from '../ui/shown';
import { Entry } from './data/Entry';
import { useFresh } from './data/fresh';
import { Bar, Coded, Command } from './data/parts';

const PAGE = 10;

export default function Quarantine(_: { rest: string }) {
  const { query } = useAddress();
  const offset = Math.max(0, Number.parseInt(query.get('from') ?? '0', 10) || 0);
  const load = useFresh<QuarantineShape>(
    url('/api/quarantine', { reason: query.get('reason'), source: query.get('source'), most: PAGE, offset }),
  );
  return <Shown load={load}>{(told) => <Drawn told={told} offset={offset} />}</Shown>;
}

function said(told: QuarantineShape): string {
  const first = told.reasons[0];
  if (!first) return t('Nothing is in quarantine: every row of every import became events.');
  return t('{rows}, for {reasons}. Most often: {says}. Nothing is lost: with a better mapping they are read again.', {
    rows: plural(told.total, '{n} row could not become an event', '{n} rows could not become events'),
    reasons: plural(told.reasons.length, 'one reason', '{n} reasons'),
    says: first.says,
  });
}

function Drawn({ told, offset }: { told: QuarantineShape; offset: number }) {
  const { query } = useAddress();
  const reason = query.get('reason');
  const source = query.get('source');
  const imports = [...new Set(told.entries.map((one) => one.number))];
  const to = offset + told.entries.length;
  return (
    <>
      <Head title={t('Quarantine')} say={said(told)} />
      {told.total > 0 && (
        <div className="two w64">
          <section className="panel">
            <h2>
              {t('Rows')}{' '}
              <small>
                {to > offset
                  ? t('{from} to {to} of {all}', { from: int(offset + 1), to: int(to), all: int(to + told.more) })
                  : t('none fits')}
              </small>
            </h2>
            {source && (
              <p>
                <button type="button" className="chip" onClick={() => go({ query: { source: null, from: null } })}>
                  {t('Source')}{' '}
                  <b>
                    <bdi>{source}</bdi>
                  </b>{' '}
                  ✕
                </button>
              </p>
            )}
            <p className="dim">
              {t(
                'Values are shown by their shape: x for a letter, 9 for a digit. What names nobody, such as “null”, stays.',
              )}
            </p>
            <ul className="lined">
              {told.entries.map((one) => (
                <Entry key={`${one.number}${one.table}${one.file}${one.line}${one.record}${one.reason}`} entry={one} />
              ))}
            </ul>
            {(offset > 0 || told.more > 0) && (
              <div className="acts">
                <button
                  type="button"
                  className="btn"
                  disabled={offset === 0}
                  onClick={() => go({ query: { from: offset > PAGE ? String(offset - PAGE) : null } })}
                >
                  {t('Before')}
                </button>
                <button
                  type="button"
                  className="btn"
                  disabled={told.more === 0}
                  onClick={() => go({ query: { from: String(offset + PAGE) } })}
                >
                  {t('Next')}
                </button>
              </div>
            )}
          </section>
          <div>
            <Reasons told={told} reason={reason} />
            <section className="panel">
              <h2>{t('How it is mended')}</h2>
              <p className="say">
                <Coded
                  text={t(
                    'Write a better mapping, try it with `desirepath import --dry-run`, and read the archived import again with it. What is stored already stays, and counts once.',
                  )}
                />
              </p>
              {imports.slice(0, 3).map((number) => (
                <Command
                  key={number}
                  label={t('read import {number} again', { number })}
                  text={`desirepath quarantine --replay ${number} --mapping mapping.yaml`}
                />
              ))}
            </section>
          </div>
        </div>
      )}
    </>
  );
}

function Reasons({ told, reason }: { told: QuarantineShape; reason: string | null }) {
  const most = told.reasons[0]?.entries ?? 1;
  const pick = (one: ReasonShape | null) => go({ query: { reason: one?.reason ?? null, from: null } });
  return (
    <section className="panel">
      <h2>{t('Reasons')}</h2>
      <ul className="reasons lined">
        {told.reasons.map((one) => (
          <li key={one.reason} className={one.reason === reason ? 'on' : ''}>
            <button
              type="button"
              aria-pressed={one.reason === reason}
              onClick={() => pick(one.reason === reason ? null : one)}
            >
              <span>{one.says}</span>
              <b>{int(one.entries)}</b>
              <Bar of={one.entries} most={most} />
            </button>
            <p>
              <Coded text={one.do} />
            </p>
            <small>
              {t('from')} <bdi>{one.sources.join(', ')}</bdi>
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
