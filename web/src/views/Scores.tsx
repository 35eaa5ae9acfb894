/** How satisfied are they, and how sure is that? NPS, CSAT, CES and stars: distribution, over time, by parts, weighted. */

import type { Answer } from '../api/answer';
import { extra } from '../api/answer';
import { Aside, useAsk } from '../lib/asking';
import type { Asked } from '../lib/export';
import { between, FEW, int, pct1 } from '../lib/format';
import { t } from '../lib/i18n';
import { useWhom } from '../lib/whom';
import { Pick, Select, useChoice } from '../ui/choose';
import { Figure } from '../ui/figure';
import { Delta, Head } from '../ui/parts';
import { Num } from '../ui/people';
import { Notes, Nothing, Shown } from '../ui/shown';
import { Every } from './Every';
import { againstText, side, told } from './groups';
import { asEvent } from './maps';
import { Parts } from './voice/ByPart';
import { Chosen, Wanted } from './voice/Chosen';
import { OnMap } from './voice/OnMap';
import { Shares } from './voice/Shares';
import { type Bucket, invitedOf, otherOf, partsOf, strataOf, wholeOf } from './voice/scores';
import { type Spoken, scaleName, scoreDifference, scoreText, useEvery, useSpoken } from './voice/spoken';
import { Response, Time } from './voice/Time';
import { Ways } from './voice/Ways';

export default function Scores(_: { rest: string }) {
  const spoken = useSpoken();
  if (spoken.busy) return <div className="skel s1" />;
  if (spoken.extent?.events === 0) return <Nothing kind="source" />;
  if (spoken.survey.answers && spoken.survey.score) return <Scored spoken={spoken} />;
  return (
    <>
      <Head title={t('Scores')} />
      <Wanted spoken={spoken} of="scores" />
    </>
  );
}

function Scored({ spoken }: { spoken: Spoken }) {
  const whom = useWhom();
  const { survey, known, surveys } = spoken;
  const usual = useEvery(spoken.extent);
  const [every, setEvery] = useChoice<string>('every', usual === 'day' ? 'week' : usual);
  const [invited, setInvited] = useChoice('invited', invitedOf(survey, known.names));
  const [strata, setStrata] = useChoice('strata', strataOf(known));
  const plain = { answers: asEvent(survey.answers, known.names), score: survey.score, scale: survey.scale };
  const fields = {
    ...plain,
    every,
    ...(survey.text ? { text: survey.text } : {}),
    ...(invited ? { invited: asEvent(invited, known.names) } : {}),
    ...(strata ? { strata } : {}),
  };
  const load = useAsk('scores', fields);
  const asked: Asked = { question: 'scores', fields, whom };
  const at = surveys.findIndex((one) => one.answers === survey.answers && one.score === survey.score);
  return (
    <>
      <Head title={t('Scores')} say={load.data ? told(load.data, 3) : undefined}>
        {surveys.length > 1 && (
          <Select
            label={t('Survey')}
            value={at < 0 ? '' : String(at)}
            options={surveys.map((one, i) => [String(i), one.label])}
            onPick={(i) => surveys[Number(i)] && spoken.put(surveys[Number(i)] as object)}
          />
        )}
      </Head>
      <Chosen spoken={spoken} words={false}>
        <Pick
          label={t('Property with the comment')}
          value={survey.text}
          options={known.properties}
          placeholder={t('none')}
          onPick={(text) => spoken.put({ text })}
        />
        <Pick
          label={t('Events that invite to answer')}
          value={invited}
          options={known.names}
          placeholder={t('none')}
          onPick={setInvited}
          hint={t('For the response rate; of the same part of people as the answers.')}
        />
        <Pick
          label={t('Weighted by')}
          value={strata}
          options={partsOf(known)}
          placeholder={t('not weighted')}
          onPick={setStrata}
          hint={t('Kinds of people that answer seldom then count as much as they are.')}
        />
      </Chosen>
      <Shown load={load}>
        {(answer) => {
          const whole = wholeOf(answer);
          if (!whole?.answers) return <None answer={answer} spoken={spoken} whole={whole} />;
          return (
            <>
              <Tiles answer={answer} whole={whole} scale={survey.scale} asked={asked} />
              <div className="two">
                <section className="panel">
                  <Figure title={t('Who answers how')} source={{ answer, asked, table: 'distribution' }}>
                    <Shares answer={answer} whole={whole} scale={survey.scale} asked={asked} />
                  </Figure>
                </section>
                <section className="panel">
                  <Figure
                    title={t('The same score, looked at in other ways')}
                    hint={t('with 95 % intervals')}
                    source={{ answer, asked }}
                  >
                    <Ways answer={answer} whole={whole} scale={survey.scale} strata={strata} asked={asked} />
                  </Figure>
                </section>
              </div>
              <section className="panel">
                <Figure
                  title={t('{scale} over time', { scale: scaleName(survey.scale) })}
                  hint={t('a click opens the answers')}
                  source={{ answer, asked }}
                  tools={<Every value={every} of={['week', 'month', 'quarter']} onPick={setEvery} />}
                >
                  <Time answer={answer} scale={survey.scale} asked={asked} />
                  {invited && (
                    <>
                      <h3 className="mt">
                        {t('Who answers at all')}{' '}
                        <small>{t('of invitations whose time is over; a click opens who did not')}</small>
                      </h3>
                      <Response answer={answer} asked={asked} />
                    </>
                  )}
                </Figure>
              </section>
              <Notes answer={answer} />
            </>
          );
        }}
      </Shown>
      <Parts spoken={spoken} fields={plain} told={load.data?.warnings} />
      <Aside value>
        <OnMap spoken={spoken} />
      </Aside>
    </>
  );
}

