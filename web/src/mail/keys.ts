/** Keys of the mail page, as readers know them from Gmail. None while one types, or while an IME composes. */
import { useEffect, useRef } from 'react';
import { isTyping } from '../shell/shortcuts.ts';

export type MailKeys = Readonly<Record<string, () => void>>;

export function useMailKeys(keys: MailKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
        return;
      if (isTyping(event.target)) return;
      // A button takes Enter and Space for itself.
      if (event.key === 'Enter' && event.target instanceof HTMLButtonElement) return;
      const run = latest.current[event.key];
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
