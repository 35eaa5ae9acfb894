/** How does recurring revenue grow and shrink: new, more, less, left, and back again? */

import { useMemo } from 'react';
import { type Answer, extra } from '../api/answer';
import { useAsk } from '../lib/asking';
import { int } from '../lib/format';
import { t } from '../lib/i18n';
import { Choices, Pick, useChoice } from '../ui/choose';
import { Head, Switch } from '../ui/parts';
import { Notes, Shown } from '../ui/shown';
import { readable } from './cohorts/readable';
import { Every } from './Every';
import { told } from './groups';
import { useKnown } from './maps';
import { Kept, Kinds, Movements, OneBridge, Sums } from './value/Flows';
import { useMoneyWhom } from './value/money';
import { type Asking, buckets, useAsking } from './value/movements';
import { Wanted } from './value/Wanted';
import { WithEvents } from './WithEvents';

export default function Revenue(_: { rest: string }) {
  return (
    <WithEvents title={t('Revenue movements')}>
      <View />
    </WithEvents>
  );
}

function View() {
  const asking = useAsking();
  const whom = useMoneyWhom();
  const load = useAsk('subscriptions', asking.fields, whom);
  const asked = useMemo(() => ({ question: 'subscriptions', fields: asking.fields, whom }), [asking.fields, whom]);
  const none = load.data !== undefined && !load.busy && buckets(load.data).length === 0;
  return (
    <>
      <Head
        title={t('Revenue movements')}
        say={load.data ? readable(told(load.data), whom) : t('How recurring revenue grows and shrinks')}
      />
      <div className="switches">
        <Every value={asking.every} of={['week', 'month', 'quarter', 'year']} onPick={asking.put.every} />
        <Switch
          label={t('In')}
          value={asking.money ? 'money' : 'customers'}
          options={[
            ['money', t('money')],
            ['customers', t('customers')],
          ]}
          onPick={asking.put.unit}
        />
      </div>
      <Asked asking={asking} open={none} />
      <Shown
        load={load}
        empty={(answer) => (buckets(answer).length ? null : <Missing answer={answer} asking={asking} />)}
      >
        {(answer) => {
          const given = { answer, asked, asking };
          return (
            <>
              <section className="panel">
                <Movements {...given} />
              </section>
              <div className="two">
                <section className="panel">
                  <OneBridge {...given} />
                </section>
                <section className="panel">
                  <Kept {...given} />
                </section>
              </div>
              <section className="panel">
                <Sums {...given} />
              </section>
              <Kinds answer={answer} asked={asked} />
              <Notes answer={answer} />
            </>
          );
        }}
      </Shown>
    </>
  );
}

function Asked({ asking, open }: { asking: Asking; open: boolean }) {
  const { names, properties } = useKnown();
  const { put } = asking;
  return (
    <Choices
      open={open}
      said={
        <>
          {t('A subscription begins with')}{' '}
          <b>
            <bdi>{asking.starts || t('what a billing source calls new, paid or resumed')}</bdi>
          </b>
          {', '}
          {t('ends with')}{' '}
          <b>
            <bdi>{asking.ends || t('what it calls cancelled or paused')}</bdi>
          </b>
          {', '}
          {t('its monthly amount is')}{' '}
          <b>
            <bdi>{asking.amount === 'none' ? t('1 each') : asking.amount || 'mrr'}</bdi>
          </b>
        </>
      }
    >
      <Pick
        label={t('Begins with')}
        value={asking.starts}
        options={names}
        onPick={put.starts}
        placeholder={t('new, paid or resumed')}
        hint={t('an event or a filter')}
      />
      <Pick
        label={t('Changes with')}
        value={asking.changes}
        options={names}
        onPick={put.changes}
        placeholder={asking.starts ? t('nothing') : t('upgrade, add-on, downgrade')}
        hint={t('what sets another amount')}
      />
      <Pick
        label={t('Ends with')}
        value={asking.ends}
        options={names}
        onPick={put.ends}
        placeholder={t('cancelled or paused')}
        hint={t('an event or a filter')}
      />
      <Pick
        label={t('Monthly amount')}
        value={asking.amount}
        options={['none', 'value', ...properties]}
        onPick={put.amount}
        placeholder="mrr"
        hint={t('a field with numbers; none counts each as 1')}
      />
      <Pick
        label={t('Tells subscriptions apart')}
        value={asking.key}
        options={['entity_id', ...properties]}
        onPick={put.key}
        placeholder={t('one for each customer')}
      />
      <Pick
        label={t('Why it changed')}
        value={asking.kind}
        options={properties}
        onPick={put.kind}
        placeholder={t('not split')}
      />
    </Choices>
  );
}

/** What is missing: nothing begins, or what begins has no amount. */
function Missing({ answer, asking }: { answer: Answer; asking: Asking }) {
  const { names } = useKnown();
  const [, putAmount] = useChoice<string>('amount', '');
  const problems = new Map(
    extra<{ problem: string; events: number } & Record<string, never>>(answer, 'problems').map((row) => [
      row.problem,
      row.events,
    ]),
  );
  const blank = problems.get('blank') ?? 0;
  const unknown = problems.get('unknown') ?? 0;
  return (
    <>
      <Wanted
        title={t('Nobody pays for a subscription in these dates')}
        names={names}
        more={blank > 0 ? [{ value: '', text: t('count each subscription as 1') }] : []}
        onPick={(name) => (name === '' ? putAmount('none') : asking.put.starts(name))}
      >
        {blank > 0 &&
          `${t(
            '{n} events begin or change a subscription without a monthly amount in {field}: choose another field, or count each as 1.',
            {
              n: int(blank),
              field: asking.amount || 'mrr',
            },
          )} `}
        {unknown > 0 &&
          `${t('{n} changes or ends belong to nothing that was seen to begin: which event begins it is missing.', { n: int(unknown) })} `}
        {blank === 0 && unknown === 0 && `${t('No event fits what begins, changes or ends a subscription.')} `}
        {t('A billing source such as Stripe brings such events; or choose which event begins one:')}
      </Wanted>
      <Notes answer={answer} />
    </>
  );
}
