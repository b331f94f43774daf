/** Email/set (RFC 8621, 4.6). */
import type { Reason } from '../../../base/refusal.ts';
import type { EmailChange, EmailRow, MailWriting } from '../../../mailbox/account-mail.ts';
import { emailId, emailNumber, type EmailNumber, mailboxId } from '../../../mailbox/ids.ts';
import { readSet } from '../../../proto/jmap/arguments.ts';
import { readEmailAsk } from '../../../proto/jmap/email-properties.ts';
import { invalidProperties, MethodError, SetError } from '../../../proto/jmap/method-error.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import type { Context, Method } from '../method.ts';
import { setting } from '../setting.ts';
import { setErrorOf } from '../set-error.ts';
import { IfInState } from '../if-in-state.ts';
import { createEmail, type EmailParts, type Placing } from './email-create.ts';
import { emailsJson } from './email-get.ts';
import { keywordsJson } from './email-json.ts';
import { flagsOf, mustMay, readKeywords, readPlaces } from './email-place.ts';
import { mustWrite, type Place, type Reach, reachOf } from './reach.ts';

/** Emails that one transaction changes. */
const piece = 500;

export const emailSet =
  (parts: EmailParts): Method =>
  async (args, context) => {
    const reach = await reachOf(parts, args, context);
    mustWrite(reach);
    const wanted = readSet(args);
    const ifInState = new IfInState(wanted.ifInState);
    const set = new EmailSet(parts, { reach, context, ifInState });
    const { account, readable } = reach;
    return setting(wanted, context, {
      accountId: reach.account.id,
      state: async () => String(await parts.mailboxes.mail.version(reach.account.id)),
      isCurrent: (state) => parts.mailboxes.mail.isUnchanged(account.id, { of: 'emails', state, readable }),
      create: (record) => createEmail(parts, record, { reach, context, ifInState }),
      updateAll: (patches) => set.updateAll(patches),
      destroyAll: (ids) => set.destroyAll(ids),
    });
  };

type Became = Record<string, unknown> | null | SetError;

class EmailSet {
  readonly #parts: EmailParts;
  readonly #context: Context;
  readonly #reach: Reach;
  readonly #ifInState: IfInState;

  constructor(parts: EmailParts, { context, reach, ifInState }: Placing) {
    this.#parts = parts;
    this.#context = context;
    this.#reach = reach;
    this.#ifInState = ifInState;
  }

