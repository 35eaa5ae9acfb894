/** A native dialog: traps the focus, closes on Esc and on a press outside, gives the focus back. */
import { type ReactNode, useEffect, useRef } from 'react';
import { t } from '../lib/i18n';
import { Icon } from './Icon';

export function Dialog({
  title,
  onClose,
  children,
  drawer,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  drawer?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => before?.focus();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog by itself
    <dialog
      ref={ref}
      className={drawer ? 'drawer' : ''}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className="ib" aria-label={t('Close')} onClick={onClose}>
          <Icon n="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
