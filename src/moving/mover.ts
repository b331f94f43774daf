/**
 * Moves mail in: mailbox by mailbox, in the order of the source, in requests of bounded size. What had come before is not read again. It may be stopped at any
 * moment: the server knows each message it took by its key, so the next run goes on where this one ended.
 */
import {
  type Destination,
  type HereMailbox,
  type Known,
  type NewMessage,
  Rejected,
  takeMax,
} from './destination.ts';
import { noFlags, sameFlags } from './flag-words.ts';
import { shortKey } from './message-bytes.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';

/** Octets of one request; a larger message goes alone. */
const requestMaxBytes = 4 * 1024 * 1024;
const flagsMax = 500;

export interface MoveOptions {
  /** Only these mailboxes of the source, by their name here. */
  readonly wanted?: ((mailbox: SourceMailbox) => boolean) | undefined;
  /** Called from time to time. */
  readonly progress?: ((report: MoveReport) => void) | undefined;
}

export interface MailboxReport {
  readonly mailbox: SourceMailbox;
  /** In the source. */
  messages: number;
  taken: number;
  /** Came before. */
  known: number;
  /** Was here from another source. */
  adopted: number;
  flagsChanged: number;
  bytes: number;
}

export interface Failure {
  readonly label: string;
  readonly why: string;
}

export interface MoveReport {
  readonly mailboxes: MailboxReport[];
  /** Messages that did not come, or not wholly. */
  readonly failures: Failure[];
}

export async function moveIn(
  source: Source,
  here: Destination,
  options: MoveOptions = {},
): Promise<MoveReport> {
  const known = new Map<string, Known>();
  for await (const each of here.known(source.name)) known.set(each.key, each);
  const report: MoveReport = { mailboxes: [], failures: [] };
  const mover = new Mover(source, here, { known, report, progress: options.progress ?? (() => {}) });
  const mailboxes = await source.mailboxes();
  for (const mailbox of mailboxes.filter(options.wanted ?? (() => true))) await mover.mailbox(mailbox);
  return report;
}

interface Run {
  readonly known: Map<string, Known>;
  readonly report: MoveReport;
  readonly progress: (report: MoveReport) => void;
}

class Mover {
  readonly #source: Source;
  readonly #here: Destination;
  readonly #run: Run;

  constructor(source: Source, here: Destination, run: Run) {
    this.#source = source;
    this.#here = here;
    this.#run = run;
  }

  async mailbox(mailbox: SourceMailbox): Promise<void> {
    const { name, role, subscribed } = mailbox;
    const target = await this.#here.ensureMailbox({ name, subscribed, ...(role !== undefined && { role }) });
    const counted: MailboxReport = {
      mailbox,
      messages: 0,
      taken: 0,
      known: 0,
      adopted: 0,
      flagsChanged: 0,
      bytes: 0,
    };
    this.#run.report.mailboxes.push(counted);
    let waiting: SourceMessage[] = [];
    let waitingBytes = 0;
    const changed: SourceMessage[] = [];
    for await (const message of this.#source.messages(mailbox)) {
      counted.messages++;
      const before = this.#run.known.get(shortKey(message.key));
      if (before !== undefined) {
        counted.known++;
        if (message.flags !== undefined && !sameFlags(before.flags, message.flags)) changed.push(message);
        if (changed.length === flagsMax) await this.#follow(changed.splice(0), counted);
        continue;
      }
      if (
        waiting.length === takeMax ||
        (waiting.length > 0 && waitingBytes + message.sizeBytes > requestMaxBytes)
      ) {
        await this.#take(waiting, target, counted);
        waiting = [];
        waitingBytes = 0;
      }
      waiting.push(message);
      waitingBytes += message.sizeBytes;
    }
    if (waiting.length > 0) await this.#take(waiting, target, counted);
    if (changed.length > 0) await this.#follow(changed, counted);
    this.#run.progress(this.#run.report);
  }

  async #follow(messages: readonly SourceMessage[], counted: MailboxReport): Promise<void> {
    const items = messages.map(({ key, flags }) => ({ key: shortKey(key), flags: flags ?? noFlags }));
    await this.#here.followFlags(this.#source.name, items);
    counted.flagsChanged += items.length;
  }

  async #take(
    messages: readonly SourceMessage[],
    target: HereMailbox,
    counted: MailboxReport,
  ): Promise<void> {
    const ready: { message: SourceMessage; sent: NewMessage }[] = [];
    let at = 0;
    for await (const read of this.#source.read(counted.mailbox, messages)) {
      const message = messages[at++]!;
      if (read.is === 'unreadable') this.#fail(message, read.why);
      else if (read.bytes.length === 0) this.#fail(message, 'it is empty');
      else ready.push({ message, sent: newMessage(message, read) });
    }
    await this.#send(ready, target, counted);
    this.#run.progress(this.#run.report);
  }

  /** What is rejected as a whole is tried one by one, so that one message keeps no others away. */
  async #send(
    ready: readonly { message: SourceMessage; sent: NewMessage }[],
    target: HereMailbox,
    counted: MailboxReport,
  ): Promise<void> {
    if (ready.length === 0) return;
    try {
      const taken = await this.#here.take(
        this.#source.name,
        target.id,
        ready.map(({ sent }) => sent),
      );
      for (const [i, { is, uidlRefused }] of taken.entries()) {
        const { message, sent } = ready[i]!;
        counted[is]++;
        if (is === 'taken') counted.bytes += sent.bytes.length;
        if (uidlRefused === true)
          this.#fail(message, `its unique id ${message.uidl ?? ''} is that of another message`);
      }
    } catch (error) {
      if (!(error instanceof Rejected) || error.final) throw error;
      if (ready.length === 1) this.#fail(ready[0]!.message, error.message);
      else for (const each of ready) await this.#send([each], target, counted);
    }
  }

  #fail({ label }: SourceMessage, why: string): void {
    this.#run.report.failures.push({ label, why });
  }
}

function newMessage(message: SourceMessage, read: Extract<ReadMessage, { is: 'bytes' }>): NewMessage {
  const { key, flags = noFlags, uidl, adopt } = message;
  const receivedAtMs = read.receivedAtMs ?? message.receivedAtMs ?? 0;
  const more = { ...(uidl !== undefined && { uidl }), ...(adopt === true && { adopt }) };
  return { head: { key: shortKey(key), flags, receivedAtMs, ...more }, bytes: read.bytes };
}
