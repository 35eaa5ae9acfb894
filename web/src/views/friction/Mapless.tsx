/** Friction that is seen without a journey map: where people stop, what they do again and again, where they go back. */
import { useMemo } from 'react';
import { type Answer, extra, rows } from '../../api/answer';
import { go, useAddress } from '../../lib/address';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { between, duration, FEW, int, pct1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Pick } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { Go } from '../../ui/go';
import { Head } from '../../ui/parts';
import { Num } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';

type ExitRow = {
  touchpoint: string;
  met: number;
  decided: number;
  exits: number;
  of_met: number | null;
  of_met_low: number | null;
  of_met_high: number | null;
};
type MoveRow = {
  from: string;
  to: string;
  times: number;
  people: number;
  of_people: number | null;
  of_people_low: number | null;
  of_people_high: number | null;
  median_seconds: number | null;
};
const SHOWN = 10;
const WITHIN = '30 days';
/** What fewer do of those who came by is no pattern. */
const RARE = 0.005;
const moves = { most: 200, within: WITHIN };

function Rate({ value, low, high, of }: { value: number | null; low: number | null; high: number | null; of: number }) {
  if (of < FEW || value === null) return <small>{t('of {n}, too few', { n: int(of) })}</small>;
  return (
    <>
      <b>{pct1(value)}</b>{' '}
      <small>
        [{between(low, high, pct1)}] {t('of {n}', { n: int(of) })}
      </small>
    </>
  );
}

function Exits({ answer, asked, within }: { answer: Answer; asked: Asked; within: string }) {
  const all = rows<ExitRow>(answer.table).filter((row) => row.exits > 0 && !row.touchpoint.startsWith('('));
  return (
    <Figure
      title={t('Where people stop')}
      hint={t('nothing more came within {within}', { within })}
      source={{ answer, asked }}
    >
      {all.length === 0 && <p className="dim">{t('Nobody is known to have stopped yet.')}</p>}
      <ol className="rank">
        {all.slice(0, SHOWN).map((row, i) => (
          <li key={row.touchpoint}>
            <span className="n" aria-hidden="true">
              {i + 1}
            </span>
            <div className="b">
              <Go to={{ page: 'journeys/paths', query: { start: row.touchpoint } }}>
                <bdi>{row.touchpoint}</bdi>
              </Go>
              <small>
                <Rate value={row.of_met} low={row.of_met_low} high={row.of_met_high} of={row.decided} />{' '}
                {t('who came by and are decided')}
              </small>
            </div>
            <span className="v">
              <Num
                n={row.exits}
                title={t('Stopped at {name}', { name: row.touchpoint })}
                asked={asked}
                which={{ touchpoint: row.touchpoint, outcome: 'exits' }}
              />
            </span>
          </li>
        ))}
      </ol>
      <Notes answer={answer} />
    </Figure>
  );
}

function Again({ answer, asked }: { answer: Answer; asked: Asked }) {
  const found = useMemo(() => {
    const all = rows<MoveRow>(answer.table).filter((row) => !`${row.from}${row.to}`.includes('('));
    const met = new Map(
      extra<{ touchpoint: string; people: number }>(answer, 'touchpoints').map((row) => [row.touchpoint, row.people]),
    );
    const order = new Map(all.map((row) => [`${row.from}\n${row.to}`, row]));
    const often = all.filter((row) => (row.of_people ?? 0) >= RARE);
    const again = often.filter((row) => row.from === row.to);
    // the rarer of the two directions between touchpoints is the way back
    const back = often.filter((row) => {
      const other = order.get(`${row.to}\n${row.from}`);
      return row.from !== row.to && other !== undefined && other.people > row.people;
    });
    const by = (a: MoveRow, b: MoveRow) => b.people - a.people;
    return [...again, ...back]
      .sort(by)
      .slice(0, SHOWN)
      .map((row) => ({ row, of: met.get(row.from) ?? 0 }));
  }, [answer]);
  const title = (row: MoveRow) =>
    row.from === row.to
      ? t('{name} again', { name: row.from })
      : t('Back from {from} to {to}', { from: row.from, to: row.to });
  return (
    <Figure
      title={t('What they do again, and where they go back')}
      hint={t('the next step, within {within}', { within: WITHIN })}
      source={{ answer, asked }}
    >
      {found.length === 0 && <p className="dim">{t('Nobody did anything twice in a row, or went back.')}</p>}
      <ol className="rank">
        {found.map(({ row, of }, i) => (
          <li key={`${row.from}\n${row.to}`}>
            <span className="n" aria-hidden="true">
              {i + 1}
            </span>
            <div className="b">
              <b>
                <bdi>{title(row)}</bdi>
              </b>
              <small>
                <Rate value={row.of_people} low={row.of_people_low} high={row.of_people_high} of={of} />{' '}
                {t('who came by · {times} times · median {time}', {
                  times: int(row.times),
                  time: duration(row.median_seconds),
                })}
              </small>
            </div>
            <span className="v">
              <Num n={row.people} title={title(row)} asked={asked} which={{ from: row.from, to: row.to }} />
            </span>
          </li>
        ))}
      </ol>
      <p className="foot">
        {t('A repeat may be wanted. What it costs is told once a journey map says what is expected.')}
      </p>
    </Figure>
  );
}

export function Mapless() {
  const { query } = useAddress();
  const within = query.get('within') ?? WITHIN;
  const whom = useWhom();
  const exits = useAsk('exits', { within });
  const next = useAsk('transitions', moves);
  return (
    <>
      <Head
        title={t('Friction')}
        say={
          <>
            {t(
              'Without a journey map it is seen where people stop and what they repeat. With one, each hot spot is held against others who had come as far, and has a price.',
            )}{' '}
            <Go className="link" to={{ page: 'journeys/edit' }}>
              {t('Draw a map')}
            </Go>
          </>
        }
      >
        <Pick
          label={t('Stopped after')}
          value={within}
          options={['1 hour', '1 day', '7 days', '30 days', '90 days']}
          onPick={(value) => go({ query: { within: value && value !== WITHIN ? value : null } })}
        />
      </Head>
      <div className="two">
        <section className="panel">
          <Shown load={exits}>
            {(answer) => (
              <Exits answer={answer} within={within} asked={{ question: 'exits', fields: { within }, whom }} />
            )}
          </Shown>
        </section>
        <section className="panel">
          <Shown load={next}>
            {(answer) => <Again answer={answer} asked={{ question: 'transitions', fields: moves, whom }} />}
          </Shown>
        </section>
      </div>
    </>
  );
}
