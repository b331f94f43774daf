/**
 * Trying scripts and doing what they say to mail that is there: what a person wants to know before a script is activated, and to have done after it was.
 *
 * Works in pieces of a mailbox, the newest first; `next` says where the next piece begins.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, MailboxId, Uid } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { EmailDetails } from '../mailbox/email-facts.ts';
import type { EmailNumber } from '../mailbox/ids.ts';
import type { MailboxInfo } from '../mailbox/mailbox.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import { canonicalName } from '../mailbox/name.ts';
import { decodeWords } from '../proto/mime/encoded-word.ts';
import { flatten, formatAddrSpec } from '../proto/mime/address.ts';
import type { FileInto, FlagList } from '../proto/sieve/action.ts';
import type { Problem } from '../proto/sieve/problem.ts';
import type { Verdict } from '../sieve/run-scripts.ts';
import type { RunnableScript } from '../sieve/script.ts';
import { deedsOf, told, type ToldAction } from './sieve/deeds.ts';
import { flagsOf } from './sieve/placements.ts';
import { rehearse, type MailOwner, type RehearsalParts } from './sieve/rehearsal.ts';

/** What a script does with mail teaches nobody what it is. */
const byFilter = { byFilter: true } as const;

export type { MailOwner };

export interface ScriptDeskParts extends Omit<RehearsalParts, 'mailboxes'> {
  readonly mailboxes: Mailboxes;
  readonly clock: Clock;
}

/** Which mail of a mailbox. */
export interface Piece {
  readonly mailbox: string;
  readonly max: number;
  /** `next` of the piece before. */
  readonly before?: number;
}

/** A mail, and what a script says of it. */
export interface Tried {
  /** 0: it lies in no mailbox. */
  readonly uid: number;
  readonly subject: string;
  readonly from: string;
  readonly receivedAtMs: number;
  readonly actions: readonly ToldAction[];
  /** It stays, or comes, where it would without a script. */
  readonly kept: boolean;
  readonly flags: FlagList;
  readonly problem: Problem | undefined;
  readonly steps: readonly TriedStep[];
}

export interface TriedStep {
  readonly line: number;
  readonly column: number;
  readonly depth: number;
  readonly what: string;
  readonly result?: boolean;
}

export interface TriedPiece {
  readonly items: readonly Tried[];
  readonly next: number | undefined;
}

/** A message that no mailbox has. */
export interface GivenMail {
  readonly message: Uint8Array;
  readonly envelope: { readonly from?: string; readonly to?: string };
}

interface Found {
  readonly uid: Uid;
  readonly email: EmailNumber;
  readonly receivedAtMs: number;
}

export class ScriptDesk {
  readonly #parts: ScriptDeskParts;

  constructor(parts: ScriptDeskParts) {
    this.#parts = parts;
  }

  /** What the script would do to each. Refusal: mailboxNotFound. */
  async test(owner: MailOwner, script: RunnableScript, piece: Piece, traced = false): Promise<TriedPiece> {
    return this.#each(owner, piece, { script, traced }, async () => {});
  }

