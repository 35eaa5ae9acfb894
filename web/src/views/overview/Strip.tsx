/** The stages in a row: who is there, how many go on, and how those feel who came by the worst of it. */
import { type Answer, extra, rows } from '../../api/answer';
import { between, FEW, int, pct, pct1, points, signed, step, tone } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { useWhom } from '../../lib/whom';
import { Go } from '../../ui/go';
import { Delta } from '../../ui/parts';
import { Num } from '../../ui/people';
import { type DifferenceRow, type MapRow, mine, type StageRow } from './finding';

/** The middle of a scale, and how far it goes from there. */
const SCALES: Record<string, [number, number]> = {
  nps: [0, 80],
  csat5: [3.5, 1.5],
  csat7: [4.5, 2.5],
  ces7: [4.5, 2.5],
  stars: [3.5, 1.5],
};

/** The touchpoint of a stage whose score is lowest, of those with enough answers. */
function lowest(all: MapRow[], stage: string): MapRow | null {
  let found: MapRow | null = null;
  for (const row of all)
    if (row.stage === stage && row.score !== null && (row.answers ?? 0) >= FEW)
      if (!found || row.score < (found.score as number)) found = row;
  return found;
}

export function Strip({ answer, map }: { answer: Answer; map: string }) {
  const whom = useWhom();
  const touchpoints = mine(rows<MapRow>(answer.table));
  const stages = extra<StageRow>(answer, 'stages');
  const now = mine(stages);
  const before = stages.filter((row) => row.group === 'other');
  const most = Math.max(1, ...now.map((row) => row.instances));
  const scale = String(extra(answer, 'scores')[0]?.scale ?? '');
  const flagged = extra<DifferenceRow>(answer, 'differences').filter((row) => row.flagged);
  const asked = { question: 'journey_map', fields: { map }, whom: { ...whom, against: '' } };
  return (
    <ol className="strip" aria-label={t('Stages')}>
      {now.map((stage) => {
        const low = lowest(touchpoints, stage.stage);
        const other = before.find((row) => row.stage === stage.stage);
        const here = touchpoints
          .filter((row) => row.stage === stage.stage)
          .map((row) => `go on from ${row.touchpoint}`);
        const { decided } = stage;
        const change =
          other?.of_decided != null && stage.of_decided !== null && decided >= FEW
            ? stage.of_decided - other.of_decided
            : null;
        const sure = flagged.some((row) => here.includes(row.measure));
        return (
          <li key={stage.stage}>
            <span className="fillb" style={{ height: `${(100 * stage.instances) / most}%` }} />
            <Go className="sn" to={{ page: 'journeys/map' }}>
              <bdi>{stage.stage}</bdi>
            </Go>
            <small>
              {decided >= FEW ? (
                <span
                  title={t('95%: {interval}', { interval: between(stage.of_decided_low, stage.of_decided_high, pct1) })}
                >
                  <em>{pct(stage.of_decided)}</em>{' '}
                  {stage.converted && !stage.went_on ? t('reach the goal') : t('go on')}
                </span>
              ) : (
                t('the time of {n} is over: too few for a rate', { n: int(decided) })
              )}{' '}
              {change !== null && <Delta x={change} text={points(change)} upIsGood={sure ? true : null} />}
            </small>
            <small>
              <Num n={stage.instances} title={stage.stage} asked={asked} which={{ stage: stage.stage }} />{' '}
              {plural(stage.instances, 'journey', 'journeys')}
              {stage.waiting > 0 && (
                <>
                  {' · '}
                  <Num
                    n={stage.waiting}
                    title={t('{stage}: still there', { stage: stage.stage })}
                    asked={asked}
                    which={{ stage: stage.stage, way: 'waiting' }}
                  />{' '}
                  {t('undecided')}
                </>
              )}
            </small>
            {low && (
              <small>
                {t('lowest:')} <bdi>{low.touchpoint}</bdi> <Score row={low} scale={scale} />
              </small>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Score({ row, scale }: { row: MapRow; scale: string }) {
  const [middle, span] = SCALES[scale] ?? [0, 100];
  const text = scale === 'nps' ? signed(row.score) : String(Math.round((row.score ?? 0) * 10) / 10);
  const said = t(
    '{scale} {score} (95%: {interval}) of {n} answers of those who came by {touchpoint}, the lowest here',
    {
      scale: scale.toUpperCase(),
      score: text,
      interval: between(row.score_low, row.score_high, (x) => String(Math.round((x ?? 0) * 10) / 10)),
      n: int(row.answers),
      touchpoint: row.touchpoint,
    },
  );
  return (
    <span className={`score ${tone(step(row.score, middle, span))}`} title={said}>
      <b aria-hidden="true">
        {scale.toUpperCase()} {text}
      </b>
      <span className="sr">{said}</span>
    </span>
  );
}
