/**
 * Compares a source with what came of it, both ways: what is missing here, what is no longer there, and what differs in size, content, flags, date or
 * mailbox. Contents are compared where the source can be read cheaply, or when that is wanted.
 */
import type { Destination, Known } from './destination.ts';
import { flagText, sameFlags } from './flag-words.ts';
import { hashOf, shortKey } from './message-bytes.ts';
import type { Source, SourceMailbox, SourceMessage } from './source.ts';

export type DifferenceKind =
  /** In the source, and never came. */
  | 'missing'
  /** It came, and is gone from its mailbox here. */
  | 'goneHere'
  /** It came, and the source has it no longer. */
  | 'goneThere'
  | 'content'
  | 'size'
  | 'flags'
  | 'date'
  | 'unreadable';

export interface Difference {
  readonly is: DifferenceKind;
  readonly label: string;
  readonly detail: string;
}

export interface Comparison {
  readonly messages: number;
  readonly same: number;
  readonly contentsCompared: number;
  readonly differences: readonly Difference[];
  /** More than are told. */
  readonly more: number;
}

export interface CompareOptions {
  readonly wanted?: ((mailbox: SourceMailbox) => boolean) | undefined;
  /** Read every message again, there and here. */
  readonly contents: boolean;
}

const toldMax = 1000;
const readMax = 100;
const readMaxBytes = 4 * 1024 * 1024;
/** IMAP and files of some systems keep whole seconds. */
const seconds = (atMs: number): number => Math.floor(atMs / 1000);

export async function compare(
  source: Source,
  here: Destination,
  options: CompareOptions,
): Promise<Comparison> {
  const known = new Map<string, Known>();
  for await (const each of here.known(source.name)) known.set(each.key, each);
  const stored = options.contents ? await storedHashes(here, known) : undefined;
  const comparing = new Comparing(source, { known, stored });
  const mailboxes = await source.mailboxes();
  for (const mailbox of mailboxes.filter(options.wanted ?? (() => true))) await comparing.mailbox(mailbox);
  if (options.wanted === undefined && source.isPart !== true) comparing.rest();
  return comparing.result();
}

/** Of what is stored now, by mailbox and uid. */
async function storedHashes(
  here: Destination,
  known: ReadonlyMap<string, Known>,
): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const there = new Set((await here.mailboxes()).map(({ id }) => id));
  for (const id of new Set([...known.values()].map(({ mailbox }) => mailbox))) {
    if (!there.has(id)) continue;
    for await (const { uid, bytes } of here.messages(id, 0)) hashes.set(`${id} ${uid}`, hashOf(bytes));
  }
  return hashes;
}

class Comparing {
  readonly #source: Source;
  readonly #known: Map<string, Known>;
  /** Undefined: contents are not compared. */
  readonly #stored: ReadonlyMap<string, string> | undefined;
  readonly #differences: Difference[] = [];
  #more = 0;
  #messages = 0;
  #contentsCompared = 0;
  readonly #differing = new Set<string>();

  constructor(
    source: Source,
    has: { readonly known: Map<string, Known>; readonly stored: ReadonlyMap<string, string> | undefined },
  ) {
    this.#source = source;
    this.#known = has.known;
    this.#stored = has.stored;
  }

  async mailbox(mailbox: SourceMailbox): Promise<void> {
    let waiting: [SourceMessage, Known][] = [];
    let waitingBytes = 0;
    for await (const message of this.#source.messages(mailbox)) {
      this.#messages++;
      const key = shortKey(message.key);
      const came = this.#known.get(key);
      if (came === undefined) {
        this.#tell('missing', message.label, mailbox.name);
        continue;
      }
      this.#known.delete(key);
      this.#facts(message, came);
      if (this.#stored === undefined || came.now === undefined) continue;
      waiting.push([message, came]);
      waitingBytes += message.sizeBytes;
      if (waiting.length < readMax && waitingBytes < readMaxBytes) continue;
      await this.#read(mailbox, waiting);
      waiting = [];
      waitingBytes = 0;
    }
    if (waiting.length > 0) await this.#read(mailbox, waiting);
  }

  /** What came, and was not met in the source. */
  rest(): void {
    for (const { key, uid, mailbox } of this.#known.values())
      this.#tell('goneThere', `uid ${uid} in mailbox ${mailbox}`, key);
  }

  result(): Comparison {
    return {
      messages: this.#messages,
      same: this.#messages - this.#differing.size,
      contentsCompared: this.#contentsCompared,
      differences: this.#differences,
      more: this.#more,
    };
  }

  #facts({ label, flags, receivedAtMs, sizeBytes }: SourceMessage, { uid, now }: Known): void {
    if (now === undefined) return this.#tell('goneHere', label, `was uid ${uid}`);
    if (flags !== undefined && !sameFlags(flags, now.flags))
      this.#tell('flags', label, `there ${flagText(flags) || 'none'}, here ${flagText(now.flags) || 'none'}`);
    if (receivedAtMs !== undefined && seconds(receivedAtMs) !== seconds(now.receivedAtMs))
      this.#tell('date', label, `there ${timeText(receivedAtMs)}, here ${timeText(now.receivedAtMs)}`);
    // Files may have shorter line ends than what is stored.
    if (!this.#source.isLocal && sizeBytes !== now.sizeBytes)
      this.#tell('size', label, `there ${sizeBytes}, here ${now.sizeBytes} octets`);
  }

  async #read(mailbox: SourceMailbox, waiting: readonly [SourceMessage, Known][]): Promise<void> {
    let at = 0;
    const messages = waiting.map(([message]) => message);
    for await (const read of this.#source.read(mailbox, messages)) {
      const [{ label }, { mailbox: id, uid }] = waiting[at++]!;
      if (read.is === 'unreadable') this.#tell('unreadable', label, read.why);
      else if (hashOf(read.bytes) !== this.#stored!.get(`${id} ${uid}`))
        this.#tell('content', label, `${read.bytes.length} octets there`);
      this.#contentsCompared++;
    }
  }

  #tell(is: DifferenceKind, label: string, detail: string): void {
    if (is !== 'goneThere') this.#differing.add(label);
    if (this.#differences.length < toldMax) this.#differences.push({ is, label, detail });
    else this.#more++;
  }
}

const timeText = (atMs: number): string => new Date(atMs).toISOString();

/** Several as one. */
export function joined(comparisons: readonly Comparison[]): Comparison {
  const sum = (of: (each: Comparison) => number): number =>
    comparisons.reduce((all, each) => all + of(each), 0);
  return {
    messages: sum(({ messages }) => messages),
    same: sum(({ same }) => same),
    contentsCompared: sum(({ contentsCompared }) => contentsCompared),
    differences: comparisons.flatMap(({ differences }) => differences),
    more: sum(({ more }) => more),
  };
}
