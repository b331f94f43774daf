/** What more there is to say of messages that a search found: how well they fit, and where in them what was looked for stands. */
import type { AccountId, Uid } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import type { Criterion } from './criterion.ts';
import type { EmailNumber } from './ids.ts';
import type { MailboxSession } from './mailbox-session.ts';
import { type Scores, scoresOf } from './search/search.ts';
import { type Snippets, snippetsOf } from './search/snippets.ts';

export class Findings {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** How well each of these messages fits: above 0, at most 1. */
  scores(session: MailboxSession, criterion: Criterion, uids: readonly Uid[]): Promise<Scores> {
    return scoresOf(this.#store, session, criterion, uids);
  }

  /**
   * Subject and a piece of the text of each of these emails (at most 100), as HTML with what the search looks for marked (RFC 8621, 5). Emails that are gone are
   * missing from the result.
   */
  snippets(account: AccountId, criterion: Criterion, emails: readonly EmailNumber[]): Promise<Snippets> {
    return snippetsOf(this.#store, account, criterion, emails);
  }
}
