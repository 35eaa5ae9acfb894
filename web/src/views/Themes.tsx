/** What do people speak of, where, how does it sound, and what has changed? */
import type { Answer } from '../api/answer';
import { extra } from '../api/answer';
import { go, useAddress } from '../lib/address';
import { Aside, useAsk } from '../lib/asking';
import type { Asked } from '../lib/export';
import { int } from '../lib/format';
import { t } from '../lib/i18n';
import { useWhom } from '../lib/whom';
import { Select, useChoice } from '../ui/choose';
import { Figure } from '../ui/figure';
import { Head, Switch } from '../ui/parts';
import { Num } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { side, told } from './groups';
import { Along } from './voice/Along';
import { Changed } from './voice/Changed';
import { Chosen, Wanted } from './voice/Chosen';
import { Matrix } from './voice/Matrix';
import { Reasons } from './voice/Reasons';
import { type Spoken, useEvery, useSpoken } from './voice/spoken';
import { ThemeList } from './voice/ThemeList';
import { ThemePick } from './voice/ThemePick';
import { Trends } from './voice/Trends';
import { ALL, NOWHERE, type Order, ordered, placesOf, themesOf } from './voice/themes';

export default function Themes(_: { rest: string }) {
  const spoken = useSpoken();
  if (spoken.busy) return <div className="skel s1" />;
  if (spoken.extent?.events === 0) return <Nothing kind="source" />;
  const asks = spoken.survey.answers && spoken.survey.text;
  return (
    <>
      {asks ? (
        <Spoke spoken={spoken} />
      ) : (
        <>
          <Head title={t('What people say')} />
          <Wanted spoken={spoken} of="words" />
        </>
      )}
      <Aside value>
        <Reasons spoken={spoken} />
        <Trends spoken={spoken} />
      </Aside>
    </>
  );
}

function Spoke({ spoken }: { spoken: Spoken }) {
  const whom = useWhom();
  const every = useEvery(spoken.extent);
  const fields = { ...spoken.fields, ...(whom.against ? {} : { every }) };
  const load = useAsk('voice', fields);
  return (
    <Shown load={load}>
      {(answer) => (
        <>
          <Head title={t('What people say')} say={told(answer, 4)} />
          <Chosen spoken={spoken} />
          {themesOf(answer, ALL).length === 0 && placesOf(answer).length === 0 ? (
            <Silent answer={answer} spoken={spoken} />
          ) : (
            <Drawn answer={answer} spoken={spoken} asked={{ question: 'voice', fields, whom }} />
          )}
          <Notes answer={answer} />
          {spoken.survey.score && <Changed spoken={spoken} />}
        </>
      )}
    </Shown>
  );
}

/** Nobody said anything that can be told apart: of these dates and people, or of these events at all. */
function Silent({ answer, spoken }: { answer: Answer; spoken: Spoken }) {
  const { query } = useAddress();
  const said = extra(answer, 'languages').reduce((n, row) => n + Number(row.remarks ?? 0), 0);
  if (said > 0)
    return (
      <p className="say">
        {t(
          'There are {n} remarks, too few different ones to find themes in; 40 are needed. Their words are under Quotes.',
          {
            n: int(said),
          },
        )}
      </p>
    );
  if (query.get('dates')) return <Nothing kind="dates" />;
  if (query.get('people') || query.get('channel') || query.get('filter')) return <Nothing kind="filter" />;
  return (
    <div className="empty">
      <p>
        {t('None of these events has words in {text}. Choose other events or another property above.', {
          text: spoken.survey.text,
        })}
      </p>
    </div>
  );
}

function Drawn({ answer, spoken, asked }: { answer: Answer; spoken: Spoken; asked: Asked }) {
  const whom = useWhom();
  const every = useEvery(spoken.extent);
  const [order, setOrder] = useChoice<Order>('order', 'size');
  const [place] = useChoice('touchpoint', ALL);
  const [picked] = useChoice('theme', '');
  const scale = spoken.survey.score ? spoken.survey.scale : null;
  const places = placesOf(answer);
  const themes = ordered(answer, themesOf(answer, place), order);
  const toPlace = (touchpoint: string) =>
    go({ query: { touchpoint: touchpoint === ALL || touchpoint === place ? null : touchpoint, theme: null } });
  const languages = extra(answer, 'languages').filter((row) => !row.group || row.group === 'this');
  return (
    <>
      <Along answer={answer} asked={asked} scale={scale} onPick={toPlace} />
      <div className="two w64">
        <section className="panel">
          <Figure
            title={t('Themes')}
            hint={place === ALL ? t('everywhere') : place === NOWHERE ? t('at no touchpoint') : place}
            source={{ answer, asked }}
          >
            <div className="switches">
              <Select
                label={t('About')}
                value={place}
                options={[
                  [ALL, t('everything')],
                  ...places.map(
                    (row) =>
                      [
                        row.touchpoint,
                        `${row.touchpoint === NOWHERE ? t('no touchpoint') : row.touchpoint} (${int(row.people)})`,
                      ] as [string, string],
                  ),
                ]}
                onPick={toPlace}
              />
              <Switch
                label={t('Order')}
                value={order}
                options={[
                  ['size', t('Most told')],
                  ['mood', t('Worst first')],
                  ['change', t('Changed most')],
                ]}
                onPick={setOrder}
              />
            </div>
            {themes.length > 0 ? (
              <ThemeList
                answer={answer}
                themes={themes}
                place={place}
                scale={scale}
                picked={picked}
                asked={asked}
                onPick={(theme) => go({ query: { theme: theme === picked ? null : theme } }, true)}
              />
            ) : (
              <p className="dim">{t('No theme is told here.')}</p>
            )}
            <p className="foot">
              {t(
                'Of several remarks of a person the mean mood and the last score count, and one person. −5 sounds bad, +5 good. Intervals are 95 %.',
              )}{' '}
              {!whom.against &&
                t('Change is the last {every} that is over against all before it.', { every: t(every) })}
            </p>
            <p className="foot">
              {t('Languages:')}{' '}
              {languages.map((row, i) => (
                <span key={String(row.language)}>
                  {i > 0 && ' · '}
                  {String(row.language)}{' '}
                  <Num
                    n={Number(row.remarks)}
                    title={t('Remarks in {language}', { language: String(row.language) })}
                    asked={asked}
                    which={{ language: row.language, ...side(whom) }}
                  />
                  {Number(row.with_sentiment) === 0 && ` (${t('how it sounds is not read')})`}
                </span>
              ))}
            </p>
          </Figure>
        </section>
        <section className="panel">
          <ThemePick answer={answer} place={place} theme={picked} asked={asked} scale={scale} />
        </section>
      </div>
      <Matrix answer={answer} asked={asked} />
    </>
  );
}
