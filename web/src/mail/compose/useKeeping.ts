/** Keeps what is written at every pause: one save after the other, each in place of the one before. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { toastError } from '../../parts/toasts.tsx';
import type { Id, Identity } from '../jmap/types.ts';
import { type Draft, isEmpty, unkept } from './draft.ts';
import { saveDraft } from './message.ts';

const saveAfterMs = 1500;

export interface Keeping {
  readonly state: 'clean' | 'changed' | 'saved';
  readonly changed: () => void;
  /** Gives the id under which it is kept, if it is. */
  readonly save: () => Promise<Id | undefined>;
  /** After all saves that are under way. */
  readonly kept: () => Promise<Id | undefined>;
  readonly keptAs: (id: Id) => void;
}

interface Kept {
  readonly account: Id;
  readonly drafts: Id;
  readonly draft: Draft;
  readonly from: Identity;
  /** Nothing is saved meanwhile. */
  readonly paused: boolean;
}

export function useKeeping({ account, drafts, draft, from, paused }: Kept): Keeping {
  const [state, setState] = useState<Keeping['state']>('clean');
  const saving = useRef(Promise.resolve<Id | undefined>(draft.id));
  const latest = useRef({ draft, from });
  latest.current = { draft, from };
  const save = useCallback((): Promise<Id | undefined> => {
    const before = saving.current;
    const next = before
      .catch(() => undefined)
      .then(async (id) => {
        const { draft: now, from: as } = latest.current;
        if (isEmpty(now)) return id;
        return saveDraft(account, id === undefined ? unkept(now) : { ...now, id }, as, drafts);
      });
    // A save that failed leaves what was kept before.
    saving.current = next.catch(() => before);
    return next;
  }, [account, drafts]);
  useEffect(() => {
    if (state !== 'changed' || paused) return undefined;
    const timer = setTimeout(() => {
      save().then(() => setState((now) => (now === 'changed' ? 'saved' : now)), toastError);
    }, saveAfterMs);
    return () => clearTimeout(timer);
  }, [draft, from, state, paused, save]);
  return {
    state,
    changed: useCallback(() => setState('changed'), []),
    save,
    kept: useCallback(() => saving.current, []),
    keptAs: useCallback((id: Id) => {
      saving.current = Promise.resolve(id);
    }, []),
  };
}