  #write<R>(write: (mail: MailWriting) => Promise<R>): Promise<R> {
    const { readable } = this.#reach;
    return this.#ifInState.around((state) =>
      write(
        this.#parts.mailboxes.mail.ifUnchanged(
          state === undefined ? undefined : { of: 'emails', state, readable },
        ),
      ),
    );
  }

  async updateAll(patches: ReadonlyMap<string, Arguments>): Promise<ReadonlyMap<string, Became>> {
    const became = new Map<string, Became>();
    const changes: EmailChange[] = [];
    const rows = await this.#rows([...patches.keys()]);
    for (const [id, patch] of patches) {
      const number = emailNumber(id);
      const mine = number === undefined ? undefined : rows.get(number);
      try {
        if (mine === undefined) throw new SetError('notFound');
        changes.push(await this.#changeOf(mine, patch));
        became.set(id, null);
      } catch (error) {
        became.set(id, setErrorOf(error));
      }
    }
    for (let at = 0; at < changes.length; at += piece)
      await this.#carryOut(changes.slice(at, at + piece), became);
    return became;
  }

  async #carryOut(changes: readonly EmailChange[], became: Map<string, Became>): Promise<void> {
    const real = changes.filter(isReal);
    if (real.length === 0) return;
    try {
      const { failed } = await this.#write((mail) => mail.change(this.#reach.account.id, real));
      for (const [email, reason] of failed) became.set(emailId(email), changeErrorOf(reason));
    } catch (error) {
      // Too many keywords in a mailbox, say: none of these was changed.
      const why = setErrorOf(error);
      for (const { email } of real) became.set(emailId(email), why);
    }
  }

  async destroyAll(ids: readonly string[]): Promise<ReadonlyMap<string, SetError>> {
    const stayed = new Map<string, SetError>();
    const rows = await this.#rows(ids);
    const going: EmailNumber[] = [];
    for (const id of ids) {
      const number = emailNumber(id);
      const mine = number === undefined ? undefined : rows.get(number);
      if (mine === undefined) stayed.set(id, new SetError('notFound'));
      else if (!mine.every((row) => this.#mayRemove(row))) stayed.set(id, new SetError('forbidden'));
      else going.push(number!);
    }
    for (let at = 0; at < going.length; at += piece) {
      const some = going.slice(at, at + piece);
      const { account, readable } = this.#reach;
      const gone = new Set(await this.#write((mail) => mail.destroy(account.id, some, readable)));
      for (const email of some) if (!gone.has(email)) stayed.set(emailId(email), new SetError('notFound'));
    }
    return stayed;
  }

  #mayRemove({ mailbox }: EmailRow): boolean {
    const rights = this.#reach.places.get(mailboxId(mailbox))?.rights ?? '';
    return rights.includes('t') && rights.includes('e');
  }

  async #rows(ids: readonly string[]): Promise<ReadonlyMap<EmailNumber, readonly EmailRow[]>> {
    const numbers = ids.map(emailNumber).filter((number) => number !== undefined);
    return this.#parts.mailboxes.mail.emails(this.#reach.account.id, numbers, this.#reach.readable);
  }

  async #changeOf(rows: readonly EmailRow[], patch: Arguments): Promise<EmailChange> {
    const before: Record<string, unknown> = {
      mailboxIds: Object.fromEntries(rows.map(({ mailbox }) => [mailboxId(mailbox), true])),
      keywords: keywordsJson(rows),
    };
    const after = patched(before, lowered(patch));
    await this.#refuseFixed(rows, touched(patch), after);
    const places = rows.map(({ mailbox }) => this.#reach.places.get(mailboxId(mailbox))!);
    return {
      email: rows[0]!.email,
      ...keywordChange(before['keywords'] as object, after['keywords'], places),
      ...this.#placeChange(rows, after['mailboxIds']),
    };
  }

  /** What cannot be changed may be told as it is (RFC 8620, 5.3). */
  async #refuseFixed(
    rows: readonly EmailRow[],
    given: readonly string[],
    after: Record<string, unknown>,
  ): Promise<void> {
    const names = given.filter((name) => name !== 'mailboxIds' && name !== 'keywords');
    if (names.length === 0) return;
    let fixed: Record<string, unknown> = {};
    try {
      const ask = readEmailAsk({ properties: names, fetchAllBodyValues: true }, 'get');
      const { list } = await emailsJson({ mailboxes: this.#parts.mailboxes, reach: this.#reach, ask }, [
        rows[0]!.email,
      ]);
      fixed = list[0] ?? {};
    } catch (error) {
      if (!(error instanceof MethodError)) throw error;
    }
    const other = names.filter(
      (name) => JSON.stringify(after[name] ?? null) !== JSON.stringify(fixed[name] ?? null),
    );
    if (other.length > 0) throw invalidProperties(other, 'not to be changed');
  }

  #placeChange(rows: readonly EmailRow[], wanted: unknown): Pick<EmailChange, 'into' | 'outOf'> {
    const places = readPlaces(wanted, this.#reach, this.#context);
    const numbers = places.map(({ number }) => number);
    const into = places.filter(({ number }) => !rows.some(({ mailbox }) => mailbox === number));
    const outOf = rows.map(({ mailbox }) => mailbox).filter((mailbox) => !numbers.includes(mailbox));
    for (const place of into) mustMay(place, 'i', 'add mail to');
    for (const mailbox of outOf) {
      const place = this.#reach.places.get(mailboxId(mailbox))!;
      mustMay(place, 't', 'remove mail from');
      mustMay(place, 'e', 'remove mail from');
    }
    return { into: into.map(({ number }) => number), outOf };
  }
}

const isReal = ({ add, remove, into, outOf }: EmailChange): boolean =>
  add !== undefined || remove !== undefined || into.length + outOf.length > 0;

/** Keywords are the same in any case. */
function lowered(patch: Arguments): Arguments {
  return Object.fromEntries(
    Object.entries(patch).map(([pointer, value]) => [
      pointer.startsWith('keywords/') ? pointer.toLowerCase() : pointer,
      value,
    ]),
  );
}

function keywordChange(
  before: object,
  wanted: unknown,
  places: readonly Place[],
): Pick<EmailChange, 'add' | 'remove'> {
  const { system, keywords } = readKeywords(wanted);
  const had = flagsOf(Object.keys(before));
  const add = {
    system: system & ~had.system,
    keywords: keywords.filter((each) => !had.keywords.includes(each)),
  };
  const remove = {
    system: had.system & ~system,
    keywords: had.keywords.filter((each) => !keywords.includes(each)),
  };
  const adds = add.system !== 0 || add.keywords.length > 0;
  const removes = remove.system !== 0 || remove.keywords.length > 0;
  const others = (add.system | remove.system) & ~seenFlag;
  for (const place of adds || removes ? places : []) {
    if (((add.system | remove.system) & seenFlag) !== 0) mustMay(place, 's', 'mark mail as seen in');
    if (others !== 0 || add.keywords.length + remove.keywords.length > 0)
      mustMay(place, 'w', 'set keywords in');
  }
  return { ...(adds ? { add } : {}), ...(removes ? { remove } : {}) };
}

const seenFlag = flagsOf(['$seen']).system;

function changeErrorOf(reason: Reason): SetError {
  switch (reason) {
    case 'mailboxNotFound':
      return invalidProperties(['mailboxIds'], 'a mailbox is gone');
    case 'limitReached':
      return new SetError('tooManyKeywords');
    case 'invalid':
      return invalidProperties(['mailboxIds'], 'an email is in a mailbox');
    default:
      return new SetError('notFound');
  }
}
