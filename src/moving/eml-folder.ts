/** A folder for each mailbox, in it a file for each message, octet for octet as it is stored. */
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HereMailbox } from './destination.ts';
import type { ExportFolder, MailboxWriter, OutgoingMessage } from './export.ts';
import { FileNames } from './file-names.ts';
import { writeWhole } from './whole-file.ts';

/** Digits of a uid, so that names are sorted as the mailbox is. */
const uidDigits = 10;

export class EmlFolder implements ExportFolder {
  readonly #root: string;
  readonly #names = new FileNames();

  constructor({ folder }: { readonly folder: string }) {
    this.#root = resolve(folder);
  }

  async open({ name, uidValidity }: HereMailbox): Promise<MailboxWriter> {
    const folder = join(this.#root, this.#names.path(name.split('/')));
    await mkdir(folder, { recursive: true });
    const written = new Set(await readdir(folder));
    const nameOf = (uid: number): string => `${uidValidity}-${String(uid).padStart(uidDigits, '0')}.eml`;
    return {
      has: (uid) => written.has(nameOf(uid)),
      write: ({ uid, bytes, receivedAtMs }: OutgoingMessage) =>
        writeWhole(join(folder, nameOf(uid)), bytes, { receivedAtMs }),
      finish: async () => {},
    };
  }

  async finish(): Promise<void> {}
}
