/** Which remarks are looked for: by words, theme, mood, touchpoint and language; all of it stands in the address. */
import { useEffect, useState } from 'react';
import { type Answer, extra } from '../../api/answer';
import { go, useAddress } from '../../lib/address';
import { int } from '../../lib/format';
import { t } from '../../lib/i18n';
import { quoted } from '../../lib/whom';
import { Select } from '../../ui/choose';
import { Switch } from '../../ui/parts';
import { mine } from '../groups';
import { ALL, NOWHERE, placesOf, themesOf } from './themes';

export type Looked = { words: string; theme: string; mood: string; touchpoint: string; language: string; most: number };
export const MOODS: [string, string][] = [
  ['', 'All'],
  ['bad', 'Bad'],
  ['neutral', 'Neutral'],
  ['good', 'Good'],
  ['unread', 'Not read'],
];
const MOST = 24;

export function useLooked(): [Looked, (change: Partial<Record<keyof Looked, string | null>>) => void] {
  const { query } = useAddress();
  const given = (name: string) => query.get(name) ?? '';
  const looked = {
    words: given('words'),
    theme: given('theme'),
    mood: given('mood'),
    touchpoint: given('touchpoint'),
    language: given('language'),
    most: Math.min(200, Number(given('most')) || MOST),
  };
  return [looked, (change) => go({ query: change as Record<string, string | null> }, true)];
}

/** As the question takes it. */
export function fieldsOf(looked: Looked, fields: Record<string, unknown>, names: string[]): Record<string, unknown> {
  const { words, theme, mood, touchpoint, language, most } = looked;
  const put = (name: string, value: string) => (value ? { [name]: value } : {});
  return {
    ...fields,
    ...(language ? { answers: inLanguage(String(fields.answers), String(fields.text), language, names) } : {}),
    ...put('words', words.trim()),
    ...put('theme_is', theme),
    ...put('mood', mood),
    ...put('about', touchpoint === ALL ? '' : touchpoint),
    most,
  };
}

const plain = (field: string) => (/^[A-Za-z_][\w.]*$/.test(field) ? field : `"${field.replaceAll('"', '""')}"`);

/** Only remarks in one language; what they are about is read from all events. */
function inLanguage(answers: string, text: string, language: string, names: string[]): string {
  const where = names.includes(answers) ? `name = ${quoted(answers)}` : `(${answers})`; // a filter already, if it reads like one
  const field = plain(`${text}.language`);
  return `${where} and ${field} ${language === '(unknown)' ? 'is missing' : `= ${quoted(language)}`}`;
}

const languageName = (code: string) => {
  try {
    return new Intl.DisplayNames(document.documentElement.lang || 'en', { type: 'language' }).of(code) ?? code;
  } catch {
    return code; // no language tag: what a property of one's own says
  }
};

export function Find({ voice }: { voice: Answer | undefined }) {
  const [looked, put] = useLooked();
  const [text, set] = useState(looked.words);
  useEffect(() => set(looked.words), [looked.words]);
  const option = (value: string, text: string, n: unknown) =>
    [value, `${text} (${int(Number(n))})`] as [string, string];
  const themes = voice ? themesOf(voice, ALL).map((row) => option(row.theme, row.theme, row.people)) : [];
  const places = voice
    ? placesOf(voice).map((row) =>
        option(row.touchpoint, row.touchpoint === NOWHERE ? t('no touchpoint') : row.touchpoint, row.people),
      )
    : [];
  const languages = voice
    ? mine(extra(voice, 'languages')).map((row) =>
        option(
          String(row.language),
          row.language === '(unknown)' ? t('not known') : languageName(String(row.language)),
          row.remarks,
        ),
      )
    : [];
  return (
    <search className="find">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          put({ words: text || null });
        }}
      >
        <label className="field">
          {t('Words')}
          <input
            type="search"
            value={text}
            placeholder={t('all of these words or parts')}
            onChange={(event) => {
              set(event.target.value);
              if (!event.target.value) put({ words: null });
            }}
            onBlur={() => text !== looked.words && put({ words: text || null })}
          />
        </label>
        <Select
          label={t('Theme')}
          value={looked.theme}
          options={[['', t('all')], ...themes, ['(no theme)', t('of no theme')]]}
          onPick={(theme) => put({ theme: theme || null })}
        />
        <Select
          label={t('About')}
          value={looked.touchpoint}
          options={[['', t('everything')], ...places]}
          onPick={(touchpoint) => put({ touchpoint: touchpoint || null })}
        />
        <Select
          label={t('Language')}
          value={looked.language}
          options={[['', t('all')], ...languages]}
          onPick={(language) => put({ language: language || null })}
        />
        <Switch
          label={t('Sounds')}
          value={looked.mood}
          options={MOODS.map(([value, said]) => [value, t(said)])}
          onPick={(mood) => put({ mood: mood || null })}
        />
      </form>
    </search>
  );
}
