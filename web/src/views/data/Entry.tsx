/** One row of quarantine: where it stood, its shape, and itself for who says that they want to see it. */
import { useState } from 'react';
import { send } from '../../api/client';
import type { EntryShape, PlainShape } from '../../api/schema';
import { int, moment } from '../../lib/format';
import { toast } from '../../lib/hooks';
import { t } from '../../lib/i18n';
import { useSession } from '../../lib/session';

export function Entry({ entry }: { entry: EntryShape }) {
  const { workspace } = useSession();
  const [plain, setPlain] = useState<PlainShape | null>(null);
  const place =
    entry.line !== null
      ? t('line {n}', { n: int(entry.line) })
      : entry.record !== null
        ? t('row {n}', { n: int(entry.record) })
        : '';
  const reveal = () => {
    const { number, table, file, line, record, reason } = entry;
    send<PlainShape>('POST', '/api/quarantine/reveal', { number, table, file, line, record, reason })
      .then(setPlain)
      .catch((problem: Error) => toast(problem.message));
  };
  const cut = (plain ?? entry).cut;
  return (
    <li>
      <div className="ehead">
        <b>
          <bdi>{entry.file}</bdi> {place}
        </b>
        <small>
          <bdi>{entry.source}</bdi> · {t('import {n}', { n: entry.number })} ·{' '}
          {moment(entry.received_at, workspace.time_zone)}
        </small>
      </div>
      <p className="t-bad">
        <bdi>{entry.says}</bdi>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre className="code raw" tabIndex={0} dir="auto">
        {(plain ?? entry).raw}
        {cut ? ' …' : ''}
      </pre>
      {plain ? (
        <button type="button" className="link" onClick={() => setPlain(null)}>
          {t('Hide the values')}
        </button>
      ) : (
        <button
          type="button"
          className="link"
          onClick={reveal}
          aria-label={t('Show as it stood (noted in the log): {file} {place}', { file: entry.file, place })}
        >
          {t('Show as it stood (noted in the log)')}
        </button>
      )}
    </li>
  );
}
