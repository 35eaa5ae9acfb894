/** Every sentence of the page passes through `t`, so that another language is one file. */

const PSEUDO: Record<string, string> = {
  a: 'å',
  b: 'ƀ',
  c: 'ç',
  d: 'ð',
  e: 'é',
  f: 'ƒ',
  g: 'ğ',
  h: 'ħ',
  i: 'î',
  j: 'ĵ',
  k: 'ķ',
  l: 'ļ',
  m: 'ɱ',
  n: 'ñ',
  o: 'ö',
  p: 'þ',
  q: 'ǫ',
  r: 'ŕ',
  s: 'š',
  t: 'ţ',
  u: 'û',
  v: 'ṽ',
  w: 'ŵ',
  x: 'ẋ',
  y: 'ý',
  z: 'ž',
};

/** `?lang=pseudo` makes every sentence longer by two fifths and odd, so that what does not pass through here stands out. */
export const language = new URLSearchParams(location.search).get('lang') ?? 'en';

type Messages = Record<string, string>;
let messages: Messages = {};

/** Use the messages of a language: English sentence → sentence. */
export function speak(given: Messages) {
  messages = given;
}

function pseudo(text: string): string {
  const odd = text.replace(/\{[^}]*\}|[a-z]/g, (c) => (c.length > 1 ? c : (PSEUDO[c] ?? c)));
  return `⟦${odd}${'·'.repeat(Math.ceil(text.replace(/\{[^}]*\}/g, '').length * 0.4))}⟧`;
}

/** The sentence in the reader's language, its slots `{name}` filled. */
export function t(text: string, slots: Record<string, string | number> = {}): string {
  const said = language === 'pseudo' ? pseudo(text) : (messages[text] ?? text);
  return said.replace(/\{(\w+)\}/g, (whole, name: string) => (name in slots ? String(slots[name]) : whole));
}

const rules = new Intl.PluralRules(language === 'pseudo' ? 'en' : language);

/** One of two sentences by number: `plural(n, '{n} person', '{n} people')`. */
export function plural(n: number, one: string, other: string, slots: Record<string, string | number> = {}): string {
  return t(rules.select(n) === 'one' ? one : other, {
    n: new Intl.NumberFormat(document.documentElement.lang || 'en').format(n),
    ...slots,
  });
}
