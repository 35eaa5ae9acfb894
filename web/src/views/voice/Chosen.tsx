/** Which events are remarks and where their words and scores stand: chosen here, kept in the address. */
import type { ReactNode } from 'react';
import { go } from '../../lib/address';
import { t } from '../../lib/i18n';
import { Choices, Pick, Select } from '../../ui/choose';
import { Go } from '../../ui/go';
import { Said } from './parts';
import { SCALES, type Spoken } from './spoken';

type Given = { spoken: Spoken; words?: boolean; open?: boolean; children?: ReactNode };

export function Chosen({ spoken, words = true, open, children }: Given) {
  const { survey, surveys, known, put, map } = spoken;
  const picked = surveys.findIndex((one) => one.answers === survey.answers && one.score === survey.score);
  const offers = surveys.map((one, i) => [String(i), one.label] as [string, string]);
  return (
    <Choices said={<Said spoken={spoken} words={words} />} open={open ?? false}>
      {surveys.length > 0 && (
        <Select
          label={t('Survey')}
          value={picked < 0 ? '' : String(picked)}
          options={picked < 0 ? [['', t('one of your own')], ...offers] : offers}
          onPick={(i) => {
            const one = surveys[Number(i)];
            if (one) put(one);
          }}
          hint={t('Those of the journey maps first; the fields beside it take any other.')}
        />
      )}
      <Pick
        label={t('Events that are remarks')}
        value={survey.answers}
        options={[...new Set([...surveys.map((one) => one.answers), ...known.names])]}
        onPick={(answers) => put({ answers })}
        hint={t('A name or a filter.')}
      />
      {words && (
        <Pick
          label={t('Property with the words')}
          value={survey.text}
          options={known.properties}
          onPick={(text) => put({ text })}
        />
      )}
      <Pick
        label={t('Property with the score')}
        value={survey.score}
        options={known.properties}
        onPick={(score) => put({ score })}
        placeholder={t('none')}
      />
      {survey.score && (
        <Select
          label={t('Scale')}
          value={survey.scale}
          options={SCALES.map(([name, text]) => [name, t(text)])}
          onPick={(scale) => put({ scale })}
        />
      )}
      {words && known.chosen && (
        <Select
          label={t('Touchpoints')}
          value={map ? '' : 'none'}
          options={[
            ['', t('of the map {map}', { map: known.chosen.title })],
            ['none', t('the events that most people have')],
          ]}
          onPick={(places) => go({ query: { places: places || null } })}
        />
      )}
      {children}
    </Choices>
  );
}

/** No events with words or scores are known: what to do about it. */
export function Wanted({ spoken, of }: { spoken: Spoken; of: 'words' | 'scores' }) {
  return (
    <>
      <div className="empty">
        <h2>{of === 'words' ? t('Nobody’s words are known yet') : t('No scores are known yet')}</h2>
        <p>
          {of === 'words'
            ? t(
                'Surveys, tickets, chats, calls and reviews hold words. Import them with the property that holds the words, then choose the events below or name them under `feedback` in a journey map.',
              )
            : t(
                'NPS, CSAT, CES and stars are read from answers with a number. Import the answers with the property that holds the score, then choose the events below or name them under `feedback` in a journey map.',
              )}
        </p>
        <p>
          <Go to={{ page: 'data' }}>{t('Which sources there are')}</Go>
        </p>
      </div>
      <Chosen spoken={spoken} words={of === 'words'} open />
    </>
  );
}
