/** Which theme is told where: themes down, touchpoints across, coloured by how it sounds. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import type { Asked } from '../../lib/export';
import { FEW, int, signed1, step, tone } from '../../lib/format';
import { t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Figure } from '../../ui/figure';
import { Num } from '../../ui/people';
import { mine, side } from '../groups';
import { selects } from './ThemeList';
import { ALL, NOWHERE, type Place, placesOf, type Theme, themesOf } from './themes';

/** Of few people the mean mood says little: only how many they are is shown. */
const felt = (row: Theme) => row.sentiment != null && (row.people_with_sentiment ?? 0) >= FEW;

export function Matrix({ answer, asked }: { answer: Answer; asked: Asked }) {
  const whom = useWhom();
  const places = placesOf(answer);
  const themes = themesOf(answer, ALL).slice(0, 12);
  if (places.length < 2 || !themes.length) return null;
  const cells = new Map(mine(rows<Theme>(answer.table)).map((row) => [`${row.touchpoint}\n${row.theme}`, row]));
  return (
    <section className="panel">
      <Figure
        title={t('What is said where')}
        hint={t('people; where they are {n} or more, the colour and the sign are how it sounds', { n: FEW })}
        source={{ answer, asked }}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <section className="scrollx" tabIndex={0} aria-label={t('Themes by touchpoint')}>
          <table className="matrix">
            <thead>
              <Stages answer={answer} places={places} asked={asked} />
              <tr>
                <th scope="col">{t('Theme')}</th>
                {places.map((place) => (
                  <th key={place.touchpoint} scope="col">
                    {place.touchpoint === NOWHERE ? t('no touchpoint') : <bdi>{place.touchpoint}</bdi>}
                    <small>{t('{n} people', { n: int(place.people) })}</small>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {themes.map((theme) => (
                <tr key={theme.theme}>
                  <th scope="row">
                    <bdi>{theme.theme}</bdi>
                  </th>
                  {places.map((place) => {
                    const cell = cells.get(`${place.touchpoint}\n${theme.theme}`);
                    if (!cell) return <td key={place.touchpoint} />;
                    return (
                      <td
                        key={place.touchpoint}
                        className={`vcell ${tone(felt(cell) ? step(cell.sentiment, 0, 5) : 0)}`}
                      >
                        <Num
                          n={cell.people}
                          title={t('People who speak of {theme} at {place}', {
                            theme: theme.theme,
                            place: place.touchpoint,
                          })}
                          asked={asked}
                          which={{ ...selects(place.touchpoint, theme.theme), ...side(whom) }}
                        />{' '}
                        {felt(cell) && <small>{signed1(cell.sentiment)}</small>}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Figure>
    </section>
  );
}

type Stage = Row & { stage: string; people: number; sentiment: number | null; people_with_sentiment: number | null };

/** Above the touchpoints the stages that they are of, with everybody who spoke about one of them. */
function Stages({ answer, places, asked }: { answer: Answer; places: Place[]; asked: Asked }) {
  const whom = useWhom();
  const stages = new Map(mine(extra<Stage>(answer, 'stages')).map((row) => [row.stage, row]));
  if (!stages.size) return null;
  const spans: { stage: string | null; n: number; key: string }[] = [];
  for (const place of places) {
    const last = spans.at(-1);
    if (last && last.stage === place.stage) last.n += 1;
    else spans.push({ stage: place.stage, n: 1, key: place.touchpoint });
  }
  return (
    <tr className="stagerow">
      <td />
      {spans.map(({ stage, n, key }) => {
        const row = stage === null ? undefined : stages.get(stage);
        if (!row) return <td key={key} colSpan={n} />;
        return (
          <th key={key} scope="colgroup" colSpan={n}>
            <bdi>{stage}</bdi>
            <small>
              <Num
                n={row.people}
                title={t('People with a remark about {stage}', { stage: stage as string })}
                asked={asked}
                which={{ stage, first: true, ...side(whom) }}
              />{' '}
              {t('people')}
              {row.sentiment != null && (row.people_with_sentiment ?? 0) >= FEW && ` · ${signed1(row.sentiment)}`}
            </small>
          </th>
        );
      })}
    </tr>
  );
}
