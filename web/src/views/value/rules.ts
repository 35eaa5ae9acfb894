/** The rules by which credit is shared out: what they are called, and what they say. */
import { t } from '../../lib/i18n';

export type Rule = { key: string; name: string; says: string };

export const rules = (): Rule[] => [
  { key: 'first', name: t('First touch'), says: t('all to the first touch of a path') },
  { key: 'last', name: t('Last touch'), says: t('all to the last touch') },
  { key: 'last_other', name: t('Last but direct'), says: t('to the last touch that is not direct') },
  { key: 'linear', name: t('Equal shares'), says: t('in equal parts to all touches') },
  { key: 'position', name: t('By place'), says: t('40% first, 40% last, 20% between') },
  { key: 'j', name: t('Last most'), says: t('20% first, 60% last, 20% between') },
  { key: 'inverse_j', name: t('First most'), says: t('60% first, 20% last, 20% between') },
  {
    key: 'w',
    name: t('With the lead'),
    says: t('30% each to the first, the one that brought the lead, and the last'),
  },
  { key: 'custom', name: t('Own weights'), says: t('by weights of one’s own') },
  { key: 'decay', name: t('Newest most'), says: t('half the weight for each half-life of age') },
  { key: 'participation', name: t('Whole to each'), says: t('a whole conversion to each of the path: sums to more') },
  { key: 'shapley', name: t('Shapley value'), says: t('in equal parts to the distinct ones of the path') },
  { key: 'markov', name: t('Removal effect'), says: t('by how many fewer would convert in a chain without it') },
  { key: 'shapley_rates', name: t('Shapley of rates'), says: t('by the rate of conversion of every set') },
];
export const named = (key: string) => rules().find((rule) => rule.key === key)?.name ?? key;

/** So many are held beside each other: as many as there are marks that differ in colour and shape. */
export const MOST = 5;
export const DEFAULT = ['first', 'last', 'linear', 'shapley', 'markov'];
