/** Two sides of many measures: a table on a desk, one card a measure on a phone. */
import type { ReactNode } from 'react';
import { type Half, Pair } from '../../charts/plain/Pair';
import { useNarrow } from '../../lib/hooks';
import { t } from '../../lib/i18n';

export type SideRow = {
  key: string;
  group?: string;
  name: string;
  says?: string;
  one: ReactNode;
  two: ReactNode;
  /** What is drawn between them; null where one of both is not known well enough. */
  drawn: { one: Half; two: Half; name: string } | null;
  difference: ReactNode;
  verdict: ReactNode;
};
type Given = { rows: SideRow[]; one: string; two: string; measure: string; name: string };

/** Groups in the order in which they come. */
const groupsOf = (rows: SideRow[]) => [...new Set(rows.map((row) => row.group ?? ''))];

export function Sides(given: Given) {
  return useNarrow() ? <Cards {...given} /> : <Desk {...given} />;
}

const One = () => (
  <span className="bothkey" aria-hidden="true">
    ●
  </span>
);
const Two = () => (
  <span className="bothkey other" aria-hidden="true">
    ■
  </span>
);

function Desk({ rows, one, two, measure, name }: Given) {
  const groups = groupsOf(rows);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="scrollx" tabIndex={0} aria-label={name}>
      <table className="table sidebyside">
        <thead>
          <tr>
            <th scope="col">{measure}</th>
            <th scope="col" className="n">
              <bdi title={one}>{one}</bdi> <One />
            </th>
            <th scope="col" className="n">
              <bdi title={two}>{two}</bdi> <Two />
            </th>
            <th scope="col">
              <span className="sr">{t('Both drawn')}</span>
            </th>
            <th scope="col" className="n">
              {t('Difference')}
            </th>
            <th scope="col">{t('More than chance?')}</th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group}>
            {groups.length > 1 && (
              <tr className="grouprow">
                <th scope="rowgroup" colSpan={6}>
                  {t(group)}
                </th>
              </tr>
            )}
            {rows
              .filter((row) => (row.group ?? '') === group)
              .map((row) => (
                <tr key={row.key}>
                  <th scope="row">
                    <bdi>{row.name}</bdi>
                    {row.says && <small>{row.says}</small>}
                  </th>
                  <td className="n">{row.one}</td>
                  <td className="n">{row.two}</td>
                  <td className="bothdrawn">{row.drawn && <Pair {...row.drawn} width={170} />}</td>
                  <td className="n">{row.difference}</td>
                  <td>{row.verdict}</td>
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

function Cards({ rows, one, two, name }: Given) {
  const groups = groupsOf(rows);
  return (
    <section aria-label={name} className="sidebyside">
      {groups.map((group) => (
        <div key={group}>
          {groups.length > 1 && <h3 className="mt">{t(group)}</h3>}
          <ul className="sidecards">
            {rows
              .filter((row) => (row.group ?? '') === group)
              .map((row) => (
                <li key={row.key}>
                  <b>
                    <bdi>{row.name}</bdi>
                  </b>
                  <div>
                    <small>
                      <One /> <bdi>{one}</bdi>
                    </small>
                    {row.one}
                  </div>
                  <div>
                    <small>
                      <Two /> <bdi>{two}</bdi>
                    </small>
                    {row.two}
                  </div>
                  {row.drawn && <Pair {...row.drawn} width={150} />}
                  <div>
                    {row.difference} {row.verdict}
                  </div>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
