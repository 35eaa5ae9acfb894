/** What has to be chosen before anything can be asked, with what there is to choose from. */
import type { ReactNode } from 'react';
import { t } from '../../lib/i18n';
import type { Option } from '../../ui/parts';

const SHOWN = 14;

export function Wanted({
  title,
  children,
  names,
  more = [],
  onPick,
}: {
  title: string;
  children?: ReactNode;
  names: string[];
  more?: Option[];
  onPick: (name: string) => void;
}) {
  return (
    <section className="panel wanted">
      <h2>{title}</h2>
      {children && <p className="say">{children}</p>}
      <ul className="picks" aria-label={title}>
        {more.map((option) => (
          <li key={option.value}>
            <button type="button" className="btn pri" onClick={() => onPick(option.value)}>
              {option.text}
            </button>
          </li>
        ))}
        {names.slice(0, SHOWN).map((name) => (
          <li key={name}>
            <button type="button" className="btn" title={name} onClick={() => onPick(name)}>
              <bdi>{name}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {names.length > SHOWN && (
        <p className="foot">
          {t('The most frequent events; any other, or a filter, can be written into the field above.')}
        </p>
      )}
    </section>
  );
}
