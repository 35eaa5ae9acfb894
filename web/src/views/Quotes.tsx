/** What did they say, in their words? Remarks that stand for the others, found by theme, mood, touchpoint and words. */
import type { ReactNode } from 'react';
import { type Answer, type Row, rows } from '../api/answer';
import { useAsk } from '../lib/asking';
import type { Asked } from '../lib/export';
import { int, signed1 } from '../lib/format';
import { t } from '../lib/i18n';
import { useWhom } from '../lib/whom';
import { Figure } from '../ui/figure';
import { Head } from '../ui/parts';
import { usePeople } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { againstText, mine, side, theirs, thisText, told } from './groups';
import { Chosen, Wanted } from './voice/Chosen';
import { Find, fieldsOf, type Looked, useLooked } from './voice/Find';
import { Quote, Times } from './voice/parts';
import { type Spoken, useEvery, useSpoken } from './voice/spoken';

type Said = Row & {
  quote: string;
  language: string | null;
  times: number;
  stands_for: number;
  sentiment: number | null;
  score?: number | null;
};

export default function Quotes(_: { rest: string }) {
  const spoken = useSpoken();
  if (spoken.busy) return <div className="skel s1" />;
  if (spoken.extent?.events === 0) return <Nothing kind="source" />;
  if (spoken.survey.answers && spoken.survey.text) return <Spoke spoken={spoken} />;
  return (
    <>
      <Head title={t('In their words')} />
      <Wanted spoken={spoken} of="words" />
    </>
  );
}

function Spoke({ spoken }: { spoken: Spoken }) {
  const whom = useWhom();
  const [looked] = useLooked();
  const every = useEvery(spoken.extent);
  // the same question as under Themes, so that it is answered once
  const voice = useAsk('voice', { ...spoken.fields, ...(whom.against ? {} : { every }) });
  const fields = fieldsOf(looked, spoken.fields, spoken.known.names);
  const load = useAsk('quotes', fields);
  const asked: Asked = { question: 'quotes', fields, whom };
  return (
    <>
      <Head
        title={t('In their words')}
        say={load.data ? told(load.data, 2) : t('Remarks that stand for the others, as they were written.')}
      />
      <Chosen spoken={spoken} />
      <Find voice={voice.data} />
      <Shown load={load}>
        {(answer) => (
          <>
            <Drawn answer={answer} asked={asked} looked={looked} />
            <Notes answer={answer} />
          </>
        )}
      </Shown>
    </>
  );
}

function Drawn({ answer, asked, looked }: { answer: Answer; asked: Asked; looked: Looked }) {
  const whom = useWhom();
  const open = usePeople();
  const [, put] = useLooked();
  const all = rows<Said>(answer.table);
  const quotes = mine(all);
  const others = theirs(all);
  const narrowed = looked.words || looked.theme || looked.mood || looked.touchpoint || looked.language;
  if (!quotes.length && !others.length)
    return (
      <div className="empty">
        <h2>{t('Nobody said anything like that')}</h2>
        <p>{t('Among whom and when the chips say, with these words, this theme, mood, touchpoint and language.')}</p>
        {narrowed && (
          <button
            type="button"
            className="btn"
            onClick={() => put({ words: null, theme: null, mood: null, touchpoint: null, language: null })}
          >
            {t('Look for everything')}
          </button>
        )}
      </div>
    );
  const list = (some: Said[], group: 'this' | 'other') => (
    <div className="quotes">
      {some.map((quote) => (
        <One key={quote.quote} quote={quote} asked={asked} words={looked.words} which={side(whom, group)} />
      ))}
      {!some.length && <p className="dim">{t('Nobody.')}</p>}
    </div>
  );
  return (
    <section className="panel">
      <Figure
        title={t('Remarks that stand for the others')}
        hint={t('chosen by a rule: each speaks for most that none before it speaks for')}
        source={{ answer, asked }}
      >
        {others.length || whom.against ? (
          <div className="two sides">
            <section aria-label={thisText(whom)}>
              <h3>
                <bdi>{thisText(whom)}</bdi>
              </h3>
              {list(quotes, 'this')}
            </section>
            <section aria-label={againstText(whom)}>
              <h3>
                <bdi>{againstText(whom)}</bdi>
              </h3>
              {list(others, 'other')}
            </section>
          </div>
        ) : (
          list(quotes, 'this')
        )}
        <div className="acts">
          <button
            type="button"
            className="btn"
            onClick={() => open({ title: t('Everybody who said something like it'), asked, which: side(whom) })}
          >
            {t('Everybody who said something like it')}
          </button>
          {quotes.length >= looked.most && looked.most < 200 && (
            <button type="button" className="btn" onClick={() => put({ most: String(looked.most * 2) })}>
              {t('More quotes')}
            </button>
          )}
        </div>
        <p className="foot">
          {t('E-mail addresses, phone and card numbers, bank accounts and names that introduce themselves are masked.')}{' '}
          {t('The same words are one quote. Who may see people sees whole remarks behind the numbers.')}
        </p>
      </Figure>
    </section>
  );
}

function One(given: { quote: Said; asked: Asked; words: string; which: object }) {
  const { quote, asked, words, which } = given;
  return (
    <Quote text={quote.quote} shown={marked(quote.quote, words)} sentiment={quote.sentiment} lang={quote.language}>
      <Times n={quote.times} quote={quote.quote} asked={asked} which={which} />
      <span>{t('stands for {n}', { n: int(quote.stands_for) })}</span>
      {quote.sentiment != null && <span>{t('sounds {x}', { x: signed1(quote.sentiment) })}</span>}
      {quote.score != null && <span>{t('score {score}', { score: quote.score.toFixed(1) })}</span>}
      {quote.language && <span>{quote.language}</span>}
    </Quote>
  );
}

/** The words that were looked for stand out. */
function marked(text: string, words: string): ReactNode {
  const parts = words.trim().split(/\s+/).filter(Boolean);
  if (!parts.length) return text;
  const found = new RegExp(`(${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'giu');
  // every second piece is what was caught
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move
  return text.split(found).map((piece, i) => (i % 2 ? <mark key={i}>{piece}</mark> : piece));
}
