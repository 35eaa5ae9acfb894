/** The choices of the view of paths, in a sentence that unfolds. */
import { t } from '../../lib/i18n';
import { Choices, Pick, Select } from '../../ui/choose';
import { filled } from '../../ui/filled';
import { listed, Names } from '../../ui/names';
import { type Choice, called, choose, type Direction, lacking, NONE, suggested, who } from './choice';

const LENGTHS = ['2', '3', '4', '5', '6', '8', '10', '15', '20'];

function Sentence({ choice }: { choice: Choice }) {
  const bold = (text: string, none: string) => (
    <b>
      <bdi>{text ? called(text, choice.known) : none}</bdi>
    </b>
  );
  const slots = {
    start: bold(choice.start, t('the first event')),
    end: bold(choice.end, t('wherever it leads')),
    window: <b>{choice.window}</b>,
    length: <b>{choice.length}</b>,
  };
  const text = {
    forward: choice.end
      ? t('From {start} to {end}, within {window}, up to {length} steps')
      : t('From {start}, {end}, within {window}, up to {length} steps'),
    backward: t('The last {length} steps before {end}, within {window}'),
    around: t('{length} steps before and after {start}, within {window}'),
  }[choice.direction];
  const more = [
    choice.only.length ? t('only {names}', { names: choice.only.join(', ') }) : '',
    choice.hide.length ? t('without {names}', { names: choice.hide.join(', ') }) : '',
    choice.collapse ? t('repeats told once') : t('repeats told each time'),
  ].filter(Boolean);
  return (
    <>
      {filled(text, slots)}
      {more.length > 0 && <bdi> · {more.join(' · ')}</bdi>}
    </>
  );
}

export function Fields({ choice }: { choice: Choice }) {
  const { known } = choice;
  const maps = suggested(known);
  const put = (name: string, fallback: string) => (value: string) =>
    choose({ [name]: value === fallback ? null : value || (fallback ? NONE : null) });
  return (
    <Choices said={<Sentence choice={choice} />} open={lacking(choice) !== null}>
      <Select
        label={t('Direction')}
        value={choice.direction}
        options={[
          ['forward', t('forward, from a start')],
          ['backward', t('backward, from an end')],
          ['around', t('before and after a touchpoint')],
        ]}
        onPick={(value) => choose({ direction: value === 'forward' ? null : (value as Direction), length: null })}
      />
      {choice.direction !== 'backward' && (
        <Pick
          label={choice.direction === 'around' ? t('Around') : t('Start')}
          value={called(choice.start, known)}
          options={known.names}
          placeholder={t('the first event')}
          hint={t('a name or a filter')}
          onPick={put('start', called(maps.start, known))}
        />
      )}
      {choice.direction !== 'around' && (
        <Pick
          label={t('End')}
          value={called(choice.end, known)}
          options={known.names}
          placeholder={t('none')}
          hint={t('what it should reach; a name or a filter')}
          onPick={put('end', called(maps.end, known))}
        />
      )}
      <Pick
        label={t('Within')}
        value={choice.window}
        options={['1 hour', '1 day', '7 days', '30 days', '90 days']}
        onPick={(value) => choose({ window: value && value !== maps.window ? value : null })}
      />
      <Select
        label={choice.direction === 'around' ? t('Steps on each side') : t('Steps at most')}
        value={String(choice.length)}
        options={LENGTHS.map((n) => [n, n])}
        onPick={(value) => choose({ length: value })}
      />
      <Select
        label={t('One path for each')}
        value={choice.unit}
        options={[
          ['person', t('person')],
          ['session', t('visit')],
        ]}
        onPick={(value) => choose({ of: value === 'person' ? null : value })}
      />
      <Select
        label={t('Repeats in a row')}
        value={choice.collapse ? 'once' : 'all'}
        options={[
          ['once', t('are told once')],
          ['all', t('are told each time')],
        ]}
        onPick={(value) => choose({ repeats: value === 'once' ? null : value })}
      />
      <Names
        label={t('Leave out')}
        value={choice.hide}
        options={known.names}
        onPick={(names) => choose({ hide: listed(names) })}
      />
      <Names
        label={t('Nothing but')}
        value={choice.only}
        options={known.names}
        onPick={(names) => choose({ only: listed(names) })}
      />
      <p className="foot">{t('The picture counts {who}.', { who: who(choice) })}</p>
    </Choices>
  );
}
