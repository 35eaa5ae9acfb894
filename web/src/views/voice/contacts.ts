/** Which events are contacts: of the chosen map, of another map, or by the words for metrics. */
import { asOne, stepsOf } from '../maps';
import { type Spoken, speaksOf } from './spoken';

const TEXTS = ['text', 'message', 'body', 'description', 'turns', 'comment', 'subject', 'title'];

export type Contacts = {
  /** How contact_reasons takes it. */
  fields: Record<string, unknown>;
  /** Which events are calls for help, as one filter. */
  tickets: string;
  /** Of which map, if of one. */
  map: string | null;
  text: string;
  topic: string;
};

/** Null where nothing here is a contact with a human. */
export function contactsOf({ known, words }: Spoken, text: string): Contacts | null {
  const { maps, names, properties } = known;
  const said = text || (TEXTS.find((name) => properties.includes(name)) ?? '');
  const topic = words.topic && properties.includes(words.topic) ? words.topic : '';
  for (const map of maps) {
    const human = stepsOf(map.outline).filter((step) => step.contact === 'human');
    if (!human.length) continue;
    const tickets = asOne(
      human.flatMap((step) => step.event ?? (step.touchpoint as string)),
      names,
    );
    return { fields: { map: map.name, text: said || 'text' }, tickets, map: map.title, text: said, topic };
  }
  const contacts = [words.contact, words.ticket].find((one) => speaksOf(one, names));
  if (!contacts) return null;
  const cost = words.cost && properties.includes(words.cost) ? { cost: words.cost } : {};
  const self = speaksOf(words.self_service, names) ? { self_service: words.self_service } : {};
  return {
    fields: { contacts, ...self, ...cost, text: said || 'text' },
    tickets: contacts,
    map: null,
    text: said,
    topic,
  };
}
