/** A theme looked at closely: who, where, in which words; without one, what is said at the place in their words. */
import type { Answer } from '../../api/answer';
import { rows } from '../../api/answer';
import { useAddress } from '../../lib/address';
import type { Asked } from '../../lib/export';
import { int, signed1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Go } from '../../ui/go';
import { Num } from '../../ui/people';
import { mine, side } from '../groups';
import { Quote, Times } from './parts';
import { selects } from './ThemeList';
import { ALL, NOWHERE, quotesOf, type Theme } from './themes';

const CHOICES = ['answers', 'text', 'score', 'scale', 'places'];

type Given = { answer: Answer; place: string; theme: string; asked: Asked; scale: string | null };

export function ThemePick({ answer, place, theme, asked, scale }: Given) {
  const whom = useWhom();
  const { query } = useAddress();
  // what is asked about goes along
  const kept = Object.fromEntries(CHOICES.flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : [])));
  const quotes = quotesOf(answer, place, theme || null).slice(0, theme ? 8 : 6);
  const told = mine(rows<Theme>(answer.table)).filter((row) => row.theme === theme && row.touchpoint !== ALL);
  const largest = Math.max(...told.map((row) => row.people), 1);
  const here = place === ALL ? '' : place === NOWHERE ? t('at no touchpoint') : t('at {place}', { place });
  return (
    <section aria-label={t('In their words')}>
      <h2>
        <bdi>{theme || t('In their words')}</bdi> {here && <small>{here}</small>}
      </h2>
      {theme && told.length > 0 && (
        <>
          <h3>{t('Where it is told')}</h3>
          <ul className="where">
            {told.map((row) => (
              <li key={row.touchpoint}>
                <span>{row.touchpoint === NOWHERE ? t('at no touchpoint') : <bdi>{row.touchpoint}</bdi>}</span>
                <i style={{ width: `${(100 * row.people) / largest}%` }} aria-hidden="true" />
                <Num
                  n={row.people}
                  title={t('People who speak of {theme} at {place}', { theme, place: row.touchpoint })}
                  asked={asked}
                  which={{ ...selects(row.touchpoint, theme), ...side(whom) }}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="quotes one">
        {quotes.map((quote) => (
          <Quote
            key={`${quote.theme} ${quote.quote}`}
            text={quote.quote}
            sentiment={quote.sentiment}
            lang={quote.language}
          >
            <Times
              n={quote.times}
              quote={quote.quote}
              asked={asked}
              which={{ ...selectsAll(place, quote.theme), ...side(whom) }}
            />
            <span>{t('stands for {n}', { n: int(quote.stands_for) })}</span>
            {quote.sentiment != null && <span>{t('sounds {x}', { x: signed1(quote.sentiment) })}</span>}
            {quote.score != null && scale && <span>{t('score {score}', { score: quote.score.toFixed(1) })}</span>}
          </Quote>
        ))}
        {quotes.length === 0 && <p className="dim">{t('No remark of it can be read well enough to be quoted.')}</p>}
      </div>
      <div className="acts">
        <Go
          className="btn"
          to={{
            page: 'voice/quotes',
            query: { ...kept, ...(theme ? { theme } : {}), ...(place === ALL ? {} : { touchpoint: place }) },
          }}
        >
          {theme ? t('All quotes of it') : t('All quotes')}
        </Go>
      </div>
    </section>
  );
}

/** Remarks, not people: what is counted in quotes. */
function selectsAll(place: string, theme: string | null): Record<string, unknown> {
  return { ...(place === ALL ? {} : { touchpoint: place }), ...(theme === null ? {} : { theme }) };
}
