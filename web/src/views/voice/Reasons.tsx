/** What people contact us for, what it costs, whether they could have helped themselves, and how it sounds. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import { useAsk } from '../../lib/asking';
import type { Asked } from '../../lib/export';
import { between, dec, FEW, int, money, NONE, pct, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { useWhom } from '../../lib/whom';
import { Choices, Pick, useChoice } from '../../ui/choose';
import { Figure } from '../../ui/figure';
import { Delta } from '../../ui/parts';
import { Num } from '../../ui/people';
import { Notes, Shown } from '../../ui/shown';
import { mine, side, told } from '../groups';
import { type Contacts, contactsOf } from './contacts';
import { Mood } from './parts';
import { type Spoken, useEvery } from './spoken';
import { SURE } from './themes';

type Reason = Row & {
  topic: string;
  issues: number;
  contacts: number;
  with_contacts: number;
  repeat_contacts: number;
  self_service: number;
  leaked: number;
  cost: number | null;
  cost_per_issue: number | null;
  cost_per_issue_low: number | null;
  cost_per_issue_high: number | null;
  contacts_per_100: number | null;
  of_decided_contained: number | null;
  of_decided_contained_low: number | null;
  of_decided_contained_high: number | null;
  sentiment: number | null;
  sentiment_low: number | null;
  sentiment_high: number | null;
  people_with_sentiment: number | null;
  change: number | null;
  change_low: number | null;
  change_high: number | null;
  q_value: number | null;
  quote: string | null;
};

export function Reasons({ spoken }: { spoken: Spoken }) {
  const [text] = useChoice('contacttext', '');
  const contacts = contactsOf(spoken, text);
  if (!contacts)
    return (
      <section className="panel">
        <h2>{t('What they contact us for')}</h2>
        <p className="dim">
          {t(
            'No event here is known as a contact. Say in a journey map which touchpoints are `contact: human`, or under `words` in metrics/*.yaml which events `contact` stands for; import tickets and calls to have them.',
          )}
        </p>
      </section>
    );
  return <Asking spoken={spoken} contacts={contacts} />;
}

function Asking({ spoken, contacts }: { spoken: Spoken; contacts: Contacts }) {
  const whom = useWhom();
  const every = useEvery(spoken.extent);
  const [topic, setTopic] = useChoice('topic', '');
  const [, setText] = useChoice('contacttext', '');
  const fields = { ...contacts.fields, ...(topic ? { topic } : {}), ...(whom.against ? {} : { every }) };
  const load = useAsk('contact_reasons', fields);
  const asked: Asked = { question: 'contact_reasons', fields, whom };
  return (
    <section className="panel">
      <Shown load={load}>
        {(answer) => (
          <Figure title={t('What they contact us for')} source={{ answer, asked }}>
            <p className="say">{told(answer, 3)}</p>
            <Choices
              said={
                <>
                  {t('Contacts:')}{' '}
                  <b>{contacts.map ? t('of the map {map}', { map: contacts.map }) : contacts.tickets}</b>
                  {' · '}
                  {topic ? t('reason in') : t('reason read from')} <b>{topic || contacts.text || 'text'}</b>
                </>
              }
            >
              <Pick
                label={t('Property with the words of a contact')}
                value={contacts.text}
                options={spoken.known.properties}
                onPick={setText}
              />
              <Pick
                label={t('Field that says the reason')}
                value={topic}
                options={[
                  ...(contacts.text ? [`${contacts.text}.intent`, `${contacts.text}.topic`] : []),
                  ...spoken.known.properties,
                ]}
                placeholder={t('what the words say they came for')}
                onPick={setTopic}
              />
            </Choices>
            <Table answer={answer} asked={asked} />
            <Leaks answer={answer} asked={asked} />
            <Notes answer={answer} />
          </Figure>
        )}
      </Shown>
    </section>
  );
}

const named = (topic: string) =>
  topic === 'all' ? t('All') : topic === '(missing)' ? t('no reason told') : topic === '(other)' ? t('others') : topic;

function Table({ answer, asked }: { answer: Answer; asked: Asked }) {
  const whom = useWhom();
  const { workspace } = useSession();
  const reasons = mine(rows<Reason>(answer.table)).filter((row) => row.contacts > 0 || row.self_service > 0);
  if (!reasons.length) return <p className="dim">{t('Nobody contacted us in these dates.')}</p>;
  const costs = reasons.some((row) => row.cost);
  const contained = reasons.some((row) => row.topic !== 'all' && row.self_service > 0);
  const cash = (x: number | null | undefined) => money(x, workspace.currency);
  const head = [t('Reason'), t('People'), t('Contacts'), t('again'), ...(costs ? [t('Cost'), t('each issue')] : [])];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="scrollx" tabIndex={0} aria-label={t('Reasons of contacts')}>
      <table className="table contactreasons">
        <thead>
          <tr>
            {head.map((text, i) => (
              <th key={text} scope="col" className={i ? 'n' : ''}>
                {text}
              </th>
            ))}
            {contained && <th scope="col">{t('Helped themselves')}</th>}
            <th scope="col">{t('How it sounds')}</th>
            <th scope="col">{whom.against ? '' : t('Change')}</th>
          </tr>
        </thead>
        <tbody>
          {reasons.map((row) => (
            <tr key={row.topic} className={row.topic === 'all' ? 'allrow' : ''}>
              <th scope="row">
                <bdi>{named(row.topic)}</bdi>
                {row.quote && (
                  <q>
                    <bdi>{row.quote}</bdi>
                  </q>
                )}
              </th>
              <td className="n">
                <Num
                  n={row.with_contacts}
                  title={t('People who contacted us: {reason}', { reason: named(row.topic) })}
                  asked={asked}
                  which={{
                    who: 'with contacts',
                    ...(row.topic === 'all' ? {} : { topic: row.topic }),
                    ...side(whom),
                  }}
                />
                <small> {t('{x} a 100', { x: dec(row.contacts_per_100) })}</small>
              </td>
              <td className="n">{int(row.contacts)}</td>
              <td className="n">{int(row.repeat_contacts)}</td>
              {costs && (
                <>
                  <td className="n">{cash(row.cost)}</td>
                  <td className="n">
                    {cash(row.cost_per_issue)}{' '}
                    <small className="sure">{between(row.cost_per_issue_low, row.cost_per_issue_high, cash)}</small>
                  </td>
                </>
              )}
              {contained && (
                <td>
                  <Contained row={row} />
                </td>
              )}
              <td>
                <Mood
                  of={{
                    value: row.sentiment,
                    low: row.sentiment_low,
                    high: row.sentiment_high,
                    n: row.people_with_sentiment,
                  }}
                />
              </td>
              <td>
                {row.change != null && (
                  <>
                    <Delta
                      x={row.change}
                      text={points(row.change)}
                      upIsGood={(row.q_value ?? 1) < SURE ? false : null}
                    />{' '}
                    <small className="sure">
                      {between(row.change_low, row.change_high, points)}
                      {(row.q_value ?? 1) >= SURE && ` · ${t('may be chance')}`}
                    </small>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Contained is not resolved: who came to no human may have given up. */
