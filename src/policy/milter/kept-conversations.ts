/**
 * Conversations with one milter that have ended well and are kept for the next mail (SMFIC_QUIT_NC, version 6): a connection and a greeting less for each. Not
 * every filter library knows of it, so it is for who asks for it.
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

  give(conversation: MilterConversation): void {
    if (!conversation.canGoOn || this.#kept.length === keptMax) return conversation[Symbol.dispose]();
    const timer = this.#clock.after(keptMs, () => {
      this.#kept = this.#kept.filter((one) => one.conversation !== conversation);
      conversation[Symbol.dispose]();
    });
    this.#kept.push({ conversation, timer });
  }
}
