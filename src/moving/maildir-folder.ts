/**
 * A Maildir++ with all mailboxes of an account, as Dovecot and Courier read it. Dovecot keeps the uids, keywords and subscriptions that stand beside. What is written
 * names its uid, so that an export that was stopped goes on.
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HereMailbox } from './destination.ts';
import type { ExportFolder, MailboxWriter, OutgoingMessage } from './export.ts';
import { folderOfLevels, lettersOfFlags, parseFileName } from './maildir/maildir-names.ts';
import { readKeywords } from './maildir/uid-list.ts';
import { toLf } from './message-bytes.ts';
import { writeWhole } from './whole-file.ts';

export interface MaildirFolderOptions {
  readonly folder: string;
  /** Lines end in CRLF, as the mail has them; else in LF, as Maildir mostly has them. */
  readonly crlf: boolean;
}

export class MaildirFolder implements ExportFolder {
  readonly #root: string;
  readonly #crlf: boolean;

  constructor({ folder, crlf }: MaildirFolderOptions) {
    this.#root = resolve(folder);
    this.#crlf = crlf;
  }

  async open(mailbox: HereMailbox): Promise<MailboxWriter> {
    const folder = this.#folderOf(mailbox.name);
    for (const sub of ['tmp', 'new', 'cur']) await mkdir(join(folder, sub), { recursive: true });
    if (folder !== this.#root) await writeWhole(join(folder, 'maildirfolder'), '');
    const writer = new Writer(folder, { mailbox, crlf: this.#crlf });
    await writer.begin();
    return writer;
  }

  async finish(mailboxes: readonly HereMailbox[]): Promise<void> {
    const names = mailboxes.filter(({ subscribed, name }) => subscribed && name !== 'INBOX');
    // Dovecot has levels separated by tabs, in the form that is used in IMAP.
    const lines = names.map(({ name }) => folderOfLevels(name.split('/')).slice(1).split('.').join('\t'));
    await writeWhole(
      join(this.#root, 'subscriptions'),
      `V\t2\n\n${lines.map((line) => `${line}\n`).join('')}`,
    );
  }

  #folderOf(name: string): string {
    return name === 'INBOX' ? this.#root : join(this.#root, folderOfLevels(name.split('/')));
  }
}

class Writer implements MailboxWriter {
  readonly #folder: string;
  readonly #mailbox: HereMailbox;
  readonly #crlf: boolean;
  /** File names in `cur` by uid. */
  readonly #files = new Map<number, string>();
  #keywords: string[] = [];

  constructor(folder: string, { mailbox, crlf }: { readonly mailbox: HereMailbox; readonly crlf: boolean }) {
    this.#folder = folder;
    this.#mailbox = mailbox;
    this.#crlf = crlf;
  }

  async begin(): Promise<void> {
    this.#keywords = await readKeywords(this.#folder);
    for (const name of await readdir(join(this.#folder, 'cur'))) {
      const match = /^\d+\.U(\d+)V(\d+)\./.exec(name);
      if (match !== null && Number(match[2]) === this.#mailbox.uidValidity)
        this.#files.set(Number(match[1]), name);
    }
  }

  has(uid: number): boolean {
    return this.#files.has(uid);
  }

  async write({ uid, flags, receivedAtMs, bytes }: OutgoingMessage): Promise<void> {
    const content = this.#crlf ? bytes : toLf(bytes);
    const seconds = Math.floor(receivedAtMs / 1000);
    const base = `${seconds}.U${uid}V${this.#mailbox.uidValidity}.hikyaku,S=${content.length}`;
    const before = this.#keywords.length;
    const name = `${base}:2,${lettersOfFlags(flags, this.#keywords)}`;
    // Letters mean nothing without their names.
    if (this.#keywords.length > before) await this.#writeKeywords();
    const by = join(this.#folder, 'tmp', base);
    await writeWhole(join(this.#folder, 'cur', name), content, { by, receivedAtMs });
    this.#files.set(uid, name);
  }

  async finish(): Promise<void> {
    const uids = [...this.#files.keys()].toSorted((a, b) => a - b);
    const guid = this.#mailbox.uidValidity.toString(16).padStart(32, '0');
    const head = `3 V${this.#mailbox.uidValidity} N${(uids.at(-1) ?? 0) + 1} G${guid}`;
    const lines = uids.map((uid) => `${uid} :${parseFileName(this.#files.get(uid)!).base}`);
    await writeWhole(join(this.#folder, 'dovecot-uidlist'), `${[head, ...lines].join('\n')}\n`);
  }

  async #writeKeywords(): Promise<void> {
    const path = join(this.#folder, 'dovecot-keywords');
    await writeWhole(`${path}.new`, this.#keywords.map((keyword, i) => `${i} ${keyword}\n`).join(''));
    await rename(`${path}.new`, path);
  }
}
