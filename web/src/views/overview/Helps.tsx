/** What goes with reaching the goal: what people did early on, beside what became of them later.

Asked as `behaviours`: everybody is watched equally long, and only what comes after that counts as reaching the goal. */
import { type Answer, rows } from '../../api/answer';
import { go, useAddress } from '../../lib/address';
import { useAsk } from '../../lib/asking';
import { between, int, pct, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { quoted, useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Menu } from '../../ui/parts';
import { Num } from '../../ui/people';
import { Shown } from '../../ui/shown';

type BehaviourRow = {
  behaviour: string;
  times: number | null;
  people: number;
  of_did: number | null;
  of_did_not: number | null;
  of_more: number | null;
  of_more_low: number | null;
  of_more_high: number | null;
  verdict: string;
  structural: boolean;
};
type MapForm = { goal?: string | string[]; gives_up_after?: string };

const SHOWN = 4;
const EARLY = ['1 minute', '15 minutes', '1 hour', '1 day', '7 days', '30 days'];
const SECONDS: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };

const seconds = (text: string) => {
  const found = /^([\d.]+)\s*(second|minute|hour|day|week)s?$/.exec(text.trim());
  return found ? Number(found[1]) * (SECONDS[found[2] as string] ?? 1) : Number.NaN;
};

/** How early counts as early: the longest that leaves most of the time in which the goal may be reached. */
export function early(window: string): string {
  const whole = seconds(window);
  return EARLY.findLast((one) => seconds(one) <= whole / 24) ?? (EARLY[0] as string);
}

/** A goal of several events, or one, as a filter or name. */
const goalOf = (goal: string | string[]) =>
  Array.isArray(goal)
    ? goal.map((one) => (/[=<>'"(]/.test(one) ? `(${one})` : `name = ${quoted(one)}`)).join(' or ')
    : goal;

export function Helps({ answer, map }: { answer: Answer; map: string }) {
  const { query } = useAddress();
  const whom = useWhom();
  const form = (answer.question.map ?? {}) as MapForm;
  const window = form.gives_up_after ?? '30 days';
  const asEarly = query.get('early');
  const within = asEarly && seconds(asEarly) < seconds(window) ? asEarly : early(window);
  const fields = form.goal ? { goal: goalOf(form.goal), within, window, times: [1] } : null;
  const over = { unit: `journey:${map}`, against: '' };
  const load = useAsk(fields ? 'behaviours' : null, fields ?? {}, over);
  if (!fields) return null;
  const asked = { question: 'behaviours', fields, whom: { ...whom, ...over } };
  const choice = (
    <Menu
      ghost
      label={t('Done within')}
      value={within}
      options={EARLY.filter((one) => seconds(one) < seconds(window)).map((one) => ({ value: one, text: t(one) }))}
      onPick={(value) => go({ query: { early: value } }, true)}
    />
  );
  return (
    <Figure
      title={t('What helps')}
      hint={t('goes with reaching the goal')}
      tools={choice}
      {...(load.data ? { source: { answer: load.data, asked } } : {})}
    >
      <Shown load={load}>{(found) => <List answer={found} asked={asked} within={within} />}</Shown>
    </Figure>
  );
}

function List(given: {
  answer: Answer;
  asked: { question: string; fields: Record<string, unknown>; whom: ReturnType<typeof useWhom> };
  within: string;
}) {
  const all = rows<BehaviourRow>(given.answer.table).filter((row) => !row.structural);
  const compared = all.filter((row) => row.verdict !== 'too few');
  const good = compared
    .filter((row) => row.verdict === 'associated' && (row.of_more ?? 0) > 0)
    .sort((a, b) => (b.of_more ?? 0) - (a.of_more ?? 0))
    .slice(0, SHOWN);
  const most = Math.max(...good.map((row) => row.of_more ?? 0), 1e-9);
  return (
    <>
      {good.length === 0 && (
        <p className="dim">
          {compared.length
            ? t('Of {n} things that people did within {within}, none goes with reaching the goal beyond chance.', {
                n: int(compared.length),
                within: t(given.within),
              })
            : t('Too few did anything else within {within} to tell.', { within: t(given.within) })}
        </p>
      )}
      <ol className="rank">
        {good.map((row, i) => (
          <li key={row.behaviour}>
            <span className="n">{i + 1}</span>
            <div className="b">
              <b>
                <bdi>{row.behaviour}</bdi>
              </b>
              <small>
                <Num
                  n={row.people}
                  title={t('{behaviour} within {within}', { behaviour: row.behaviour, within: t(given.within) })}
                  asked={given.asked}
                  which={{ behaviour: row.behaviour, times: row.times ?? 1 }}
                />{' '}
                {t('journeys · {did} of them reach the goal later, {not} of the others', {
                  did: pct(row.of_did),
                  not: pct(row.of_did_not),
                })}
              </small>
              <span className="rk" aria-hidden="true">
                <i className="good" style={{ width: `${(100 * (row.of_more ?? 0)) / most}%` }} />
              </span>
            </div>
            <span className="v">
              {points(row.of_more)}
              <small>{between(row.of_more_low, row.of_more_high, points)}</small>
              <small className="grade">{t('associated')}</small>
            </span>
          </li>
        ))}
      </ol>
      <p className="foot">
        {t(
          'What was done within {within}, beside who reached the goal after it. Whether it brings the goal about only a test can say.',
          { within: t(given.within) },
        )}
      </p>
    </>
  );
}