/** Answers there are, but no score that counts; or no answers at all. */
function None({ answer, spoken, whole }: { answer: Answer; spoken: Spoken; whole: Bucket | undefined }) {
  return (
    <div className="empty">
      <h2>{t('No score counts here')}</h2>
      <p>{answer.words[0]}</p>
      {(whole?.left_out ?? 0) > 0 && (
        <p>
          {t('{n} answers were left out: their {score} is missing or not on the scale {scale}.', {
            n: int(whole?.left_out),
            score: spoken.survey.score,
            scale: scaleName(spoken.survey.scale),
          })}
        </p>
      )}
      <Notes answer={answer} />
    </div>
  );
}

function Tiles({ answer, whole, scale, asked }: { answer: Answer; whole: Bucket; scale: string; asked: Asked }) {
  const whom = useWhom();
  const other = otherOf(answer);
  const difference = extra(answer, 'differences').find(
    (row) => row.group === 'this' && (row.measure === 'score' || row.measure === 'are satisfied'),
  );
  const decided = (whole.invited ?? 0) - (whole.open ?? 0);
  const by = whole.score != null && other?.score != null ? whole.score - other.score : null;
  return (
    <ul className="kpis scoretiles">
      <li className="panel">
        <small>{scaleName(scale)}</small>
        <b className="vbig">{scoreText(scale, whole.score)}</b>
        <small>
          {between(whole.score_low, whole.score_high, (x) => scoreText(scale, x))}
          {whole.answers < FEW && ` · ${t('few answers: hardly sure')}`}
        </small>
        {by != null && (
          <small>
            <Delta x={by} text={scoreDifference(scale, by)} upIsGood={difference?.flagged === true ? true : null} />{' '}
            {t('against {other}', { other: againstText(whom) })}{' '}
            {difference?.low != null &&
              between(Number(difference.low), Number(difference.high), (x) => scoreDifference(scale, x))}
            {difference?.flagged !== true && ` · ${t('may be chance')}`}
          </small>
        )}
      </li>
      <li className="panel">
        <small>{t('Answers that count')}</small>
        <b className="vbig">
          <Num
            n={whole.answers}
            title={t('Answers that count')}
            asked={asked}
            which={{ kind: 'counted', ...side(whom) }}
          />
        </b>
        <small>
          {t('of {n} people', { n: int(whole.people) })}
          {whole.left_out > 0 && (
            <>
              {' · '}
              <Num
                n={whole.left_out}
                title={t('Answers that are left out')}
                asked={asked}
                which={{ kind: 'left out', ...side(whom) }}
              />{' '}
              {t('left out')}
            </>
          )}
        </small>
      </li>
      {whole.invited != null && whole.invited > 0 && (
        <li className="panel">
          <small>{t('Response rate')}</small>
          <b className="vbig">{decided < FEW ? t('too few') : pct1(whole.of_invited)}</b>
          <small>
            {decided >= FEW && between(whole.of_invited_low, whole.of_invited_high, pct1)} ·{' '}
            <Num
              n={whole.answered}
              title={t('Invitations that were answered')}
              asked={asked}
              which={{ kind: 'answered', ...side(whom) }}
            />{' '}
            {t('of {n} invitations', { n: int(decided) })}
            {(whole.open ?? 0) > 0 && ` · ${t('{n} undecided', { n: int(whole.open) })}`}
          </small>
        </li>
      )}
    </ul>
  );
}
