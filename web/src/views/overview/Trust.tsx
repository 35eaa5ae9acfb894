/** Whether the data can be trusted today: what the looks at its health found, the worst first; notes are counted. */
import { useGet } from '../../lib/asking';
import { plural, t } from '../../lib/i18n';
import { useMay } from '../../lib/session';
import { Go } from '../../ui/go';

type Finding = { look: string; severity: string; says: string; do: string };

const SHOWN = 4;
/** Where a finding is looked into further. */
const PLACES: Record<string, string> = {
  quarantine: 'data/quarantine',
  conflicts: 'data/identity',
  unnamed: 'data/identity',
  definitions: 'data/definitions',
};

export function Trust() {
  const may = useMay('analyst');
  const load = useGet<{ findings: Finding[] }>('/api/health');
  if (!load.data) return null;
  const { findings } = load.data;
  const grave = findings.filter((one) => one.severity !== 'note');
  const rest = findings.length - Math.min(grave.length, SHOWN);
  const place = (look: string) => {
    const page = PLACES[look] ?? 'data/health';
    return page === 'data/quarantine' && !may ? 'data/health' : page;
  };
  return (
    <section className="panel" aria-labelledby="trust">
      <h2 id="trust">
        {t('The data')}{' '}
        <small>
          {grave.length
            ? plural(grave.length, '{n} thing to look at', '{n} things to look at')
            : t('nothing that needs a look')}
        </small>
      </h2>
      <ul className="al">
        {grave.slice(0, SHOWN).map((one) => (
          <li key={one.look + one.says} className={one.severity === 'problem' ? 'bad' : ''}>
            <Go to={{ page: place(one.look) }}>
              <bdi>{one.says}</bdi>
            </Go>
            <small>{one.do}</small>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <p className="foot">
          <Go to={{ page: 'data/health' }}>
            {grave.length
              ? plural(rest, '{n} more finding about the data', '{n} more findings about the data')
              : plural(rest, '{n} note about the data', '{n} notes about the data')}
          </Go>
        </p>
      )}
    </section>
  );
}
