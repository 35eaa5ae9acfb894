/** Names of events as questions take them: a name that reads like a filter is written as one that holds it. */
import { quoted } from '../lib/whom';

/** What makes the server read a text as a filter. */
const SIGNS = /[=<>]| in ?\(| (like|between|contains|matches|starts with|ends with|is missing|is not missing)( |$)/i;

/** A choice of a view as a question takes it; filters and plain names stay as they are. */
export const asEvent = (text: string, names: string[]) =>
  SIGNS.test(` ${text} `) && names.includes(text) ? `name = ${quoted(text)}` : text;
