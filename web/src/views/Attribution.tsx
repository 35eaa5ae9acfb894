/** Which channels, campaigns or touchpoints share the credit for a conversion, by several rules side by side? */
import { useMemo } from 'react';
import type { Answer } from '../api/answer';
import { useAsk } from '../lib/asking';
import { t } from '../lib/i18n';
import { useWhom, type Whom } from '../lib/whom';
import { Choices, Pick, Select } from '../ui/choose';
import { Head, Switch } from '../ui/parts';
import { Notes, Nothing, Shown } from '../ui/shown';
import { told } from './groups';
import { type Asking, useAsking } from './value/attribution';
import { Costs } from './value/Costs';
import { Accounts, Chain, type CreditRow, CreditTable, creditRows, Differences, Effects, Models } from './value/Credit';
import { MOST, named, rules } from './value/rules';
import { Wanted } from './value/Wanted';
import { WithEvents } from './WithEvents';

export default function Attribution(_: { rest: string }) {
  return (
    <WithEvents title={t('Attribution')}>
      <View />
    </WithEvents>
  );
}

function View() {
  const asking = useAsking();
  const whom = useWhom();
  const { known, goal } = asking;
  const ready = !known.busy && goal !== '';
  const load = useAsk(ready ? 'attribution' : null, asking.fields);
  return (
    <>
      <Head
        title={t('Attribution')}
        say={ready && load.data ? told(load.data) : t('Which channels share the credit for a conversion?')}
      />
      {!known.busy && <Asked asking={asking} />}
      {known.busy && <div className="skel s1" />}
      {!known.busy && !goal && (
        <Wanted title={t('What counts as a conversion?')} names={known.names} onPick={asking.put.goal}>
          {t('No journey map says it. Choose the event that you want to see credited:')}
        </Wanted>
      )}
      {ready && (
        <Shown
          load={load}
          empty={(answer) => (creditRows(answer).length ? null : <NoTouch answer={answer} asking={asking} />)}
        >
          {(answer) => <Answered answer={answer} asking={asking} whom={whom} />}
        </Shown>
      )}
    </>
  );
}

function NoTouch({ answer, asking }: { answer: Answer; asking: Asking }) {
  return (
    <>
      <Nothing kind="filter">
        <p>
          {answer.words[0]}{' '}
          {t('No event before a conversion has a value of {by}; choose another field to credit.', { by: asking.by })}
        </p>
      </Nothing>
      <Notes answer={answer} />
    </>
  );
}

function Asked({ asking }: { asking: Asking }) {
  const { known, put } = asking;
  const { names, properties, fields } = known;
  return (
    <Choices
      open={asking.goal === ''}
      said={
        <>
          {t('A conversion is')}{' '}
          <b>
            <bdi>{asking.goal || t('not chosen yet')}</bdi>
          </b>
          {', '}
          {t('credited by')}{' '}
          <b>
            <bdi>{asking.by}</bdi>
          </b>
          {', '}
          {t('touches up to {lookback} before', { lookback: asking.lookback })}
        </>
      }
    >
      <Pick
        label={t('A conversion is')}
        value={asking.goal}
        options={names}
        onPick={put.goal}
        hint={t('an event or a filter')}
      />
      <Pick
        label={t('Credited by')}
        value={asking.by}
        options={['channel', 'source', 'name', ...properties]}
        onPick={put.by}
        hint={t('channel, or a property such as a campaign')}
      />
      <Select
        label={t('How far back')}
        value={asking.lookback}
        options={['1 day', '7 days', '14 days', '30 days', '60 days', '90 days', '180 days', '365 days'].map((each) => [
          each,
          each,
        ])}
        onPick={put.lookback}
      />
      <Pick
        label={t('Which events are touches')}
        value={asking.touches}
        options={names}
        onPick={put.touches}
        placeholder={t('all that have a value of it')}
      />
      <Pick
        label={t('What a conversion is worth')}
        value={asking.value}
        options={['none', 'value', ...properties]}
        onPick={put.value}
        hint={t('a field with numbers, or none')}
      />
      <Pick
        label={t('No channel of its own')}
        value={asking.direct}
        options={fields?.channels ?? []}
        onPick={put.direct}
        placeholder={t('such as direct')}
      />
      <Pick
        label={t('What brings a lead')}
        value={asking.lead}
        options={names}
        onPick={put.lead}
        hint={t('adds the rule with the lead')}
      />
      <Select
        label={t('How much the chain remembers')}
        value={asking.order}
        options={[
          ['1', t('one touch')],
          ['2', t('two touches')],
          ['3', t('three touches')],
          ['4', t('four touches')],
          ['0', t('what predicts best')],
        ]}
        onPick={put.order}
      />
      <Select
        label={t('Age at which a touch weighs half')}
        value={asking.halfLife}
        options={['1 day', '3 days', '7 days', '14 days', '30 days'].map((each) => [each, each])}
        onPick={put.halfLife}
        hint={t('for the rule that weighs the newest most')}
      />
      <Select
        label={t('Touches in a row are one')}
        value={asking.apart}
        options={[
          ['none', t('never: each counts')],
          ['5 minutes', t('within {time}', { time: '5 minutes' })],
          ['30 minutes', t('within {time}', { time: '30 minutes' })],
          ['1 day', t('within {time}', { time: '1 day' })],
        ]}
        onPick={put.apart}
      />
      <Pick
        label={t('Own weights: first, between, last')}
        value={asking.weights}
        options={['50 0 50', '30 40 30', '100 0 0']}
        onPick={put.weights}
        hint={t('three numbers; adds a rule')}
      />
      <Select
        label={t('Shapley value of rates')}
        value={asking.rates}
        options={[
          ['no', t('left out')],
          ['yes', t('added')],
        ]}
        onPick={put.rates}
      />
    </Choices>
  );
}

