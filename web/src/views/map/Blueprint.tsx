/** The blueprint: lanes of one picture, all on the same columns. */
import { useRef, useState } from 'react';
import { Emotion } from '../../charts/journey/Emotion';
import { type Active, Flow, feelingStep, feelingText } from '../../charts/journey/Flow';
import { columnsOf, LEAST_COLUMN } from '../../charts/journey/layout';
import type { Journey, Move, Stage } from '../../charts/journey/model';
import { go, useAddress } from '../../lib/address';
import type { Asked } from '../../lib/export';
import { dec, duration, FEW, int, money, NONE, pct, pct1, points, short, tone } from '../../lib/format';
import { useWidth } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';
import { Delta } from '../../ui/parts';
import { Num, usePeople } from '../../ui/people';
import { againstText } from '../groups';
import { Inspector } from './Inspector';
import { Tip } from './Tip';

const LABELS = 94;

export function Blueprint({ journey, moves, asked }: { journey: Journey; moves: Move[]; asked: Asked }) {
  const { query } = useAddress();
  const [ref, width] = useWidth<HTMLDivElement>();
  const [active, setActive] = useState<Active>(null);
  const [tip, setTip] = useState<{ id: string; at: DOMRect } | null>(null);
  const timer = useRef(0);
  const people = usePeople();
  const picked = query.get('touchpoint');
  const onActive = (id: Active, at?: DOMRect) => {
    setActive(id);
    clearTimeout(timer.current);
    if (id !== null && at) timer.current = window.setTimeout(() => setTip({ id, at }), 90);
    else setTip(null);
  };
  const open = (query.get('open') ?? '').split('|').filter(Boolean);
  const onPick = (id: string) => {
    setTip(null);
    if (id.startsWith('stage\n')) go({ query: { open: [...open, id.slice(6)].join('|') } });
    else go({ query: { touchpoint: id } });
  };
  const onMove = (move: Move) =>
    people({
      title: t('{from} → {to}', { from: move.source, to: move.target }),
      asked,
      which: { from: move.source, to: move.target },
    });
  const need = columnsOf(journey, 1000).columns.length * LEAST_COLUMN;
  const wide = width ? Math.max(need, width - LABELS - 2) : 0;
  const stacked = Math.max(
    1,
    ...journey.touchpoints.map(
      (one) => journey.touchpoints.filter((o) => o.stage === one.stage && o.column === one.column).length,
    ),
  );
  const height = Math.max(230, stacked * 84);
  const spans = wide ? columnsOf(journey, wide).spans : [];
  const grid = {
    gridTemplateColumns: `${LABELS}px ${spans.map((span) => `minmax(0, ${Math.round(span.to - span.from)}fr)`).join(' ')}`,
  };
  const one = (id: string | null) => journey.touchpoints.find((each) => each.id === id);
  const shownTip = tip && one(tip.id);
  const chosen = one(picked);
  const felt = journey.touchpoints.some((each) => each.feeling.value !== null);
  return (
    <div className="bp" ref={ref}>
      {wide > 0 && (
        <section
          className="wide"
          aria-label={journey.title}
          tabIndex={wide > width ? 0 : undefined}
          style={{ '--w': `${wide + LABELS}px` } as React.CSSProperties}
        >
          <div className="lane stages" style={grid}>
            <div className="lab">{t('Stage')}</div>
            {journey.stages.map((stage, i) => (
              <StageHead key={stage.name} stage={stage} number={i + 1} journey={journey} open={open} />
            ))}
          </div>
          <div className="lane chart">
            <div className="lab">
              {t('What people do')}
              <small>{t('width = instances')}</small>
            </div>
            <Flow
              journey={journey}
              moves={moves}
              width={wide}
              height={height}
              active={active}
              onActive={onActive}
              onPick={onPick}
              onMove={onMove}
            />
          </div>
          <Left journey={journey} grid={grid} asked={asked} />
          <div className="lane chart">
            <div className="lab">
              {t('How it feels')}
              {felt && (
                <small>
                  {dec(journey.axis[0])} {t('to')} {dec(journey.axis[1])}
                </small>
              )}
              {journey.compared && felt && (
                <small className="lg">
                  <i className="dash" /> <bdi>{againstText(asked.whom)}</bdi>
                </small>
              )}
            </div>
            <Emotion journey={journey} width={wide} height={142} active={active} onActive={onActive} onPick={onPick} />
          </div>
          <Words journey={journey} grid={grid} />
          <Wanted journey={journey} grid={grid} />
          <Figures journey={journey} grid={grid} />
        </section>
      )}
      {shownTip && tip && <Tip touchpoint={shownTip} at={tip.at} journey={journey} />}
      {chosen && (
        <Inspector
          touchpoint={chosen}
          journey={journey}
          asked={asked}
          onClose={() => go({ query: { touchpoint: null } })}
        />
      )}
    </div>
  );
}

