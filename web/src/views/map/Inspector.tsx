/** A touchpoint, looked at closely: its people, where they come from and go, what they say. */
import { useEffect, useRef } from 'react';
import { feelingText } from '../../charts/journey/Flow';
import type { Journey, Touchpoint } from '../../charts/journey/model';
import { useAddress } from '../../lib/address';
import type { Asked } from '../../lib/export';
import { dec, duration, FEW, int, pct1 } from '../../lib/format';
import { t } from '../../lib/i18n';
import { quoted } from '../../lib/whom';
import { Go } from '../../ui/go';
import { Icon } from '../../ui/Icon';
import { Num, usePeople } from '../../ui/people';
import { eventOf, stepsOf, useKnown } from '../maps';

/** An event as a filter. */
const asFilter = (event: string, names: string[]) => (names.includes(event) ? `name = ${quoted(event)}` : event);

export function Inspector({
  touchpoint,
  journey,
  asked,
  onClose,
}: {
  touchpoint: Touchpoint;
  journey: Journey;
  asked: Asked;
  onClose: () => void;
}) {
  const close = useRef<HTMLButtonElement>(null);
  const people = usePeople();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    close.current?.focus();
    return () => before?.focus();
  }, []);
  useEffect(() => {
    // wherever the focus is: it may have been in a list that was open above this
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open], :popover-open')) onClose();
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [onClose]);
  const { name, feeling, goesOn } = touchpoint;
  const { query } = useAddress();
  const known = useKnown();
  const step = known.chosen ? stepsOf(known.chosen.outline).find((one) => one.touchpoint === name) : undefined;
  // what those say who came by, wherever they say it: few remarks are about a touchpoint itself
  const passed = step && !query.has('people') ? asFilter(eventOf(step, known.names), known.names) : null;
  const into = journey.moves.filter((move) => move.target === touchpoint.id).slice(0, 6);
  const onward = journey.moves.filter((move) => move.source === touchpoint.id).slice(0, 6);
  const quotes = touchpoint.quotes.length
    ? touchpoint.quotes
    : touchpoint.quote
      ? [{ text: touchpoint.quote, side: feeling.differs === 'low' ? 'low' : 'high', score: null, n: 0 }]
      : [];
  return (
    <aside className="insp" aria-label={name}>
      <header>
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <button type="button" className="ib" ref={close} onClick={onClose} aria-label={t('Close')}>
          <Icon n="close" />
        </button>
      </header>
      <div className="acts">
        <button
          type="button"
          className="btn pri"
          onClick={() => people({ title: name, asked, which: { touchpoint: name } })}
        >
          {t('See all {n}', { n: int(touchpoint.instances) })}
        </button>
        <Go className="btn" to={{ page: 'journeys/paths', query: { start: name } }}>
          {t('Routes from here')}
        </Go>
        <Go className="btn" to={{ page: 'voice', query: passed ? { people: passed } : { touchpoint: name } }}>
          {t('What they say')}
        </Go>
      </div>
      <h3>{t('What became of them')}</h3>
      <ul className="outs big">
        <li>
          <span>{t('Went on')}</span>
          <Num
            n={touchpoint.wentOn}
            title={t('Went on from {name}', { name })}
            asked={asked}
            which={{ touchpoint: name, way: 'went on' }}
          />
          <small>
            {goesOn.n < FEW
              ? t('too few')
              : `${pct1(goesOn.rate)} [${pct1(goesOn.low)}, ${pct1(goesOn.high)}] ${t('of {n}', { n: int(goesOn.n) })}`}
          </small>
        </li>
        {touchpoint.converted > 0 && (
          <li>
            <span>{t('Reached the goal')}</span>
            <Num
              n={touchpoint.converted}
              title={t('Reached the goal at {name}', { name })}
              asked={asked}
              which={{ touchpoint: name, way: 'converted' }}
            />
          </li>
        )}
        <li>
          <span>{t('Left the journey')}</span>
          <Num
            n={touchpoint.left}
            title={t('Left at {name}', { name })}
            asked={asked}
            which={{ touchpoint: name, way: 'left' }}
          />
        </li>
        <li>
          <span>{t('Undecided')}</span>
          <Num
            n={touchpoint.waiting}
            title={t('Undecided at {name}', { name })}
            asked={asked}
            which={{ touchpoint: name, way: 'waiting' }}
          />
        </li>
      </ul>
      {feeling.value !== null && (
        <p className="foot">
          {journey.scale} <b>{feelingText(feeling.value, journey)}</b> [{feelingText(feeling.low, journey)},{' '}
          {feelingText(feeling.high, journey)}], {int(feeling.n)} {t('answers')}
          {feeling.differs &&
            feeling.differs !== 'like others' &&
            ` · ${t('feels {side} than where they did not come by', { side: feeling.differs === 'low' ? t('worse') : t('better') })}`}
        </p>
      )}
      {touchpoint.attempts !== null && touchpoint.attempts > 1 && (
        <p className="foot">{t('{n} visits of each on average', { n: dec(touchpoint.attempts) })}</p>
      )}
      <Ways
        title={t('Where they come from')}
        moves={into.map((move) => ({ ...move, name: move.source }))}
        asked={asked}
      />
      <Ways title={t('Where they go')} moves={onward.map((move) => ({ ...move, name: move.target }))} asked={asked} />
      {quotes.length > 0 && <h3>{t('In their words')}</h3>}
      {quotes.map((quote) => (
        <blockquote key={quote.text} className={quote.side === 'low' ? 'neg' : 'pos'}>
          <bdi>{quote.text}</bdi>
          {quote.score !== null && <cite>{t('score {score}', { score: quote.score })}</cite>}
        </blockquote>
      ))}
    </aside>
  );
}

type Way = {
  name: string;
  source: string;
  target: string;
  instances: number;
  seconds: number | null;
  planned: boolean;
};

function Ways({ title, moves, asked }: { title: string; moves: Way[]; asked: Asked }) {
  if (!moves.length) return null;
  const single = (move: Way) => !move.source.startsWith('stage\n') && !move.target.startsWith('stage\n');
  return (
    <>
      <h3>{title}</h3>
      <ul className="outs big">
        {moves.map((move) => (
          <li key={move.source + move.target}>
            <span>
              <bdi>{move.name.replace('stage\n', '')}</bdi>
              {!move.planned && <small className="t-bad"> {t('not planned')}</small>}
            </span>
            {single(move) ? (
              <Num
                n={move.instances}
                title={`${move.source} → ${move.target}`}
                asked={asked}
                which={{ from: move.source, to: move.target }}
              />
            ) : (
              <b>{int(move.instances)}</b>
            )}
            <small>{duration(move.seconds)}</small>
          </li>
        ))}
      </ul>
    </>
  );
}
