/**
 * Emails as JMAP has them: keywords and mailboxes of one email are changed together, whatever mailboxes it is in (RFC 8621, 4.6).
 *
 * A keyword is set in each membership; a message with \Deleted is not there for JMAP, and is left as it is. One call is one version of the account: what
 * cannot be changed is told for each email, and the others are changed all the same.
 */
import type { AccountId } from '../../base/ids.ts';
import { type Reason, Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, type Statement, type Transaction } from '../../store/transaction.ts';
import { deleted, joinKeywords, keywordsMax, seen, spellKeywords, splitKeywords } from '../flags.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { rememberKeywords } from './add.ts';
import { type EmailRow, rowsOfEmails } from './email-rows.ts';
import { bump, logged } from './head.ts';
import { mustBeUnchanged, type Unchanged } from './if-unchanged.ts';
import { noteVotes, type Voted, voteOfFlags, voteOfMove } from './junk-vote.ts';
import { dropOrphans, removeMemberships } from './remove.ts';
import { addMemberships } from './transfer.ts';

export interface FlagsGiven {
  readonly system: number;
  readonly keywords: readonly string[];
}

export interface EmailChange {
  readonly email: EmailNumber;
  /** In place of what there is. */
  readonly replace?: FlagsGiven | undefined;
  readonly add?: FlagsGiven | undefined;
  readonly remove?: FlagsGiven | undefined;
  readonly into: readonly MailboxNumber[];
  readonly outOf: readonly MailboxNumber[];
}

export interface ChangedEmails {
  /** Of the change, or 0 when there was none. */
  readonly version: number;
  /** Why, by email, for those that were not changed. */
  readonly failed: readonly (readonly [email: EmailNumber, reason: Reason])[];
}

interface Args {
  readonly account: AccountId;
  readonly changes: readonly EmailChange[];
  readonly nowMs: number;
  readonly unchanged?: Unchanged | undefined;
}

export const changeEmails = operation(
  'mailbox.changeEmails',
  function* ({ account, changes, nowMs, unchanged }: Args): Transaction<ChangedEmails> {
    yield* mustBeUnchanged(account, unchanged);
    const boxes = yield* mailboxesOf(account);
    const rows = yield* rowsOfEmails(
      account,
      changes.map(({ email }) => email),
    );
    const byEmail = Map.groupBy(
      rows.filter((row) => boxes.has(row.mailbox) && (row.flags & deleted) === 0),
      (row) => row.email,
    );
    const plan = new Plan(boxes);
    const failed: [EmailNumber, Reason][] = [];
    for (const change of changes) {
      const reason = plan.add(change, byEmail.get(change.email) ?? []);
      if (reason !== undefined) failed.push([change.email, reason]);
    }
    if (plan.isEmpty) return { version: 0, failed };
    const version = yield* bump(account);
    yield* carryOut({ account, version, nowMs, boxes }, plan);
    yield* noteVotes(account, version, plan.votes);
    yield* hint('account', account);
    return { version, failed };
  },
  { essential: true },
);

interface Box {
  readonly id: MailboxNumber;
  readonly keywords: string;
  readonly role: string;
}

type Boxes = ReadonlyMap<MailboxNumber, Box>;

export function* mailboxesOf(account: AccountId): Transaction<Boxes> {
  const [found] = yield* batch([
    { sql: 'select id, keywords, role from mailbox where account = ?', params: [account] },
  ]);
  return new Map((found as unknown as readonly Box[]).map((box) => [box.id, box]));
}

/** What is to be done, by mailbox. */
class Plan {
  readonly flagged = new Map<MailboxNumber, { before: EmailRow; after: EmailRow }[]>();
  readonly added = new Map<MailboxNumber, EmailRow[]>();
  readonly removed = new Map<MailboxNumber, EmailRow[]>();
  readonly votes: Voted[] = [];
  readonly #boxes: Boxes;

  constructor(boxes: Boxes) {
    this.#boxes = boxes;
  }

  get isEmpty(): boolean {
    return this.flagged.size + this.added.size + this.removed.size === 0;
  }

