/** Several names or filters: each can be taken away, one more can be given. */
import { t } from '../lib/i18n';
import { Pick } from './choose';
import { Icon } from './Icon';

/** A list in the address: as JSON, since names may hold any character. */
export function listOf(text: string | null): string[] {
  if (!text) return [];
  try {
    const found: unknown = JSON.parse(text);
    if (Array.isArray(found)) return found.filter((one): one is string => typeof one === 'string' && one !== '');
  } catch {
    // written by hand: one name
  }
  return [text];
}
export const listed = (names: string[]) => (names.length ? JSON.stringify(names) : null);

export function Names(given: {
  label: string;
  value: string[];
  options: string[];
  onPick: (names: string[]) => void;
  hint?: string;
}) {
  const { label, value, options, onPick } = given;
  return (
    <div className="names">
      <Pick
        key={value.length}
        label={label}
        value=""
        options={options.filter((name) => !value.includes(name))}
        onPick={(name) => name && !value.includes(name) && onPick([...value, name])}
        placeholder={value.length ? t('one more') : t('none')}
        {...(given.hint ? { hint: given.hint } : {})}
      />
      {value.length > 0 && (
        <ul>
          {value.map((name) => (
            <li key={name}>
              <button
                type="button"
                className="chip"
                onClick={() => onPick(value.filter((one) => one !== name))}
                aria-label={t('Take away {name}', { name })}
              >
                <bdi>{name}</bdi>
                <Icon n="close" s={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
