/** What was decided about mail that lies in a mailbox already, and what of it can still be done: it may be filed and flagged. Nothing is sent, and nothing is lost. */
import type { Action, FileInto, FlagList } from '../../proto/sieve/action.ts';
import type { FilterAction } from '../../events/event.ts';
import type { Verdict } from '../../sieve/run-scripts.ts';

/** One action, told as in the journey of a mail. */
export interface ToldAction {
  readonly action: FilterAction;
  readonly detail: string;
  readonly rule: string;
  readonly line: number;
}

export interface Deeds {
  readonly files: readonly FileInto[];
  /** The message goes from where it is: it was filed elsewhere or thrown away, and not kept. */
  readonly leaves: boolean;
  /** Thrown away: into the trash. */
  readonly discarded: boolean;
  /** For the message where it is. */
  readonly flags: FlagList;
}

export function deedsOf({ taken, keep, troubles }: Verdict): Deeds {
  if (troubles.length > 0) return { files: [], leaves: false, discarded: false, flags: [] };
  const actions = taken.map(({ action }) => action);
  const files = actions.filter((action) => action.is === 'fileinto');
  const discarded = !keep && files.length === 0 && actions.some(({ is }) => is === 'discard');
  return {
    files,
    leaves: !keep && (files.length > 0 || discarded),
    discarded,
    flags: keep?.flags ?? [],
  };
}

export function told({ taken, keep }: Verdict): ToldAction[] {
  const actions = taken.map(({ action, rule }) => toldAction(action, rule));
  return keep?.taken ? [...actions, toldAction(keep.taken.action, keep.taken.rule)] : actions;
}

function toldAction(action: Action, rule: string): ToldAction {
  const [word, detail] = wordsOf(action);
  return { action: word, detail, rule, line: action.rule };
}

function wordsOf(action: Action): readonly [FilterAction, string] {
  switch (action.is) {
    case 'keep':
      return ['kept', ''];
    case 'fileinto':
      return ['filed', action.mailbox];
    case 'redirect':
      return ['redirected', action.address];
    case 'discard':
      return ['discarded', ''];
    case 'reject':
      return ['rejected', action.reason];
    case 'vacation':
      return ['replied', action.subject ?? ''];
    default:
      return ['notified', action.method];
  }
}
