/** The organisation that is looked at: one's own, or, for whoever runs the server, the one that was chosen. */
import { useSyncExternalStore } from 'react';
import { usePerson } from '../session/session.ts';

const keptAs = 'hikyaku.org';
const listeners = new Set<() => void>();

export function chooseOrg(id: string): void {
  sessionStorage.setItem(keptAs, id);
  for (const tell of listeners) tell();
}

export function useOrg(): string {
  const { org, operator } = usePerson();
  const chosen = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => sessionStorage.getItem(keptAs),
  );
  return operator ? (chosen ?? org) : org;
}