function Contained({ row }: { row: Reason }) {
  if (!row.self_service) return <span className="dim">{NONE}</span>;
  if (row.self_service < FEW) return <span className="dim">{t('{n}: too few', { n: int(row.self_service) })}</span>;
  return (
    <>
      <b>{pct1(row.of_decided_contained)}</b>{' '}
      <small className="sure">
        {between(row.of_decided_contained_low, row.of_decided_contained_high, pct)}{' '}
        {t('of {n} issues', { n: int(row.self_service) })}
      </small>
    </>
  );
}

type Leak = Row & { after: string; channel: string | null; issues: number; of_leaked: number | null };

/** From which self-service they came to which human. */
function Leaks({ answer, asked }: { answer: Answer; asked: Asked }) {
  const whom = useWhom();
  const leaks = mine(extra<Leak>(answer, 'leaks')).slice(0, 6);
  const all = mine(rows<Reason>(answer.table)).find((row) => row.topic === 'all');
  if (!leaks.length || !all?.leaked) return null;
  return (
    <p className="foot">
      <Num
        n={all.leaked}
        title={t('Issues that went from self-service to a human')}
        asked={asked}
        which={{ outcome: 'leaked', ...side(whom) }}
      />{' '}
      {t('issues began in self-service and came to a human:')}{' '}
      {leaks.map((leak, i) => (
        <span key={`${leak.after} ${leak.channel}`}>
          {i > 0 && ', '}
          <bdi>{leak.after}</bdi> → <bdi>{leak.channel ?? t('no channel')}</bdi> {int(leak.issues)} (
          {pct(leak.of_leaked)})
        </span>
      ))}
      .
    </p>
  );
}
