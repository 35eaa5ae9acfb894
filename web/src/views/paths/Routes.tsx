/** The most frequent whole ways: of those who got there, beside those who left; each with its people and its time. */
import type { Answer } from '../../api/answer';
import type { Asked } from '../../lib/export';
import { between, duration, FEW, int, pct1, points } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { Figure } from '../../ui/figure';
import { Num } from '../../ui/people';
import { type Choice, choose, counted } from './choice';
import { OTHER, type PathRow, pathOf, type Told, touchpointsOf } from './tree';

const SHOWN = 8;
type Kind = 'converted' | 'left' | 'people';
type Given = { told: Told; choice: Choice; answer: Answer; asked: Asked };

export function Way({ steps }: { steps: string[] }) {
  const seen = new Set<string>();
  return (
    <span className="steps">
      {steps.map((step, i) => {
        const again = seen.has(step);
        seen.add(step);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: one step may come twice
          <span key={i} className={again ? 'again' : ''}>
            <bdi>{step}</bdi>
          </span>
        );
      })}
    </span>
  );
}

function Facts({ row, kind }: { row: PathRow; kind: Kind }) {
  const decided = row.decided ?? 0;
  if (kind === 'people') return row.undecided ? t('{n} undecided', { n: int(row.undecided) }) : null;
  const tells = row.of_more_low != null && row.of_more_high != null && (row.of_more_low > 0 || row.of_more_high < 0);
  return (
    <>
      {decided < FEW
        ? t('{n} of {of} decided get there', { n: int(row.decided_converted ?? 0), of: int(decided) })
        : t('{rate} [{interval}] of {n} decided get there', {
            rate: pct1(row.of_decided),
            interval: between(row.of_decided_low, row.of_decided_high, pct1),
            n: int(decided),
          })}
      {row.of_more != null && tells && (
        <>
          {' · '}
          {t('{more} against ways of as many steps', { more: points(row.of_more) })}
        </>
      )}
      {(row.undecided ?? 0) > 0 && (
        <>
          {' · '}
          {t('{n} undecided', { n: int(row.undecided) })}
        </>
      )}
    </>
  );
}

function One({
  row,
  kind,
  most,
  of,
  told,
  asked,
}: { row: PathRow; kind: Kind; most: number; of: number } & Pick<Given, 'told' | 'asked'>) {
  const n = (kind === 'people' ? row.people : row[kind]) ?? 0;
  const steps = touchpointsOf(row.path, told);
  const which = { ...told.group, path: pathOf(row.path, told), ...(kind === 'people' ? {} : { outcome: kind }) };
  return (
    <li>
      <div className="rbar" aria-hidden="true">
        <i
          className={kind === 'converted' ? 'goal' : kind === 'left' ? 'hatchbar' : 'flow'}
          style={{ width: `${Math.max(1.5, (100 * n) / most)}%` }}
        />
      </div>
      <span className="rn">
        <Num n={n} title={steps.join(' › ')} asked={asked} which={which} />{' '}
        <small>{of < FEW ? '' : pct1(n / of)}</small>
      </span>
      <span>
        <Way steps={steps} />
        {(kind !== 'people' || (row.undecided ?? 0) > 0) && (
          <small className="wayfacts">
            <Facts row={row} kind={kind} />
          </small>
        )}
      </span>
      <small className="md">
        {kind === 'converted' && row.median_seconds != null && (
          <>
            {duration(row.median_seconds)}
            {row.median_low_seconds != null && (
              <>
                <br />
                {between(row.median_low_seconds, row.median_high_seconds, duration)}
              </>
            )}
          </>
        )}
      </small>
    </li>
  );
}

function List({ kind, title, given }: { kind: Kind; title: string; given: Given }) {
  const { told, choice, answer, asked } = given;
  const value = (row: PathRow) => (kind === 'people' ? row.people : row[kind]) ?? 0;
  const all = told.paths.filter((row) => row.path !== OTHER && value(row) > 0).sort((a, b) => value(b) - value(a));
  const of = kind === 'people' ? told.everyone : told.total[kind];
  const shown = all.slice(0, SHOWN);
  const most = Math.max(1, ...shown.map(value));
  const rest = of - shown.reduce((a, row) => a + value(row), 0);
  return (
    <section className="panel">
      <Figure title={title} hint={counted(of, choice)} source={{ answer, asked }}>
        {shown.length === 0 && <p className="dim">{t('Nobody.')}</p>}
        <ol className="routes">
          {shown.map((row) => (
            <One key={row.path} row={row} kind={kind} most={most} of={of} told={told} asked={asked} />
          ))}
        </ol>
        {rest > 0 && (
          <p className="foot">
            {plural(rest, '{n} more took other ways.', '{n} more took other ways.')}{' '}
            {all.length <= SHOWN && (
              <button type="button" className="link" onClick={() => choose({ most: String(choice.most * 3) })}>
                {t('Tell more ways apart')}
              </button>
            )}
            {kind === 'converted' && ` ${t('At the right: the median time, with its interval.')}`}
          </p>
        )}
      </Figure>
    </section>
  );
}

export function Routes(given: Given) {
  if (!given.told.goal) return <List kind="people" title={t('The most frequent ways')} given={given} />;
  return (
    <div className="two">
      <List kind="converted" title={t('Got there')} given={given} />
      <List kind="left" title={t('Left on the way')} given={given} />
    </div>
  );
}
