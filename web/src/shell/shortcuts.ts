/** Keys: Ctrl/Cmd+K for the palette, `g` and a letter to go, `/` to search, `?` for help. Nothing while one types or composes Japanese. */
import { useEffect, useRef } from 'react';
import { places } from './places.ts';

interface Shortcuts {
  readonly palette: () => void;
  readonly help: () => void;
  readonly go: (path: string) => void;
}

const secondKeyMs = 1200;

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    let awaitedUntil = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.isComposing || event.defaultPrevented) return;
      const { palette, help, go } = latest.current;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return palette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (performance.now() < awaitedUntil) {
        awaitedUntil = 0;
        const place = places.find(({ key }) => key === event.key);
        if (place) event.preventDefault();
        return place && go(place.path);
      }
      // Mail has keys of its own.
      if (event.key === 'g' && location.pathname.startsWith('/console'))
        awaitedUntil = performance.now() + secondKeyMs;
      if (event.key === '?') help();
      if (event.key === '/') focusSearch(event);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}