type Lane = { journey: Journey; grid: React.CSSProperties };

function StageHead({
  stage,
  number,
  journey,
  open,
}: {
  stage: Stage;
  number: number;
  journey: Journey;
  open: string[];
}) {
  const felt = stage.feeling.value;
  const change = felt !== null && stage.feelingBefore !== null ? felt - stage.feelingBefore : null;
  return (
    <div className="sh">
      <h2>
        <span className="no">{number}</span>
        <bdi>{stage.name}</bdi>
        {open.includes(stage.name) && journey.folded && (
          <button
            type="button"
            className="more"
            onClick={() => go({ query: { open: open.filter((name) => name !== stage.name).join('|') || null } })}
          >
            {t('fold')}
          </button>
        )}
      </h2>
      <div className="shrow">
        <span>
          <b>{short(stage.instances)}</b>{' '}
          <small>{pct(journey.instances ? stage.instances / journey.instances : null)}</small>
        </span>
        {felt !== null && (
          <span
            className={`score ${tone(feelingStep(felt, journey))}`}
            title={t('{scale} of those who came by', { scale: journey.scale })}
          >
            <b>{feelingText(felt, journey)}</b>
            <Delta x={change} text={dec(Math.abs(change ?? 0))} />
          </span>
        )}
      </div>
    </div>
  );
}

function Left({ journey, grid, asked }: Lane & { asked: Asked }) {
  const most = Math.max(1, ...journey.stages.map((stage) => stage.left));
  return (
    <div className="lane exits" style={grid}>
      <div className="lab">{t('Left here')}</div>
      {journey.stages.map((stage) => (
        <div key={stage.name} className="exit">
          {stage.left > 0 ? (
            <>
              <i className="hatchbar" style={{ width: `${Math.max(3, (100 * stage.left) / most) * 0.4}%` }} />
              <span>
                <Num
                  n={stage.left}
                  title={t('Left in {stage}', { stage: stage.name })}
                  asked={asked}
                  which={{ stage: stage.name, way: 'left' }}
                />{' '}
                · {stage.goesOn.n < FEW ? t('too few') : pct(stage.goesOn.left / stage.goesOn.n)}
              </span>
            </>
          ) : (
            <span className="dim">{stage.instances ? t('nobody left') : t('nobody came')}</span>
          )}
        </div>
      ))}
    </div>
  );
}

