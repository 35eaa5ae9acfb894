/** How did identities become people, by which rules, and what waits for somebody to decide? */
import type { IdentityShape } from '../api/schema';
import { Sizes } from '../charts/data/Sizes';
import { int, pct, pct1 } from '../lib/format';
import { useWidth } from '../lib/hooks';
import { plural, t } from '../lib/i18n';
import { Head } from '../ui/parts';
import { Nothing, Shown } from '../ui/shown';
import { ByHand, Versions } from './data/ByHand';
import { useFresh } from './data/fresh';
import { Open } from './data/Open';
import { Bar, Facts, Scroll, Tag } from './data/parts';
import { Rules } from './data/Rules';

const LARGE = 20;

export default function Identity(_: { rest: string }) {
  const load = useFresh<IdentityShape>('/api/identity');
  return (
    <Shown load={load} empty={(told) => (told.identities ? null : <Empty />)}>
      {(told) => <Drawn told={told} again={load.again} />}
    </Shown>
  );
}

function Empty() {
  return (
    <>
      <Head title={t('Identity')} />
      <Nothing kind="source" />
    </>
  );
}

function said(told: IdentityShape): string {
  const open = told.open_total + told.suggestions_total;
  const all = told.named === told.people;
  const first = all
    ? t('{identities} identities became {people} people, all of them named.', {
        identities: int(told.identities),
        people: int(told.people),
      })
    : t(
        '{identities} identities became {people} people; {named} of them ({share}) are named, the others are known by a device or a record alone.',
        {
          identities: int(told.identities),
          people: int(told.people),
          named: int(told.named),
          share: pct(told.people ? told.named / told.people : null),
        },
      );
  return `${first} ${open ? plural(open, '{n} pair waits for a decision.', '{n} pairs wait for a decision.') : t('Nothing waits for a decision.')}`;
}

function Drawn({ told, again }: { told: IdentityShape; again: () => void }) {
  return (
    <>
      <Head title={t('Identity')} say={said(told)} />
      <Facts
        label={t('Who is who, in numbers')}
        facts={[
          { name: t('People'), value: int(told.people), hint: t('passers-by left out') },
          {
            name: t('Named'),
            value: int(told.named),
            hint: t('by a number or an address: {share}', {
              share: pct1(told.people ? told.named / told.people : null),
            }),
          },
          { name: t('Put together'), value: int(told.merged), hint: t('from more than one identity') },
          { name: t('Shared devices'), value: int(told.shared), hint: t('go by who was logged in') },
          {
            name: t('Kiosks'),
            value: int(told.kiosks),
            hint: plural(told.passers_by, '{n} visit of a passer-by', '{n} visits of passers-by'),
          },
          {
            name: t('Waits for a decision'),
            value: int(told.open_total + told.suggestions_total),
            hint: t('{open} links, {suggestions} suggestions', {
              open: int(told.open_total),
              suggestions: int(told.suggestions_total),
            }),
          },
        ]}
      />
      <Open told={told} again={again} />
      <div className="two">
        <div>
          <Kinds told={told} />
        </div>
        <div>
          <Spread told={told} />
          <Refused told={told} />
        </div>
      </div>
      <Rules told={told} />
      <div className="two">
        <div>
          <Together told={told} />
          <ByHand told={told} again={again} />
        </div>
        <Versions told={told} />
      </div>
    </>
  );
}

const PROVES: Record<string, string> = {
  strong: 'names one person',
  semi: 'very likely does',
  weak: 'is attached, never joins two',
  apart: 'says nothing of who',
};

function Kinds({ told }: { told: IdentityShape }) {
  return (
    <section className="panel">
      <h2>{t('Identities by kind')}</h2>
      <Scroll label={t('Identities by kind')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('kind')}</th>
              <th scope="col">{t('proves')}</th>
              <th scope="col" className="n">
                {t('identities')}
              </th>
              <th scope="col" className="n">
                {t('people')}
              </th>
              <th scope="col" className="n">
                {t('of all people')}
              </th>
            </tr>
          </thead>
          <tbody>
            {told.kinds.map((one) => (
              <tr key={one.kind}>
                <th scope="row">
                  <bdi>{one.kind}</bdi>
                </th>
                <td>
                  <span className={`proof ${one.strength}`}>{t(one.strength)}</span>{' '}
                  <small>{t(PROVES[one.strength] ?? '')}</small>
                </td>
                <td className="n">{int(one.identities)}</td>
                <td className="n">{int(one.people)}</td>
                <td className="n">{pct(told.people ? one.people / told.people : null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Spread({ told }: { told: IdentityShape }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const one = told.sizes.find(([size]) => size === 1)?.[1] ?? 0;
  const largest = told.sizes.at(-1)?.[0] ?? 0;
  return (
    <section className="panel">
      <h2>
        {t('Identities a person')} <small>{t('people, by how many identities they have')}</small>
      </h2>
      <div ref={ref}>
        {width > 0 && (
          <Sizes
            sizes={told.sizes}
            width={width}
            more={LARGE}
            name={t('{one} people have one identity; the largest have {largest}', {
              one: int(one),
              largest: largest > LARGE ? t('more than {n}', { n: LARGE }) : int(largest),
            })}
          />
        )}
      </div>
      <p className="foot">
        {t('{one} of {people} people have a single identity: nothing that was seen connects them with anybody.', {
          one: int(one),
          people: int(told.people),
        })}{' '}
        {largest > LARGE &&
          t('Persons of very many identities are worth a look: an address that many share may have joined them.')}
      </p>
    </section>
  );
}

function Together({ told }: { told: IdentityShape }) {
  const most = Math.max(1, ...told.links.map((one) => one.links));
  return (
    <section className="panel">
      <h2>
        {t('What was seen together')} <small>{t('pairs of identities, by where')}</small>
      </h2>
      <ul className="rows">
        {told.links.map((one) => (
          <li key={one.rule + one.source}>
            <span>
              {t('on the {rule} of', { rule: one.rule })} <bdi>{one.source}</bdi>
            </span>
            <Bar of={one.links} most={most} />
            <b>{int(one.links)}</b>
            <small>{plural(one.times, 'seen once', 'seen {n} times')}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Refused({ told }: { told: IdentityShape }) {
  return (
    <section className="panel">
      <h2>
        {t('What joined nobody')} <small>{t('links that a rule refused; each is kept')}</small>
      </h2>
      {told.refused.length === 0 ? (
        <p className="dim">{t('No link was refused.')}</p>
      ) : (
        <ul className="rows broad">
          {told.refused.map((one) => (
            <li key={one.reason}>
              <span>{one.says}</span>
              <b>{int(one.links)}</b>
              {one.waits ? (
                <Tag kind="note">{plural(one.waits, '{n} waits for you', '{n} wait for you')}</Tag>
              ) : (
                <Tag kind="well">{t('settled by a rule')}</Tag>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
