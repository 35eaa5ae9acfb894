/** A view that asks about events: said once, and nothing asked, where there are none. */
import type { ReactNode } from 'react';
import { useExtent } from '../ui/bar';
import { Head } from '../ui/parts';
import { Nothing, Shown } from '../ui/shown';

export function WithEvents({ title, children }: { title: string; children: ReactNode }) {
  const extent = useExtent();
  return (
    <Shown load={extent}>
      {(found) =>
        found.events === 0 ? (
          <>
            <Head title={title} />
            <Nothing kind="source" />
          </>
        ) : (
          children
        )
      }
    </Shown>
  );
}