function Words({ journey, grid }: Lane) {
  const { query } = useAddress();
  if (!journey.stages.some((stage) => stage.quotes.length)) return null;
  const at = (query.get('quote') ?? '').split('|');
  return (
    <div className="lane voice" style={grid}>
      <div className="lab">{t('In their words')}</div>
      {journey.stages.map((stage) => {
        const turn = Number(
          at
            .find((one) => one.startsWith(`${stage.name}:`))
            ?.split(':')
            .at(-1) ?? 0,
        );
        const quote = stage.quotes[turn % Math.max(1, stage.quotes.length)];
        const others = at.filter((one) => one && !one.startsWith(`${stage.name}:`));
        return (
          <figure key={stage.name} className={`quote ${quote?.side === 'low' ? 'neg' : 'pos'}`}>
            {quote && (
              <>
                <blockquote title={quote.text}>
                  <bdi>{quote.text}</bdi>
                </blockquote>
                <figcaption>
                  <span>
                    {quote.score !== null && t('score {score}', { score: quote.score })}
                    {quote.n > 1 && ` · ${t('stands for {n}', { n: int(quote.n) })}`}
                  </span>
                  {stage.quotes.length > 1 && (
                    <button
                      type="button"
                      className="more"
                      aria-label={t('Next quote of {stage}', { stage: stage.name })}
                      onClick={() => go({ query: { quote: [...others, `${stage.name}:${turn + 1}`].join('|') } }, true)}
                    >
                      +{stage.quotes.length - 1}
                    </button>
                  )}
                </figcaption>
              </>
            )}
          </figure>
        );
      })}
    </div>
  );
}

/** What the company believes people need and expect, beside what is measured. */
function Wanted({ journey, grid }: Lane) {
  if (!journey.stages.some((stage) => stage.needs || stage.expects)) return null;
  return (
    <div className="lane voice" style={grid}>
      <div className="lab">{t('What they need')}</div>
      {journey.stages.map((stage) => (
        <div key={stage.name} className="quote plainly">
          {stage.needs && <span>{stage.needs}</span>}
          {stage.expects && (
            <small>
              {t('expect')}: {stage.expects}
            </small>
          )}
        </div>
      ))}
    </div>
  );
}

type Line = {
  name: string;
  text: (stage: Stage) => string;
  hint?: (stage: Stage) => string;
  change?: (stage: Stage) => number | null;
  strong?: (stage: Stage) => boolean;
};

function Figures({ journey, grid }: Lane) {
  const { workspace } = useSession();
  const per = (stage: Stage) =>
    stage.contacts === null || !stage.instances ? null : (100 * stage.contacts) / stage.instances;
  const lines: Line[] = [
    {
      name: t('Go on'),
      text: (stage) => (stage.goesOn.n < FEW ? t('too few') : pct1(stage.goesOn.rate)),
      hint: (stage) =>
        stage.goesOn.n < FEW
          ? `${int(stage.goesOn.n)}`
          : `${pct(stage.goesOn.low)}–${pct(stage.goesOn.high)} ${t('of')} ${short(stage.goesOn.n)}`,
      change: (stage) =>
        stage.goesOn.rate !== null && stage.goesOnBefore !== null ? stage.goesOn.rate - stage.goesOnBefore : null,
      strong: (stage) => stage.flagged,
    },
    { name: t('Time here'), text: (stage) => duration(stage.seconds), hint: () => t('median') },
    { name: t('Contacts/100'), text: (stage) => (per(stage) === null ? NONE : dec(per(stage))) },
    { name: t('Cost'), text: (stage) => money(stage.cost, workspace.currency) },
  ];
  const shown = lines.filter((line) => journey.stages.some((stage) => line.text(stage) !== NONE));
  return (
    <div className="lane metrics" role="table" aria-label={t('Figures per stage')} style={grid}>
      {shown.map((line) => (
        <div key={line.name} role="row" className="row">
          <div className="lab" role="rowheader">
            {line.name}
          </div>
          {journey.stages.map((stage) => {
            const x = line.change?.(stage) ?? null;
            const side = x !== null && line.strong?.(stage) ? (x > 0 ? ' good' : ' bad') : '';
            return (
              <div key={stage.name} role="cell" className={`mc${side}`}>
                <b>{line.text(stage)}</b>
                {x !== null && Math.abs(x) > 0.0005 && (
                  <Delta x={x} text={points(Math.abs(x))} upIsGood={line.strong?.(stage) ? true : null} />
                )}
                <small>{line.hint?.(stage)}</small>
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}
