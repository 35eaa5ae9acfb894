/** What is wrong with the data now, how bad is it, and what is to be done? */
import type { FindingShape, HealthShape } from '../api/schema';
import { go, useAddress } from '../lib/address';
import { int, moment } from '../lib/format';
import { plural, t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { Go } from '../ui/go';
import { Head, Switch } from '../ui/parts';
import { Shown } from '../ui/shown';
import { useFresh } from './data/fresh';
import { Coded, NameList, type Severity, Tag } from './data/parts';
import { called } from './data/sources';

/** Where more is to be seen of what a look found, and who may see it. */
const PAGES: Record<string, [string, string, string]> = {
  quarantine: ['data/quarantine', 'See Quarantine', 'analyst'],
  conflicts: ['data/identity', 'See Identity', 'read'],
  definitions: ['data/definitions', 'See Definitions', 'read'],
  erasure: ['data/privacy', 'See Privacy', 'erase'],
  unmapped: ['journeys/edit', 'Edit the map', 'read'],
};

export default function Health(_: { rest: string }) {
  const load = useFresh<HealthShape>('/api/health');
  return <Shown load={load}>{(told) => <Drawn told={told} again={load.again} />}</Shown>;
}

const count = (findings: FindingShape[], kind: string) => findings.filter((one) => one.severity === kind).length;

function said(findings: FindingShape[]): string {
  const problems = count(findings, 'problem');
  const warnings = count(findings, 'warning');
  const notes = count(findings, 'note');
  const parts = [
    problems
      ? plural(problems, '{n} problem makes numbers wrong', '{n} problems make numbers wrong')
      : t('Nothing that was looked at makes numbers wrong'),
    warnings ? plural(warnings, '{n} thing may mislead', '{n} things may mislead') : t('nothing may mislead'),
    notes ? plural(notes, '{n} is good to know', '{n} are good to know') : '',
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

function Drawn({ told, again }: { told: HealthShape; again: () => void }) {
  const { query } = useAddress();
  const { workspace } = useSession();
  const { findings, looks } = told;
  const kind = query.get('severity') ?? 'all';
  const shown = findings.filter((one) => kind === 'all' || one.severity === kind);
  const option = (value: string, text: string): [string, string] => [value, `${text} ${int(count(findings, value))}`];
  return (
    <>
      <Head title={t('Health')} say={said(findings)}>
        <Switch
          label={t('Show')}
          value={kind}
          options={[
            ['all', `${t('All')} ${int(findings.length)}`],
            option('problem', t('Problems')),
            option('warning', t('Warnings')),
            option('note', t('Notes')),
          ]}
          onPick={(value) => go({ query: { severity: value === 'all' ? null : value } }, true)}
        />
        <button type="button" className="btn" onClick={again}>
          {t('Look again')}
        </button>
      </Head>
      <div className="two w64">
        <section className="panel" aria-label={t('What was found')}>
          {shown.length === 0 ? (
            <p className="dim">
              {findings.length ? t('Nothing of this kind.') : t('Every look found everything as it should be.')}
            </p>
          ) : (
            <ul className="finds lined">
              {shown.map((one) => (
                <Found key={`${one.look}${one.says}`} one={one} />
              ))}
            </ul>
          )}
        </section>
        <section className="panel">
          <h2>
            {t('What was looked at')} <small>{moment(told.at, workspace.time_zone)}</small>
          </h2>
          <ul className="looks">
            {looks.map((one) => (
              <li key={one.look}>
                {one.found ? (
                  <Tag kind={worst(findings, one.look)}>{int(one.found)}</Tag>
                ) : (
                  <Tag kind="well">{t('well')}</Tag>
                )}
                <span>{one.says}</span>
              </li>
            ))}
          </ul>
          <p className="foot">
            <Coded text={t('`desirepath doctor` looks at the files themselves, from the archive to the journeys.')} />
          </p>
        </section>
      </div>
    </>
  );
}

const worst = (findings: FindingShape[], look: string): Severity =>
  findings.find((one) => one.look === look)?.severity ?? 'well';

function Found({ one }: { one: FindingShape }) {
  const { user } = useSession();
  const page = PAGES[one.look];
  const name = one.source ? called({ source: one.source, instance: one.instance ?? 'main' }) : null;
  return (
    <li className={one.severity}>
      <div className="fhead">
        <Tag kind={one.severity} />
        <b>
          <bdi>
            <Coded text={one.says} />
          </bdi>
        </b>
      </div>
      <p>
        <Coded text={one.do} />
      </p>
      {one.names.length > 8 && (
        <details>
          <summary>{t('All {n} names', { n: int(one.names.length) })}</summary>
          <NameList names={[...new Set(one.names)]} most={60} />
        </details>
      )}
      <p className="acts">
        {page && user.scopes.includes(page[2]) && <Go to={{ page: page[0] }}>{t(page[1])}</Go>}
        {name && (
          <Go to={{ page: 'data', query: { open: `${one.source}/${one.instance}` } }}>
            {t('See the source {name}', { name })}
          </Go>
        )}
      </p>
    </li>
  );
}
