/**
 * Conversations with one milter that have ended well and are kept for the next mail (SMFIC_QUIT_NC, version 6): a connection and a greeting less for each. Not
 * every filter knows of it (OpenDKIM 2.11 falls silent), so it is for who asks for it, and a milter that was deaf to it once is not talked to in this way again.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { MilterConversation } from './conversation.ts';

const keptMax = 8;
const keptMs = 10_000;

interface Kept {
  readonly conversation: MilterConversation;
  readonly timer: Timer;
}

export class KeptConversations {
  readonly #clock: Clock;
  #kept: Kept[] = [];
  #isDeaf = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The one that was used last, if the milter has not closed it meanwhile. */
  take(): MilterConversation | undefined {
    for (let last = this.#kept.pop(); last; last = this.#kept.pop()) {
      last.timer[Symbol.dispose]();
      if (last.conversation.canGoOn) return last.conversation;
      last.conversation[Symbol.dispose]();
    }
    return undefined;
  }

  /** The milter did not go on with one that was kept. */
  distrust(): void {
    this.#isDeaf = true;
  }

  give(conversation: MilterConversation): void {
    if (this.#isDeaf || !conversation.canGoOn || this.#kept.length === keptMax)
      return conversation[Symbol.dispose]();
    const timer = this.#clock.after(keptMs, () => {
      this.#kept = this.#kept.filter((one) => one.conversation !== conversation);
      conversation[Symbol.dispose]();
    });
    this.#kept.push({ conversation, timer });
  }
}
