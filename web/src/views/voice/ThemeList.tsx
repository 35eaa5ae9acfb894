/** The themes of a place, one row each: how many speak of it, how it sounds, how they score, whether it grew. */
import type { Answer } from '../../api/answer';
import type { Asked } from '../../lib/export';
import { between, FEW, int, pct, pct1, points } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Delta } from '../../ui/parts';
import { Num } from '../../ui/people';
import { side } from '../groups';
import { Mood, Sure } from './parts';
import { scaleName, scoreText } from './spoken';
import { ALL, changeOf, spokeThere, type Theme } from './themes';

type Given = {
  answer: Answer;
  themes: Theme[];
  place: string;
  scale: string | null;
  picked: string;
  asked: Asked;
  onPick: (theme: string) => void;
};

/** What selects the people of a line. */
export function selects(place: string, theme?: string): Record<string, unknown> {
  return { ...(place === ALL ? {} : { touchpoint: place }), ...(theme === undefined ? {} : { theme }), first: true };
}

export function ThemeList(given: Given) {
  const { answer, themes, place, scale, picked, asked, onPick } = given;
  const whom = useWhom();
  const there = spokeThere(themes);
  const most = Math.max(...themes.map((row) => row.of_people_there_high ?? 0), 0.01);
  return (
    <>
      <div className="thead" aria-hidden="true">
        <span>{t('Theme')}</span>
        <span>{t('People')}</span>
        <span>{t('How it sounds')}</span>
        {scale && <span>{scaleName(scale)}</span>}
        <span>{whom.against ? t('Against the others') : t('Change')}</span>
      </div>
      <ul className={`themes${scale ? '' : ' noscore'}`} aria-label={t('Themes')}>
        {themes.map((row) => (
          <li key={row.theme} className={row.theme === picked ? 'on' : ''}>
            <div className="th">
              <button type="button" aria-pressed={row.theme === picked} onClick={() => onPick(row.theme)}>
                <bdi>{row.theme}</bdi>
              </button>
              {row.new && <span className="newtag">{t('new')}</span>}
              <span className="tbar" aria-hidden="true">
                <i style={{ width: `${(100 * (row.of_people_there ?? 0)) / most}%` }} />
                {row.of_people_there_low != null && row.of_people_there_high != null && (
                  <b
                    style={{
                      insetInlineStart: `${(100 * row.of_people_there_low) / most}%`,
                      width: `${(100 * (row.of_people_there_high - row.of_people_there_low)) / most}%`,
                    }}
                  />
                )}
              </span>
              {row.quote && (
                <q>
                  <bdi>{row.quote}</bdi>
                </q>
              )}
            </div>
            <div>
              <small className="vlab">{t('People')} </small>
              <Num
                n={row.people}
                title={t('People who speak of {theme}', { theme: row.theme })}
                asked={asked}
                which={{ ...selects(place, row.theme), ...side(whom) }}
              />{' '}
              <Share row={row} there={there} />
            </div>
            <div>
              <small className="vlab">{t('How it sounds')} </small>
              <Mood
                of={{
                  value: row.sentiment,
                  low: row.sentiment_low,
                  high: row.sentiment_high,
                  n: row.people_with_sentiment,
                }}
              />
            </div>
            {scale && (
              <div>
                <small className="vlab">{scaleName(scale)} </small>
                <Sure
                  of={{ value: row.score, low: row.score_low, high: row.score_high, n: row.people_with_score }}
                  write={(x) => scoreText(scale, x)}
                />
              </div>
            )}
            <div>
              <small className="vlab">{whom.against ? t('Against the others') : t('Change')} </small>
              <Changed answer={answer} row={row} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Share({ row, there }: { row: Theme; there: number | null }) {
  if (there !== null && there < FEW) return <small>{t('of {n}: too few for a share', { n: int(there) })}</small>;
  return (
    <>
      <span>{pct(row.of_people_there)}</span>{' '}
      <small className="sure">
        {between(row.of_people_there_low, row.of_people_there_high, pct1)}{' '}
        {there !== null && t('of {n}', { n: int(there) })}
      </small>
    </>
  );
}

/** More is neither good nor bad by itself: a complaint that grows is bad, praise that grows is good. */
function Changed({ answer, row }: { answer: Answer; row: Theme }) {
  const change = changeOf(answer, row);
  if (!change) return <span className="dim">–</span>;
  const goodWhenMore = row.sentiment == null || Math.abs(row.sentiment) < 0.5 ? null : row.sentiment > 0;
  return (
    <>
      <Delta x={change.by} text={points(change.by)} upIsGood={change.sure ? goodWhenMore : null} />{' '}
      <small className="sure">
        {between(change.low, change.high, points)}
        {!change.sure && change.low != null && ` · ${t('may be chance')}`}
      </small>
    </>
  );
}