/** The rules that the answer has columns for, in conversions or in money. */
const had = (row: CreditRow | undefined, suffix: string) => rules().filter((rule) => row && rule.key + suffix in row);

function Answered({ answer, asking, whom }: { answer: Answer; asking: Asking; whom: Whom }) {
  const asked = useMemo(() => ({ question: 'attribution', fields: asking.fields, whom }), [asking.fields, whom]);
  const first = creditRows(answer)[0];
  const worth = asking.unit === 'money' && first !== undefined && 'linear_value' in first;
  const suffix = worth ? '_value' : '';
  const known = had(first, suffix);
  const chosen = useMemo(() => {
    const found = asking.chosen.filter((key) => first && key + suffix in first);
    return found.length ? found : ['linear'];
  }, [asking.chosen, first, suffix]);
  const given = { answer, asked, chosen, worth, by: asking.by };
  const turn = (key: string) => {
    const next = chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key];
    // in the order of the list, so that a mark keeps its place
    const sorted = known.map((rule) => rule.key).filter((one) => next.includes(one));
    if (sorted.length && sorted.length <= MOST) asking.put.rules(sorted.join(' '));
  };
  return (
    <>
      <Accounts answer={answer} asked={asked} />
      <section className="panel mt">
        <div className="switches">
          {asking.worth && (
            <Switch
              label={t('Credit in')}
              value={worth ? 'money' : 'conversions'}
              options={[
                ['conversions', t('conversions')],
                ['money', t('money')],
              ]}
              onPick={asking.put.unit}
            />
          )}
          <fieldset className="ticks">
            <legend>{t('Rules, up to {n}', { n: MOST })}</legend>
            {known.map((rule) => (
              <label key={rule.key} title={rule.says}>
                <input
                  type="checkbox"
                  checked={chosen.includes(rule.key)}
                  disabled={!chosen.includes(rule.key) && chosen.length >= MOST}
                  onChange={() => turn(rule.key)}
                />
                {rule.name}
              </label>
            ))}
          </fieldset>
        </div>
        <Models {...given} />
        <p className="foot">
          {t(
            'Credit is not lift: rules say what was first, last or goes together with conversions, never what would be missing without it.',
          )}
        </p>
      </section>
      <section className="panel">
        <CreditTable {...given} />
      </section>
      <div className="two">
        <section className="panel">
          <Effects answer={answer} asked={asked} />
        </section>
        <section className="panel">
          <Chain answer={answer} asked={asked} />
        </section>
      </div>
      <Differences answer={answer} asked={asked} />
      <section className="panel">
        <Costs
          answer={answer}
          asked={asked}
          spent={asking.spent}
          rule={asking.costRule}
          rules={had(first, '').map((rule) => rule.key)}
          by={asking.by}
          put={asking.put.costs}
          putRule={asking.put.costRule}
        />
      </section>
      <Notes answer={answer} />
      <p className="foot">
        {chosen.map((key) => `${named(key)}: ${rules().find((rule) => rule.key === key)?.says}`).join(' · ')}
      </p>
    </>
  );
}
