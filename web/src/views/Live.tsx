/** What happens now: the last half hour by minute, channel and name, who is where on a journey, and who is stuck. */
import { useEffect, useState } from 'react';
import { listen } from '../api/stream';
import { useGet } from '../lib/asking';
import { t } from '../lib/i18n';
import { useSession } from '../lib/session';
import { useJourney } from '../ui/bar';
import { Head } from '../ui/parts';
import { Num } from '../ui/people';
import { Nothing, Shown } from '../ui/shown';
import { Minutes } from './live/Minutes';
import { ago, askedOf, finding, type Now } from './live/model';
import { Tops } from './live/Tops';
import { Journey } from './live/Ways';

const EVERY = 10_000;
const LEAST = 1000;

/** The present, read again every ten seconds and when new data came, at most once a second; not while nobody looks. */
function useNow(paused: boolean) {
  const load = useGet<Now>('/api/live');
  const { again } = load;
  useEffect(() => {
    if (paused) return;
    let read = 0;
    const renew = () => {
      if (document.hidden || Date.now() - read < LEAST) return;
      read = Date.now();
      again();
    };
    const timer = setInterval(renew, EVERY);
    const deaf = listen((told) => told.event === 'data' && renew());
    document.addEventListener('visibilitychange', renew);
    return () => {
      clearInterval(timer);
      deaf();
      document.removeEventListener('visibilitychange', renew);
    };
  }, [paused, again]);
  // what was kept from before is old by now
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the view opens
  useEffect(() => again(), []);
  // old numbers stay clear while new ones come: they are seconds old
  return { ...load, busy: load.busy && load.data === undefined };
}

export default function Live(_: { rest: string }) {
  const [paused, pause] = useState(false);
  const load = useNow(paused);
  return (
    <Shown load={load}>
      {(now) =>
        now.last === null && now.minutes.every((minute) => minute.events === 0) ? (
          <Nothing kind="source" />
        ) : (
          <Drawn now={now} paused={paused} toggle={() => pause(!paused)} />
        )
      }
    </Shown>
  );
}

function Drawn({ now, paused, toggle }: { now: Now; paused: boolean; toggle: () => void }) {
  const { workspace } = useSession();
  const { maps } = useJourney();
  const events = now.minutes.reduce((a, minute) => a + minute.events, 0);
  return (
    <>
      <Head title={t('Live')} say={<bdi>{finding(now, workspace.time_zone)}</bdi>}>
        <Fresh at={now.now} paused={paused} />
        <button type="button" className="btn" aria-pressed={paused} onClick={toggle}>
          {paused ? t('Go on') : t('Pause')}
        </button>
      </Head>
      <section className="panel" aria-labelledby="half-hour">
        <h2 id="half-hour">
          {t('The last {n} minutes', { n: now.minutes.length })}{' '}
          <small>
            {t('events by minute')}
            {now.people != null && now.people > 0 && (
              <>
                {' · '}
                <Num
                  n={now.people}
                  title={t('Here in the last {n} minutes', { n: now.minutes.length })}
                  asked={askedOf(now.minutes)}
                  which={{}}
                />{' '}
                {t('people')}
              </>
            )}
          </small>
        </h2>
        {events > 0 ? (
          <Minutes minutes={now.minutes} />
        ) : (
          <p className="dim">{t('What comes now is drawn here, a column a minute.')}</p>
        )}
      </section>
      {events > 0 && (
        <div className="two">
          <Tops
            title={t('By channel')}
            field="channel"
            lines={now.channels.map((one) => ({ ...one, name: one.channel }))}
            minutes={now.minutes}
          />
          <Tops title={t('What they do')} field="name" lines={now.names} minutes={now.minutes} />
        </div>
      )}
      {now.journeys.length === 0 && maps.length > 0 && (
        <p className="dim" role="status">
          {t('Who is where on the journeys is being counted; it comes with one of the next readings.')}
        </p>
      )}
      {now.journeys.length > 0 && (
        <>
          <h2 className="mt lh">
            {t('On their journeys')}{' '}
            {events === 0 && now.last && (
              <small>{t('as things stood when the data ended, {ago}', { ago: agoOf(now) })}</small>
            )}
          </h2>
          <div className="two">
            {now.journeys.map((way) => (
              <Journey key={way.map} way={way} />
            ))}
          </div>
          <p className="foot">
            {t(
              'Whoever leaves is counted as waiting until the time to give up is over. Where those who go on do so within minutes, nearly all who wait are therefore over what is usual.',
            )}
          </p>
        </>
      )}
    </>
  );
}

const agoOf = (now: Now) => ago((Date.parse(now.now) - Date.parse(now.last ?? now.now)) / 1000);

/** How old the numbers are; counted on by itself between two readings. */
function Fresh({ at, paused }: { at: string; paused: boolean }) {
  const [read, setRead] = useState(Date.now());
  const [time, tick] = useState(Date.now());
  // biome-ignore lint/correctness/useExhaustiveDependencies: each reading begins anew
  useEffect(() => {
    setRead(Date.now());
    tick(Date.now());
  }, [at]);
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className={`beat${paused ? ' off' : ''}`}>
      <i aria-hidden="true" />
      {paused
        ? t('Paused; read {ago}', { ago: ago((time - read) / 1000) })
        : t('Read {ago}', { ago: ago((time - read) / 1000) })}
    </span>
  );
}
