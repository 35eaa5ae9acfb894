/** What happens most at present, as bars; rows do not change places under the pointer. */
import { useRef, useState } from 'react';
import { int } from '../../lib/format';
import { plural, t } from '../../lib/i18n';
import { quoted } from '../../lib/whom';
import { Num } from '../../ui/people';
import { askedOf, type Count, type Minute } from './model';

type Line = Count & { name: string };

/** The order of before while somebody points at it; what is new comes last. */
export function held(lines: Line[], order: string[]): Line[] {
  const places = new Map(order.map((name, i) => [name, i]));
  const place = (line: Line) => places.get(line.name) ?? order.length;
  return [...lines].sort((a, b) => place(a) - place(b));
}

export function Tops(given: { title: string; field: 'name' | 'channel'; lines: Line[]; minutes: Minute[] }) {
  const { title, field, lines, minutes } = given;
  const [pointed, point] = useState(false);
  const order = useRef<string[]>([]);
  const shown = pointed ? held(lines, order.current) : lines;
  order.current = shown.map((line) => line.name);
  const most = Math.max(1, ...lines.map((line) => line.events));
  return (
    <section className="panel" aria-label={title}>
      <h2>
        {title} <small>{t('events, and people')}</small>
      </h2>
      {lines.length === 0 ? (
        <p className="dim">{t('Nothing at present.')}</p>
      ) : (
        <ul className="tops" onPointerEnter={() => point(true)} onPointerLeave={() => point(false)}>
          {shown.map((line) => (
            <li key={line.name}>
              <bdi>{line.name}</bdi>
              <span className="rk" aria-hidden="true">
                <i className="mid" style={{ width: `${(100 * line.events) / most}%` }} />
              </span>
              <b>{int(line.events)}</b>
              <small>
                <Num
                  n={line.people}
                  title={t('{name}, last {n} minutes', { name: line.name, n: minutes.length })}
                  asked={askedOf(minutes, `${field} = ${quoted(line.name)}`)}
                  which={{ did: 'yes' }}
                />{' '}
                {plural(line.people, 'person', 'people')}
              </small>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
