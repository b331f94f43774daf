/**
 * What is around a script besides the message: the envelope, the time, and what only others know (mailboxes, lists, other scripts).
 *
 * The language does no I/O. A question whose answer is not there yet ends the run; whoever runs the script gets the answer and runs it again from the start,
 * which is the same until then, as nothing else changes.
 */
import type { Program } from './program.ts';

export interface SieveEnvelope {
  /** `''` is the null sender. */
  readonly from: string;
  readonly to: string;
  /** As `RCPT` had them (RFC 3461), for RFC 6009, 2. */
  readonly dsn?: {
    readonly notify?: string;
    readonly orcpt?: string;
    readonly ret?: string;
    readonly envid?: string;
  };
  /** Absolute time and mode of DELIVERBY (RFC 2852), for RFC 6009, 3. */
  readonly deliverBy?: { readonly atMs: number; readonly mode: string; readonly trace: boolean };
}

export interface Surroundings {
  readonly envelope: SieveEnvelope;
  readonly nowMs: number;
  /** Minutes east of UTC where the script's owner lives, at a time. */
  readonly zoneMinutes: (atMs: number) => number;
  /** Items of RFC 5183, 4, by their names. */
  readonly environment: ReadonlyMap<string, string>;
  /** The address by which the owner signs, for what is sent in their name. */
  readonly ownAddress: string;
  /** Of the spam and virus filters: 0 to 1, or undefined when none looked (RFC 5235). */
  readonly spamScore?: number;
  /** 1 clean, 2 replaced, 3 cured, 4 suspected, 5 infected (RFC 5235, 2.5). */
  readonly virus?: number;
}

export interface MailboxFacts {
  /** It is there and messages may be put into it. */
  readonly exists: boolean;
  /** Special uses as `\Junk`. */
  readonly uses: readonly string[];
}

export type Question =
  | { readonly is: 'message' }
  | { readonly is: 'mailbox'; readonly name: string }
  | { readonly is: 'mailboxId'; readonly id: string }
  /** The mailbox of a use, if any. */
  | { readonly is: 'specialUse'; readonly use: string }
  | { readonly is: 'annotation'; readonly mailbox: string | undefined; readonly name: string }
  /** Whether this was remembered before; `last` lets the memory of it begin anew. */
  | { readonly is: 'duplicate'; readonly handle: string; readonly id: string }
  | { readonly is: 'inList'; readonly list: string; readonly value: string }
  | { readonly is: 'listExists'; readonly list: string }
  | { readonly is: 'listMembers'; readonly list: string }
  | { readonly is: 'script'; readonly where: 'personal' | 'global'; readonly name: string };

export interface Answers {
  readonly message: Buffer;
  readonly mailbox: MailboxFacts;
  readonly mailboxId: MailboxFacts;
  readonly specialUse: MailboxFacts;
  readonly annotation: string | undefined;
  readonly duplicate: boolean;
  readonly inList: boolean;
  readonly listExists: boolean;
  readonly listMembers: readonly string[];
  /** Undefined: no such script. `invalid`: it has errors. */
  readonly script: Program | 'invalid' | undefined;
}

export type QuestionKind = keyof Answers;
type Of<K extends QuestionKind> = Extract<Question, { is: K }>;

/** Thrown by a run that cannot go on without an answer. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly question: Question;
  /** Work that was done until then. */
  steps = 0;

  constructor(question: Question) {
    super(question.is);
    this.question = question;
  }
}

/** Whoever answers a run. */
export interface Answering {
  /** Questions answered so far. */
  readonly count: number;
  ask<K extends QuestionKind>(question: Of<K>): Answers[K];
}

/** The answers that are known, for one message. */
export class KnownAnswers implements Answering {
  readonly #known = new Map<string, unknown>();

  get count(): number {
    return this.#known.size;
  }

  give(question: Question, answer: unknown): void {
    this.#known.set(keyOf(question), answer);
  }

  ask<K extends QuestionKind>(question: Of<K>): Answers[K] {
    const key = keyOf(question);
    if (!this.#known.has(key)) throw new Unanswered(question);
    return this.#known.get(key) as Answers[K];
  }
}

const keyOf = (question: Question): string => JSON.stringify(Object.values(question));
