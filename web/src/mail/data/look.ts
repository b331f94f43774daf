/** How one likes the mail to look, kept in this browser. */
import { useSyncExternalStore } from 'react';

export const layouts = ['right', 'below', 'none'] as const;

export interface Look {
  /** Where a message is read: right of the list, below it, or in its place. */
  readonly layout: (typeof layouts)[number];
  /** Messages that answer one another are one row. */
  readonly conversations: boolean;
}

const keptAs = 'hikyaku.mail.look';
const usual: Look = { layout: 'right', conversations: true };
let look = read();
const listeners = new Set<() => void>();

function read(): Look {
  try {
    const kept = JSON.parse(localStorage.getItem(keptAs) ?? '{}') as Partial<Look>;
    return {
      layout: layouts.find((each) => each === kept.layout) ?? usual.layout,
      conversations: kept.conversations !== false,
    };
  } catch {
    return usual;
  }
}

export function changeLook(change: Partial<Look>): void {
  look = { ...look, ...change };
  localStorage.setItem(keptAs, JSON.stringify(look));
  for (const tell of listeners) tell();
}

export function useLook(): Look {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => look,
  );
}
