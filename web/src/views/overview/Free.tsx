/** The overview of a workspace without journey maps: who is active, who comes back, and which ways people take. */
import { useMemo } from 'react';
import { type Answer, rows } from '../../api/answer';
import { Columns } from '../../charts/Columns';
import { useAsk } from '../../lib/asking';
import { between, FEW, int, pct, pct1, short } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { plural, t } from '../../lib/i18n';
import { useMay } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Go } from '../../ui/go';
import { Num, usePeople } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';

export type LifeRow = {
  bucket: string;
  over: boolean;
  active: number;
  new: number;
  returning: number;
  resurrected: number;
  dormant: number;
  of_before: number | null;
  of_before_low: number | null;
  of_before_high: number | null;
};
type PathRow = { path: string; people: number; left: number; undecided: number };

const PARTS = [
  { name: 'returning', className: 'p-ret' },
  { name: 'resurrected', className: 'p-res' },
  { name: 'new', className: 'p-new' },
];

export function Free({ life }: { life: ReturnType<typeof useAsk> }) {
  const paths = useAsk('paths', {}, { against: '' });
  const may = useMay('analyst');
  return (
    <div className="two w64">
      <section className="panel">
        <Shown load={life}>{(answer) => <Activity answer={answer} />}</Shown>
      </section>
      <section className="panel">
        <Shown load={paths}>{(answer) => <Ways answer={answer} />}</Shown>
        <h2 className="mt">{t('There is no journey map yet')}</h2>
        <p className="foot">
          {t('With a map this page says who gets to the goal, what hurts on the way, and what it costs.')}{' '}
          {may && <Go to={{ page: 'journeys/edit' }}>{t('Draw one')}</Go>}
        </p>
      </section>
    </div>
  );
}

function Activity({ answer }: { answer: Answer }) {
  const whom = useWhom();
  const open = usePeople();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = useMemo(() => {
    const found = rows<LifeRow>(answer.table);
    const first = found.findIndex((row) => row.active > 0);
    return found.slice(Math.max(0, first)).slice(-52);
  }, [answer]);
  const columns = useMemo(
    () => all.map((row) => ({ name: row.bucket, values: [row.returning, row.resurrected, row.new], open: !row.over })),
    [all],
  );
  const asked = { question: 'lifecycle', fields: {}, whom: { ...whom, against: '' } };
  const told = (i: number) => {
    const row = all[i] as LifeRow;
    return t('{bucket}: {active} active, {fresh} new, {back} returning, {again} back after a pause{open}', {
      bucket: row.bucket,
      active: int(row.active),
      fresh: int(row.new),
      back: int(row.returning),
      again: int(row.resurrected),
      open: row.over ? '' : ` (${t('not over yet')})`,
    });
  };
  return (
    <Figure title={t('Active people')} hint={t('by week; the last may not be over')} source={{ answer, asked }}>
      <div ref={ref}>
        {width > 0 && (
          <Columns
            columns={columns}
            parts={PARTS}
            width={width}
            height={220}
            name={answer.words.join(' ')}
            written={short}
            told={told}
            onPick={(i) =>
              open({
                title: t('Active in {bucket}', { bucket: all[i]?.bucket ?? '' }),
                asked,
                which: { bucket: all[i]?.bucket, state: 'active' },
              })
            }
          />
        )}
      </div>
      <p className="legend">
        <span className="kx">
          <i className="sw p-new" /> {t('new')}
        </span>
        <span className="kx">
          <i className="sw p-res" /> {t('back after a pause')}
        </span>
        <span className="kx">
          <i className="sw p-ret" /> {t('returning')}
        </span>
      </p>
      <Notes answer={answer} />
    </Figure>
  );
}

function Ways({ answer }: { answer: Answer }) {
  const whom = useWhom();
  const all = rows<PathRow>(answer.table).filter((row) => row.path !== '(other)');
  const whole = rows<{ everyone: number }>(answer.extras.depths)[0]?.everyone ?? 0;
  const asked = { question: 'paths', fields: {}, whom: { ...whom, against: '' } };
  return (
    <Figure
      title={t('Most frequent paths')}
      hint={t('of {n} people', { n: int(whole) })}
      source={{ answer, asked }}
      tools={<Go to={{ page: 'journeys/paths' }}>{t('All paths')}</Go>}
    >
      <ol className="rank">
        {all.slice(0, 6).map((row, i) => (
          <li key={row.path}>
            <span className="n">{i + 1}</span>
            <div className="b">
              <b className="clamp" title={row.path}>
                {row.path.split(' > ').map((name, k) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a path may come by one name twice, and never moves
                  <span key={k}>
                    {k > 0 && ' → '}
                    <bdi>{name}</bdi>
                  </span>
                ))}
              </b>
              <span className="rk" aria-hidden="true">
                <i className="mid" style={{ width: `${(100 * row.people) / Math.max(1, all[0]?.people ?? 1)}%` }} />
              </span>
            </div>
            <span className="v">
              <Num n={row.people} title={row.path} asked={asked} which={{ path: row.path }} />
              <small>{pct1(whole ? row.people / whole : null)}</small>
            </span>
          </li>
        ))}
      </ol>
    </Figure>
  );
}

/** What the weeks say, in a sentence for the heading: of the latest that is over and not nearly empty. */
export function lifeline(answer: Answer): { head: string; say: string } | null {
  const over = rows<LifeRow>(answer.table).filter((row) => row.over && row.active > 0);
  const last = over.findLast((row) => row.active >= FEW) ?? over.at(-1);
  if (!last) return null;
  const before = over[over.indexOf(last) - 1];
  return {
    head: plural(
      last.active,
      '{n} person was active in {bucket}; {fresh} of them new.',
      '{n} people were active in {bucket}; {fresh} of them were new.',
      { bucket: last.bucket.replaceAll('-', '\u2011'), fresh: int(last.new) },
    ),
    say:
      last.of_before === null || !before || before.active < FEW
        ? ''
        : t('Of the {n} active in the week before, {share} came again (95% interval {interval}).', {
            n: int(before.active),
            share: pct(last.of_before),
            interval: between(last.of_before_low, last.of_before_high, pct1),
          }),
  };
}
