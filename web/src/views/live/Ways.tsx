/** Who is where on a journey at present, and where more wait, or longer, than is usual. */
import { duration } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { Go } from '../../ui/go';
import { Num } from '../../ui/people';
import type { Way } from './model';

const SHOWN = 6;

export function Journey({ way }: { way: Way }) {
  const asked = { question: 'journey_map', fields: { map: way.map }, whom: {} };
  const all = way.stages.reduce((a, stage) => a + stage.now, 0);
  const most = Math.max(1, ...way.stages.map((stage) => stage.now));
  const stuck = [...way.stuck].sort((a, b) => (b.longer_than_usual ?? 0) - (a.longer_than_usual ?? 0));
  return (
    <section className="panel" aria-label={way.title ?? way.map}>
      <h2>
        <Go className="sn" to={{ page: 'journeys/map', query: { journey: way.map } }}>
          <bdi>{way.title ?? way.map}</bdi>
        </Go>{' '}
        <small>{plural(all, '{n} on their way', '{n} on their way')}</small>
      </h2>
      <ol className="strip" aria-label={t('Stages')}>
        {way.stages.map((stage) => (
          <li key={stage.stage}>
            <span className="fillb" style={{ height: `${(100 * stage.now) / most}%` }} />
            <span className="sn">
              <bdi>{stage.stage}</bdi>
            </span>
            <Num
              n={stage.now}
              title={t('{stage}: there now', { stage: stage.stage })}
              asked={asked}
              which={{ stage: stage.stage, way: 'waiting' }}
            />
          </li>
        ))}
      </ol>
      <h3>{t('Who waits, and who is stuck')}</h3>
      {stuck.length === 0 ? (
        <p className="dim">{t('Nobody waits anywhere.')}</p>
      ) : (
        <ul className="al">
          {stuck.slice(0, SHOWN).map((one) => (
            <li key={one.touchpoint} className={(one.longer_than_usual ?? 0) > 0 ? 'bad' : ''}>
              <span>
                <Num
                  n={one.waiting}
                  title={t('{touchpoint}: waiting', { touchpoint: one.touchpoint })}
                  asked={asked}
                  which={{ touchpoint: one.touchpoint, way: 'waiting' }}
                />{' '}
                {t('wait after')} <bdi>{one.touchpoint}</bdi>
                {one.stage && (
                  <small>
                    {' '}
                    · <bdi>{one.stage}</bdi>
                  </small>
                )}
              </span>
              <small>
                {one.longer_than_usual == null || one.usual_seconds == null ? (
                  t('what is usual is not known: too few stays have ended')
                ) : (
                  <>
                    <Num
                      n={one.longer_than_usual}
                      title={t('{touchpoint}: waiting for longer than is usual', { touchpoint: one.touchpoint })}
                      asked={asked}
                      which={{ touchpoint: one.touchpoint, way: 'waiting longer' }}
                    />{' '}
                    {t('of them for longer than is usual: three in four who go on do so within {usual}', {
                      usual: duration(one.usual_seconds),
                    })}
                  </>
                )}
              </small>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
