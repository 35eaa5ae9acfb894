/** How much there is of a person, or was erased. */
import type { JobShape } from '../../api/schema';
import { int } from '../../lib/format';
import { t } from '../../lib/i18n';

const COUNTS: Record<string, string> = {
  identities: 'identities',
  events: 'events',
  kept_events: 'events of a shared device that stay, in rows of others',
  raw_rows: 'archived rows',
  quarantined: 'rows in quarantine',
  redactions: 'names in rows of others',
  redacted_rows: 'rows of others that name them',
  rules: 'rules of hand',
  imports: 'imports that are written anew',
  evidence: 'links between identities',
  former_people: 'people they were taken for before',
  accounts: 'accounts',
  shared_devices: 'shared devices',
  rows: 'archived rows',
  unreadable_lines: 'lines that could not be read',
  named_in_rows_of_others: 'rows of others that name them',
  named_in_files: 'files of your own that name them',
};

export function Counts({ job }: { job: JobShape }) {
  const some = Object.entries(job.counts).filter(([, n]) => n > 0);
  return (
    <ul className="counts">
      {some.map(([name, n]) => (
        <li key={name}>
          <b>{int(n)}</b> {t(COUNTS[name] ?? name.replaceAll('_', ' '))}
        </li>
      ))}
      {some.length === 0 && <li>{t('nothing')}</li>}
    </ul>
  );
}
