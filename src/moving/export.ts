/** Moves mail out: every message of every mailbox into files, as it stands at the moment it is read. */
import type { Destination, HereMailbox, Outgoing } from './destination.ts';

export interface OutgoingMessage extends Outgoing {
  readonly bytes: Buffer;
}

/** One mailbox as files. */
export interface MailboxWriter {
  /** Written by an earlier run: not asked for again. */
  has(uid: number): boolean;
  write(message: OutgoingMessage): Promise<void>;
  /** All of it is written. */
  finish(): Promise<void>;
}

/** A folder that takes all mailboxes of an account. */
export interface ExportFolder {
  open(mailbox: HereMailbox): Promise<MailboxWriter>;
  /** What concerns all of them. */
  finish(mailboxes: readonly HereMailbox[]): Promise<void>;
}

export interface ExportedMailbox {
  readonly name: string;
  messages: number;
  bytes: number;
  /** Written by an earlier run. */
  before: number;
}

export async function exportMail(
  here: Destination,
  folder: ExportFolder,
  options: {
    readonly wanted?: ((mailbox: { readonly name: string }) => boolean) | undefined;
    readonly progress: (done: ExportedMailbox) => void;
  },
): Promise<readonly ExportedMailbox[]> {
  const mailboxes = (await here.mailboxes()).filter(options.wanted ?? (() => true));
  const report: ExportedMailbox[] = [];
  for (const mailbox of mailboxes) {
    const done: ExportedMailbox = { name: mailbox.name, messages: 0, bytes: 0, before: 0 };
    report.push(done);
    const writer = await folder.open(mailbox);
    for await (const message of here.messages(mailbox.id, 0)) {
      if (writer.has(message.uid)) {
        done.before++;
        continue;
      }
      await writer.write(message);
      done.messages++;
      done.bytes += message.bytes.length;
      if (done.messages % 100 === 0) options.progress(done);
    }
    await writer.finish();
    options.progress(done);
  }
  await folder.finish(mailboxes);
  return report;
}
