/** The keyboard: `g` and a letter goes to a page, `/` searches people, `.` copies the address, `?` tells.

Who speaks to the machine, or hits keys by mistake, turns single keys off; `?` alone stays. */
import { useEffect, useRef, useState } from 'react';
import { go } from '../lib/address';
import { copied } from '../lib/hooks';
import { t } from '../lib/i18n';
import { Dialog } from './dialog';

const PAGES: [string, string, string][] = [
  ['o', 'overview', 'Overview'],
  ['m', 'journeys/map', 'Map'],
  ['p', 'journeys/paths', 'Paths'],
  ['f', 'journeys/funnel', 'Funnel'],
  ['v', 'voice', 'Voice'],
  ['c', 'cohorts', 'Cohorts'],
  ['l', 'live', 'Live'],
  ['d', 'data', 'Data'],
];

const OFF = 'keys off';
const off = () => {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
};
const turn = (on: boolean) => {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
  } catch {
    // a browser that keeps nothing has them on
  }
};

export function Keys() {
  const [help, setHelp] = useState(false);
  const [on, setOn] = useState(() => !off());
  const going = useRef(0);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        // one that closed a moment ago has the focus until the next frame
        at.closest('input, textarea, select, dialog[open], [contenteditable]')
      )
        return;
      if (event.key === '?') setHelp(true);
      if (off()) return;
      const goes = Date.now() - going.current < 1200;
      going.current = 0;
      const to = goes && PAGES.find(([key]) => key === event.key);
      if (to) go({ page: to[1] });
      else if (event.key === 'g') going.current = Date.now();
      else if (event.key === '/') {
        event.preventDefault();
        go({ page: 'people' });
        setTimeout(() => document.querySelector<HTMLInputElement>('main input[type=search]')?.focus(), 150);
      } else if (event.key === '.') void copied(location.href, t('The address is copied.'));
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  if (!help) return null;
  const keys: [string, string][] = [
    ...PAGES.map(([key, , text]): [string, string] => [`g ${key}`, t(text)]),
    ['/', t('Find a person')],
    ['.', t('Copy the address')],
    ['Tab', t('Into a picture; arrows move in it, Enter opens, Esc closes')],
  ];
  return (
    <Dialog title={t('Keyboard')} onClose={() => setHelp(false)}>
      <table className="table">
        <tbody>
          {keys.map(([key, text]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label className="check">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            turn(event.target.checked);
            setOn(event.target.checked);
          }}
        />{' '}
        {t('Single keys do something')}
      </label>
    </Dialog>
  );
}
