/** Actions that the page on view offers to the palette. */
import type { Icon } from '@tabler/icons-react';
import { useEffect, useSyncExternalStore } from 'react';

export interface PageAction {
  readonly id: string;
  readonly label: string;
  readonly icon: Icon;
  readonly run: () => void;
}

let offered: readonly PageAction[] = [];
const listeners = new Set<() => void>();

function change(next: readonly PageAction[]): void {
  offered = next;
  for (const tell of listeners) tell();
}

/** For as long as the page that calls this is on view. */
export function useOfferedActions(actions: readonly PageAction[]): void {
  const key = actions.map(({ id, label }) => `${id} ${label}`).join('\n');
  useEffect(() => {
    change([...offered, ...actions]);
    return () => change(offered.filter((each) => !actions.includes(each)));
    // The actions are new objects at each drawing; what they are called tells whether they are others.
  }, [key]);
}

export function usePageActions(): readonly PageAction[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => offered,
  );
}