  async testGiven(
    owner: MailOwner,
    script: RunnableScript,
    { message, envelope }: GivenMail,
    traced = true,
  ): Promise<Tried> {
    const verdict = await rehearse(this.#parts, owner, {
      script,
      body: { is: 'inline', bytes: message },
      sizeBytes: message.length,
      envelope,
      nowMs: this.#parts.clock.nowMs(),
      traced,
    });
    const { letter } = verdict;
    const [subject = ''] = letter.values('subject');
    const [from = ''] = letter.values('from');
    return tried({ uid: 0, subject, from, receivedAtMs: 0 }, verdict);
  }

  /** Does it: files and flags. Mail is never deleted (what is discarded goes to the trash), and nothing is sent. Refusal: mailboxNotFound, limitReached, mailboxNameInvalid. */
  async apply(owner: MailOwner, script: RunnableScript, piece: Piece): Promise<TriedPiece> {
    const here = await this.#mailbox(owner, piece.mailbox);
    return this.#each(owner, piece, { script, traced: false }, ({ uid }, verdict) =>
      this.#carryOut(owner, here, { uid, verdict }),
    );
  }

  async #each(
    owner: MailOwner,
    piece: Piece,
    { script, traced }: { readonly script: RunnableScript; readonly traced: boolean },
    then: (found: Found, verdict: Verdict) => Promise<void>,
  ): Promise<TriedPiece> {
    const { mailboxes, clock } = this.#parts;
    const { found, next } = await this.#found(owner, piece);
    const details = await mailboxes.details(
      owner.id,
      found.map(({ email }) => email),
    );
    const items: Tried[] = [];
    for (const each of found) {
      const body = await mailboxes.body(owner.id, each.email);
      const known = details.get(each.email);
      if (body === undefined || known === undefined) continue;
      const sizeBytes = known.index.sizeBytes;
      const rehearsed = { script, body, sizeBytes, nowMs: clock.nowMs(), traced };
      const verdict = await rehearse(this.#parts, owner, rehearsed);
      await then(each, verdict);
      items.push(tried({ ...each, ...shownOf(known) }, verdict));
    }
    return { items, next };
  }

  async #found(
    owner: MailOwner,
    { mailbox, max, before = Number.MAX_SAFE_INTEGER }: Piece,
  ): Promise<{ found: Found[]; next: number | undefined }> {
    const { id } = await this.#mailbox(owner, mailbox);
    using session = await this.#parts.mailboxes.open(owner.id, id);
    const { view } = session;
    const found: Found[] = [];
    let position = view.positionFrom(before) - 1;
    for (; position >= 0 && found.length < max; position--)
      found.push({
        uid: view.uidAt(position),
        email: view.emailAt(position),
        receivedAtMs: view.receivedAtMsAt(position),
      });
    return { found, next: position >= 0 ? found.at(-1)?.uid : undefined };
  }

  async #mailbox(owner: MailOwner, name: string): Promise<MailboxInfo> {
    const found = await this.#parts.mailboxes.find(owner.id, name);
    if (found === undefined) throw new Refusal('mailboxNotFound', name, { at: 'mailbox' });
    return found;
  }

  // --- Doing it

  async #carryOut(
    { id: account }: MailOwner,
    here: MailboxInfo,
    { uid, verdict }: { readonly uid: Uid; readonly verdict: Verdict },
  ): Promise<void> {
    const { mailboxes } = this.#parts;
    const { files, leaves, discarded, flags } = deedsOf(verdict);
    await this.#flag(account, here.id, [uid], flags);
    const targets = new Map<MailboxId, FlagList>();
    for (const file of files) targets.set(await this.#target(account, file), file.flags);
    if (discarded) targets.set(await this.#trash(account), []);
    const stays = !leaves || targets.has(here.id);
    await this.#flag(account, here.id, [uid], targets.get(here.id) ?? []);
    targets.delete(here.id);
    const last = stays ? undefined : [...targets.keys()].at(-1);
    for (const [mailbox, of] of targets) {
      const gone =
        mailbox === last
          ? await mailboxes.move(account, here.id, [uid], mailbox, byFilter)
          : await mailboxes.copy(account, here.id, [uid], mailbox, byFilter);
      await this.#flag(account, mailbox, gone.to, of);
    }
  }

  async #flag(account: AccountId, mailbox: MailboxId, uids: readonly Uid[], flags: FlagList): Promise<void> {
    if (flags.length === 0 || uids.length === 0) return;
    const { flags: system, keywords } = flagsOf(flags);
    await this.#parts.mailboxes.storeFlags(account, mailbox, uids, {
      how: 'add',
      flags: { system, keywords },
      ...byFilter,
    });
  }

  async #target(account: AccountId, { mailbox, mailboxId, specialUse }: FileInto): Promise<MailboxId> {
    const { mailboxes } = this.#parts;
    const role = specialUse?.slice(1).toLowerCase();
    const known = (await mailboxes.list(account)).find(
      (each) => each.id === mailboxId || (role !== undefined && each.role === role),
    );
    if (known) return known.id;
    const name = canonicalName(mailbox);
    return ((await mailboxes.find(account, name)) ?? (await mailboxes.create(account, name))).id;
  }

  async #trash(account: AccountId): Promise<MailboxId> {
    const { mailboxes } = this.#parts;
    const known = (await mailboxes.list(account)).find(({ role }) => role === 'trash');
    const found = known ?? (await mailboxes.find(account, 'Trash'));
    return (found ?? (await mailboxes.create(account, 'Trash', { role: 'trash' }))).id;
  }
}

function shownOf({ index }: EmailDetails): Pick<Tried, 'subject' | 'from'> {
  const { subject = '', from } = index.envelope;
  const [first] = flatten(from);
  return { subject: decodeWords(subject), from: first === undefined ? '' : formatAddrSpec(first) };
}

type Shown = Pick<Tried, 'uid' | 'subject' | 'from' | 'receivedAtMs'>;

function tried({ uid, subject, from, receivedAtMs }: Shown, verdict: Verdict): Tried {
  return {
    uid,
    subject,
    from,
    receivedAtMs,
    actions: told(verdict),
    kept: verdict.keep !== undefined,
    flags: verdict.keep?.flags ?? [],
    problem: verdict.troubles[0]?.problem,
    steps: verdict.steps.map(({ at, depth, what, result }) => ({
      ...at,
      depth,
      what,
      ...(result === undefined ? {} : { result }),
    })),
  };
}
