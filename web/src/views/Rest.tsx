/** A long table shows its latest rows, and all of them when they are asked for. */
import { int } from '../lib/format';
import { t } from '../lib/i18n';

export function Rest(given: { count: number; shown: number; whole: boolean; onTurn: (whole: boolean) => void }) {
  const { count, shown, whole, onTurn } = given;
  if (count <= shown) return null;
  return (
    <button type="button" className="link" onClick={() => onTurn(!whole)}>
      {whole ? t('Only the latest {n}', { n: shown }) : t('All {n}', { n: int(count) })}
    </button>
  );
}
