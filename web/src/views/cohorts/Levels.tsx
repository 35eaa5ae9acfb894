/** How much of it all comes from the most engaged: levels of people by what they do. */
import { type Answer, rows } from '../../api/answer';
import { useAsk } from '../../lib/asking';
import { between, FEW, int, pct1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { useChoice } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { Switch } from '../../ui/parts';
import { Num } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { mine, side } from '../groups';

type Level = {
  level: string;
  people: number;
  of_people: number | null;
  of_people_low: number | null;
  of_people_high: number | null;
  from: number | null;
  total: number;
  of_total: number | null;
} & Record<string, never>;

export function Levels({ event }: { event: string }) {
  const [by, put] = useChoice<string>('by', 'events');
  const fields = { ...(event ? { event } : {}), by, levels: ['1 %', '10 %', '20 %', '50 %'] };
  const load = useAsk('engagement', fields);
  return (
    <section className="panel">
      <Shown load={load}>{(answer) => <Drawn answer={answer} fields={fields} by={by} put={put} />}</Shown>
    </section>
  );
}

function Drawn(given: { answer: Answer; fields: Record<string, unknown>; by: string; put: (by: string) => void }) {
  const { answer, fields, by, put } = given;
  const whom = useWhom();
  const asked = { question: 'engagement', fields, whom };
  const all = mine(rows<Level>(answer.table)).filter((row) => row.people > 0);
  const few = all.reduce((sum, row) => sum + row.people, 0) < FEW;
  const what = by === 'days' ? t('active days') : by === 'names' ? t('different events') : t('events');
  return (
    <Figure
      title={t('How engaged')}
      hint={t('people by their number of {what}', { what })}
      source={{ answer, asked }}
      tools={
        <Switch
          label={t('By')}
          value={by}
          options={[
            ['events', t('events')],
            ['days', t('days')],
          ]}
          onPick={put}
        />
      }
    >
      <p className="saysmall">{answer.words.join(' ')}</p>
      <table className="bars">
        <caption className="sr">{t('Levels of engagement')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('level')}</th>
            <th scope="col" className="n">
              {t('people')}
            </th>
            <th scope="col">{t('share of all')}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((row, i) => (
            <tr key={row.level}>
              <th scope="row">
                {i > 0 && row.level.startsWith('top') ? t('next, up to {level}', { level: row.level }) : row.level}
                {row.from !== null && <small> {t('from {n}', { n: int(row.from) })}</small>}
              </th>
              <td className="n">
                <Num n={row.people} title={row.level} asked={asked} which={{ ...side(whom), level: row.level }} />
                {!few && <small> {between(row.of_people_low, row.of_people_high, pct1)}</small>}
              </td>
              <td>
                <span className="rk" aria-hidden="true">
                  <i style={{ width: `${100 * Math.max(0, Math.min(1, row.of_total ?? 0))}%` }} />
                </span>
                <b>{pct1(row.of_total)}</b>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Notes answer={answer} />
    </Figure>
  );
}
