/** A link within the page. */
import type { ComponentProps } from 'react';
import { address, type Change, go } from '../lib/address';

export function Go({
  to,
  onGone,
  ...rest
}: { to: Change; onGone?: () => void } & Omit<ComponentProps<'a'>, 'href' | 'onClick'>) {
  return (
    <a
      {...rest}
      href={address(to)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onGone?.();
        go(to);
      }}
    />
  );
}
