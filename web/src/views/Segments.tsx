/** Which groups of people are named, how large is each today, and who belongs to a new one? */
import { useEffect } from 'react';
import { go, useAddress } from '../lib/address';
import { useGet } from '../lib/asking';
import { int } from '../lib/format';
import { plural, t } from '../lib/i18n';
import { useMay } from '../lib/session';
import { useExtent } from '../ui/bar';
import { Head } from '../ui/parts';
import { Shown } from '../ui/shown';
import { Builder } from './people/Builder';
import { Kept } from './people/Kept';
import { draftOf, type Segment } from './people/segments';

const LATER = 2000;

export default function Segments(_: { rest: string }) {
  const load = useGet<Segment[]>('/api/segments');
  const { data, busy, again } = load;
  const counting = data?.some((one) => one.size === null && !one.problem) ?? false;
  // sizes that were not known within moments are known later
  useEffect(() => {
    if (!counting || busy) return;
    const timer = setTimeout(again, LATER);
    return () => clearTimeout(timer);
  }, [counting, busy, again]);
  return (
    <Shown load={{ ...load, busy: busy && data === undefined }}>
      {(segments) => <Drawn segments={segments} again={load.again} />}
    </Shown>
  );
}

function said(segments: Segment[]): string {
  if (!segments.length)
    return t('No segment is kept yet. One can be put together here, or kept from the people behind any number.');
  const sized = segments.filter((one) => one.size !== null);
  const largest = sized.reduce<Segment | null>((a, b) => ((b.size ?? 0) > (a?.size ?? -1) ? b : a), null);
  const first = plural(segments.length, '{n} segment is kept', '{n} segments are kept');
  return largest
    ? t('{first}; the largest, {name}, has {size} people at present.', {
        first,
        name: `“${largest.name}”`,
        size: int(largest.size),
      })
    : `${first}.`;
}

function Drawn({ segments, again }: { segments: Segment[]; again: () => void }) {
  const { query } = useAddress();
  const { data: extent } = useExtent();
  const may = useMay('analyst');
  const changed = segments.find((one) => one.name === query.get('change'));
  const draft = changed ? draftOf(changed) : null;
  const start = changed && draft ? { name: changed.name, draft } : null;
  const left = (name: string) => {
    // whoever the chips name must be there
    const gone: Record<string, string | null> = { change: null, segment: null };
    if (query.get('people')?.replace(/^not /, '') === name) gone.people = null;
    if (query.get('against')?.replace(/^cohort:(not )?/, '') === name) gone.against = null;
    go({ query: gone }, true);
    again();
  };
  return (
    <>
      <Head title={t('Segments')} say={<bdi>{said(segments)}</bdi>} />
      <div className="two w64">
        <section className="panel">
          {segments.length === 0 && (
            <p className="dim">
              {t(
                'Nothing is kept yet. The people behind a number can be kept too: press the number, give them a name.',
              )}
            </p>
          )}
          <Kept
            segments={segments}
            everybody={extent?.people ?? null}
            marked={query.get('segment')}
            may={may}
            onChange={(name) => go({ query: { change: name } })}
            onGone={left}
          />
        </section>
        <section className="panel">
          {may ? (
            <Builder
              key={start?.name ?? ''}
              segments={segments}
              start={start}
              onSaved={(name) => {
                go({ query: { change: null, segment: name } }, true);
                again();
              }}
              onForget={() => go({ query: { change: null } })}
            />
          ) : (
            <p className="dim">{t('Your role may use segments, not make them.')}</p>
          )}
        </section>
      </div>
    </>
  );
}
