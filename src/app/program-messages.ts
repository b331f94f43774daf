/**
 * Which messages are of programs: learned from the ledger as it is read, so that for what people write nothing has to be looked up.
 *
 * Messages made since it began to listen are programs' exactly when it was told so; of older ones, and of those it had to forget, the ledger is asked.
 */
import { timeOfMessage } from '../base/ids.ts';

/** Messages remembered at most, in two halves: when one is full, the older is forgotten. */
const rememberedMax = 40_000;
/** Messages come to the ledger about in the order of their times. */
const slackMs = 60_000;

/** A message as one organisation has it. */
interface Had {
  readonly message: string;
  readonly org: string;
}

/** Begins with the message, and so with its time. */
const keyOf = ({ message, org }: Had): string => `${message} ${org}`;

export class ProgramMessages {
  readonly #ask: (had: Had) => Promise<boolean>;
  /** Of those that are sure, programs' only. */
  #young = new Map<string, boolean>();
  #old = new Map<string, boolean>();
  #sureFromMs: number;

  /** @param startMs when it began to listen */
  constructor(startMs: number, ask: (had: Had) => Promise<boolean>) {
    this.#ask = ask;
    this.#sureFromMs = startMs + slackMs;
  }

  /** A program's mail was accepted. */
  add(had: Had): void {
    this.#remember(keyOf(had), true);
  }

  has(had: Had): boolean | Promise<boolean> {
    const key = keyOf(had);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined) return known;
    return timeOfMessage(key) < this.#sureFromMs && this.#find(had);
  }

  async #find(had: Had): Promise<boolean> {
    const found = await this.#ask(had);
    this.#remember(keyOf(had), found);
    return found;
  }

  #remember(key: string, byProgram: boolean): void {
    if (this.#young.size >= rememberedMax / 2) this.#forget();
    this.#young.set(key, byProgram);
  }

  #forget(): void {
    for (const [key, byProgram] of this.#old)
      if (byProgram) this.#sureFromMs = Math.max(this.#sureFromMs, timeOfMessage(key) + 1);
    this.#old = this.#young;
    this.#young = new Map();
  }
}