  /** Gives why not. */
  add(change: EmailChange, rows: readonly EmailRow[]): Reason | undefined {
    if (rows.length === 0) return 'notFound';
    const into = change.into.filter((box) => !rows.some((row) => row.mailbox === box));
    if (into.some((box) => !this.#boxes.has(box))) return 'mailboxNotFound';
    const stays = rows.filter((row) => !change.outOf.includes(row.mailbox));
    if (stays.length + into.length === 0) return 'invalid';
    const pairs: { before: EmailRow; after: EmailRow }[] = [];
    for (const before of rows) {
      const after = this.#changed(before, change);
      if (after === undefined) return 'limitReached';
      pairs.push({ before, after });
    }
    for (const { before, after } of pairs) {
      if (!stays.includes(before)) put(this.removed, before.mailbox, before);
      else if (before.flags !== after.flags || before.keywords !== after.keywords)
        put(this.flagged, before.mailbox, { before, after });
    }
    for (const box of into) put(this.added, box, pairs[0]!.after);
    this.#vote(rows, pairs[0]!, into, stays.length === 0);
    return undefined;
  }

  /** Undefined: too many keywords. */
  #changed(row: EmailRow, { replace, add, remove }: EmailChange): EmailRow | undefined {
    const known = splitKeywords(this.#boxes.get(row.mailbox)?.keywords ?? '');
    let flags = replace === undefined ? row.flags : replace.system;
    let keywords = new Set(replace === undefined ? splitKeywords(row.keywords) : replace.keywords);
    flags = (flags | (add?.system ?? 0)) & ~(remove?.system ?? 0);
    for (const keyword of add?.keywords ?? []) keywords.add(keyword);
    const gone = new Set(remove?.keywords.map((each) => each.toLowerCase()));
    keywords = new Set([...keywords].filter((each) => !gone.has(each.toLowerCase())));
    const lower = new Set([...keywords].map((each) => each.toLowerCase()));
    if (lower.size > keywordsMax) return undefined;
    const unchanged = replace === undefined && add === undefined && remove === undefined;
    return unchanged ? row : { ...row, flags, keywords: joinKeywords(spellKeywords([...keywords], known)) };
  }

  #vote(
    rows: readonly EmailRow[],
    pair: { before: EmailRow; after: EmailRow },
    into: readonly MailboxNumber[],
    move: boolean,
  ): void {
    const { email } = pair.before;
    const said = voteOfFlags(pair.before, pair.after);
    if (said !== undefined) this.votes.push({ email, says: said });
    for (const box of into) {
      const role = (number: MailboxNumber): string => this.#boxes.get(number)?.role ?? '';
      const says = voteOfMove(role(rows[0]!.mailbox), role(box), move);
      if (says !== undefined) this.votes.push({ email, says });
    }
  }
}

function put<T>(map: Map<MailboxNumber, T[]>, key: MailboxNumber, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

interface Moment {
  readonly account: AccountId;
  readonly version: number;
  readonly nowMs: number;
  readonly boxes: Boxes;
}

/** Away last: an email that is in no mailbox for a moment would go with its body. */
function* carryOut({ account, version, nowMs, boxes }: Moment, plan: Plan): Transaction<void> {
  let seq = 0;
  for (const [mailbox, pairs] of plan.flagged) {
    const spelled = pairs.flatMap(({ after }) => splitKeywords(after.keywords));
    yield* rememberKeywords(account, mailbox, boxes.get(mailbox)!.keywords, spelled);
    yield* batch(flagStatements({ account, mailbox, version, seq: seq++ }, pairs));
  }
  for (const [to, rows] of plan.added) {
    const { keywords } = boxes.get(to)!;
    yield* addMemberships({ account, to }, { version, keywords, nowMs }, rows);
  }
  for (const [mailbox, rows] of plan.removed)
    yield* removeMemberships({ account, mailbox, version, seq: seq++ }, rows);
}

function flagStatements(
  {
    account,
    mailbox,
    version,
    seq,
  }: { account: AccountId; mailbox: MailboxNumber; version: number; seq: number },
  pairs: readonly { before: EmailRow; after: EmailRow }[],
): Statement[] {
  let unseen = 0;
  for (const { before, after } of pairs) unseen += (before.flags & seen) - (after.flags & seen);
  return [
    ...pairs.map(({ after }) => ({
      sql: 'update membership set flags = ?, keywords = ?, modseq = ? where account = ? and mailbox = ? and uid = ?',
      params: [after.flags, after.keywords, version, account, mailbox, after.uid],
    })),
    {
      sql: 'update mailbox set unseen = unseen + ?, modseq = ? where account = ? and id = ?',
      params: [unseen, version, account, mailbox],
    },
    logged(account, version, seq, {
      kind: 'flags',
      mailbox,
      uids: pairs.map(({ after }) => after.uid),
      emails: pairs.map(({ after }) => after.email),
    }),
  ];
}

/** Takes emails out of these mailboxes (all when undefined), and away where none is left. Gives those that were found. */
export const destroyEmails = operation(
  'mailbox.destroyEmails',
  function* (args: {
    account: AccountId;
    emails: readonly EmailNumber[];
    within: readonly MailboxNumber[] | undefined;
    unchanged?: Unchanged | undefined;
  }): Transaction<readonly EmailNumber[]> {
    const { account, emails, within } = args;
    yield* mustBeUnchanged(account, args.unchanged);
    const found = yield* rowsOfEmails(account, emails);
    const rows = found.filter(({ mailbox }) => within === undefined || within.includes(mailbox));
    if (rows.length === 0) return [];
    const version = yield* bump(account);
    let seq = 0;
    for (const [mailbox, gone] of Map.groupBy(rows, (row) => row.mailbox))
      yield* removeMemberships({ account, mailbox, version, seq: seq++ }, gone);
    yield* dropOrphans(account, rows);
    yield* hint('account', account);
    return [...new Set(rows.map(({ email }) => email))];
  },
  { essential: true },
);

/** Whether a mailbox is there, or Refusal. */
export function mustHave(boxes: Boxes, mailbox: MailboxNumber): Box {
  const box = boxes.get(mailbox);
  if (box === undefined) throw new Refusal('mailboxNotFound', `${mailbox}`);
  return box;
}
