/**
 * What is still to be done elsewhere for a change of an account, whose mail is another part's: a note in the directory, made in the transaction of the
 * change, so that a crash in between loses nothing. Whoever does it (`app`) takes the note away afterwards.
 */
import type { AccountId, OrgId } from '../base/ids.ts';

export interface AccountTask {
  readonly org: OrgId;
  readonly account: AccountId;
  /**
   * `quota`: the limit of the account is to be told to its mailboxes. `remove`: the account is gone, its mail is to go too. `forget`: its mail
   * has gone; once nobody can be about to write to it any more, the last trace may go.
   */
  readonly task: 'quota' | 'remove' | 'forget';
  readonly atMs: number;
  /** Grows when the same is asked again: only the note that was read is taken away. */
  readonly version: number;
  /** The limit of the account as it is now; undefined when the account is gone. */
  readonly quotaBytes: number | undefined;
}

/** Topic of hints: there is a new task. The key is the account. */
export const accountTaskTopic = 'directory.accountTask';
