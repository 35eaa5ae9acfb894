/** What has a customer brought in, by cohort and by segment, and what is still to come? */
import { useMemo } from 'react';
import { useAsk } from '../lib/asking';
import { t } from '../lib/i18n';
import { Choices, Pick, Select } from '../ui/choose';
import { Head, Switch } from '../ui/parts';
import { Notes, Nothing, Shown } from '../ui/shown';
import { one, type Unit } from './cohorts/buckets';
import { told } from './groups';
import { ByAge, Cohorts, everyone, Facts } from './value/Brought';
import { Forecast } from './value/Forecast';
import { type Asking, useAsking } from './value/lifetime';
import { useMoneyWhom, WITH_AMOUNT } from './value/money';
import { BySegment, Concentration } from './value/Spread';
import { Wanted } from './value/Wanted';
import { WithEvents } from './WithEvents';

export default function LifetimeValue(_: { rest: string }) {
  return (
    <WithEvents title={t('Lifetime value')}>
      <View />
    </WithEvents>
  );
}

function View() {
  const asking = useAsking();
  const whom = useMoneyWhom();
  const { known, purchase } = asking;
  const ready = !known.busy && purchase !== '';
  const load = useAsk(ready ? 'lifetime_value' : null, asking.fields, whom);
  const asked = useMemo(() => ({ question: 'lifetime_value', fields: asking.fields, whom }), [asking.fields, whom]);
  return (
    <>
      <Head
        title={t('Lifetime value')}
        say={ready && load.data ? told(load.data) : t('What has a customer brought in, and what is still to come?')}
      />
      {known.busy && <div className="skel s1" />}
      {!known.busy && (
        <div className="switches">
          <Switch
            label={t('Cohorts by')}
            value={asking.every}
            options={(['week', 'month', 'quarter', 'year'] as Unit[]).map((unit) => [unit, one(unit)])}
            onPick={asking.put.every}
          />
        </div>
      )}
      {!known.busy && <Asked asking={asking} />}
      {!known.busy && !purchase && (
        <Wanted
          title={t('What brings money in?')}
          names={known.names}
          more={[{ value: WITH_AMOUNT, text: t('every event with an amount') }]}
          onPick={asking.put.purchase}
        >
          {t('No journey map says which step has a revenue. Choose what a purchase is:')}
        </Wanted>
      )}
      {ready && (
        <Shown load={load} empty={(answer) => (everyone(answer)?.people ? null : <Nothing kind="filter" />)}>
          {(answer) => (
            <>
              <Facts answer={answer} asked={asked} asking={asking} />
              <section className="panel mt">
                <ByAge answer={answer} asked={asked} asking={asking} />
              </section>
              <section className="panel">
                <Cohorts answer={answer} asked={asked} asking={asking} />
              </section>
              <div className="two">
                <BySegment asking={asking} whom={whom} />
                <Concentration asking={asking} whom={whom} />
              </div>
              <section className="panel">
                <Forecast answer={answer} asked={asked} />
              </section>
              <Notes answer={answer} />
            </>
          )}
        </Shown>
      )}
    </>
  );
}

function Asked({ asking }: { asking: Asking }) {
  const { known, put } = asking;
  const { names, properties } = known;
  return (
    <Choices
      open={asking.purchase === ''}
      said={
        <>
          {t('A purchase is')}{' '}
          <b>
            <bdi>{asking.purchase || t('not chosen yet')}</bdi>
          </b>
          {', '}
          {t('its amount is')}{' '}
          <b>
            <bdi>{asking.value}</bdi>
          </b>
          {asking.ends && (
            <>
              {', '}
              {t('a contract until')}{' '}
              <b>
                <bdi>{asking.ends}</bdi>
              </b>
            </>
          )}
          {', '}
          {t('looking {ahead} ahead', { ahead: asking.ahead })}
        </>
      }
    >
      <Pick
        label={t('A purchase is')}
        value={asking.purchase}
        options={[WITH_AMOUNT, ...names]}
        onPick={put.purchase}
        hint={t('an event or a filter; refunds fit too')}
      />
      <Pick
        label={t('Its amount is')}
        value={asking.value}
        options={['value', ...properties]}
        onPick={put.value}
        hint={t('a field with numbers')}
      />
      <Pick
        label={t('Share that is kept')}
        value={asking.margin}
        options={['0.2', '0.4', '0.6', '0.8']}
        onPick={put.margin}
        placeholder="1"
        hint={t('a margin such as 0.4')}
      />
      <Pick
        label={t('Discount a year')}
        value={asking.discount}
        options={['0', '0.05', '0.1', '0.15']}
        onPick={put.discount}
        placeholder="0.1"
        hint={t('0.1 is 10%')}
      />
      <Select
        label={t('How far ahead')}
        value={asking.ahead}
        options={['90 days', '180 days', '365 days', '730 days'].map((each) => [each, each])}
        onPick={put.ahead}
      />
      <Select
        label={t('Model')}
        value={asking.model}
        options={[
          ['auto', t('what can be fitted')],
          ['bg_nbd', 'BG/NBD'],
          ['pareto_nbd', 'Pareto/NBD'],
          ['none', t('none: count only')],
        ]}
        onPick={put.model}
      />
      <Pick
        label={t('A contract ends with')}
        value={asking.ends}
        options={names}
        onPick={put.ends}
        placeholder={t('there is no contract')}
        hint={t('for contracts that are renewed or end')}
      />
    </Choices>
  );
}
