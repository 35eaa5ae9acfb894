/** How the answer to `scores` is read: kinds of answers, the same score looked at in other ways, invitations. */
import { type Answer, extra, type Row, rows } from '../../api/answer';
import type { Piece } from '../../charts/plain/Stacks';
import { t } from '../../lib/i18n';
import { mine, theirs } from '../groups';
import type { Known } from '../maps';
import type { Survey } from './spoken';

export type Bucket = Row & {
  group?: string;
  bucket: string;
  over?: boolean;
  answers: number;
  left_out: number;
  people: number;
  promoters?: number;
  passives?: number;
  detractors?: number;
  good?: number;
  other?: number;
  score: number | null;
  score_low: number | null;
  score_high: number | null;
  mean?: number | null;
  of_answers_good_low?: number | null;
  of_answers_good_high?: number | null;
  invited?: number;
  open?: number;
  answered?: number;
  of_invited?: number | null;
  of_invited_low?: number | null;
  of_invited_high?: number | null;
};

export const wholeOf = (answer: Answer) => mine(rows<Bucket>(answer.table)).find((row) => row.bucket === 'all');
export const otherOf = (answer: Answer) => theirs(rows<Bucket>(answer.table)).find((row) => row.bucket === 'all');
export const bucketsOf = (answer: Answer) => {
  const all = mine(rows<Bucket>(answer.table)).filter((row) => row.bucket !== 'all');
  const first = all.findIndex((row) => row.answers > 0 || (row.invited ?? 0) > 0);
  return first < 0 ? [] : all.slice(first);
};

export type Kind = { key: string; label: string; n: number; piece: Piece['tone'] };

/** The kinds of answers of a scale, the worst first. */
export function kindsOf(row: Bucket): Kind[] {
  if (row.promoters != null)
    return [
      { key: 'detractor', label: t('Detractors'), n: row.detractors ?? 0, piece: 'down' },
      { key: 'passive', label: t('Passives'), n: row.passives ?? 0, piece: 'none' },
      { key: 'promoter', label: t('Promoters'), n: row.promoters, piece: 'c3' },
    ];
  return [
    { key: 'other', label: t('Others'), n: row.other ?? 0, piece: 'none' },
    { key: 'good', label: t('Satisfied'), n: row.good ?? 0, piece: 'c3' },
  ];
}

/** Which kind an answer with that score is. */
export function kindOf(scale: string, score: number): string {
  if (scale === 'nps') return score <= 6 ? 'detractor' : score <= 8 ? 'passive' : 'promoter';
  const best: Record<string, number> = { csat5: 4, csat7: 6, ces7: 5, stars: 4 };
  return score >= (best[scale] ?? Number.POSITIVE_INFINITY) ? 'good' : 'other';
}

export type Way = Row & {
  score: number | null;
  score_low: number | null;
  score_high: number | null;
  answers: number;
};
export const ways = (answer: Answer, table: 'weighted' | 'with_text' | 'strata') => mine(extra<Way>(answer, table));

/** What scores are worth holding against each other by, as properties are often called, and in this order. */
const PARTS = ['touchpoint', 'stage', 'plan', 'tier', 'segment', 'product', 'category', 'country', 'region', 'state'];
const MORE = ['city', 'language', 'device', 'platform', 'type', 'group', 'late'];
const INVITED = /(survey|nps|csat|ces|feedback|review).*(sent|invited|invitation|shown|requested)|^invit/i;

/** By what scores are worth holding against each other: what events are by, properties that often matter first. */
export function partsOf({ fields, properties }: Known): string[] {
  const named = (word: string) =>
    properties.filter((name) => name === word || name.endsWith(`_${word}`) || name.startsWith(`${word}_`));
  const often = [...PARTS, ...MORE].flatMap(named).filter((name) => !/_id$|_at$/.test(name));
  const channel = (fields?.channels.length ?? 0) > 1 ? ['channel'] : [];
  const source = (fields?.sources.length ?? 0) > 1 ? ['source'] : [];
  const rest = properties.filter((name) => !name.startsWith('$'));
  return [...new Set([...often, ...channel, ...source, ...rest])];
}

/** By what people differ as a rule, so that who answers seldom can be made up for. */
export function strataOf(known: Known): string {
  if ((known.fields?.channels.length ?? 0) > 2) return 'channel';
  const people = /plan|tier|segment|country|region|state|device/;
  return partsOf(known).find((name) => people.test(name)) ?? '';
}

/** Invitations are only guessed for a survey as a whole: of a part of it they would be too many. */
export const invitedOf = (survey: Survey, names: string[]) =>
  names.includes(survey.answers) ? (names.find((name) => name !== survey.answers && INVITED.test(name)) ?? '') : '';
