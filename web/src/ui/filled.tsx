/** A sentence whose slots hold more than text: numbers that open people, bold words, links. */
import { Fragment, type ReactNode } from 'react';

/** `filled(t('{rate} of {n} get there.'), { rate: <b>40 %</b>, n: <Num … /> })`: the slots that `t` left open. */
export function filled(text: string, slots: Record<string, ReactNode>): ReactNode {
  return text.split(/(\{\w+\})/).map((part, i) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
    return <Fragment key={i}>{name !== undefined && name in slots ? slots[name] : part}</Fragment>;
  });
}
