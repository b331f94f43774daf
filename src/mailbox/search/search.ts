/**
 * Searching a mailbox: the index of texts and the view first, then stored details, then messages, each only for what is still open. So a search is
 * complete whatever the index has: what it does not know yet is read.
 *
 * Everything that reads rows runs on scan threads, in pieces, so that a search can be stopped and never holds a protocol thread. Messages in files
 * are read here, a range at a time.
 */
import { type Clock, sleep } from '../../base/clock.ts';
import type { Uid } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import type { Criterion } from '../criterion.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails } from '../stored-details.ts';
import type { MailboxSession } from '../mailbox-session.ts';
import { foldText } from '../../search/fold.ts';
import { hasEmail } from '../../search/look-up.ts';
import { askLeaves, type Candidates, candidatesOf, type LeafAnswers, verdictOfIndex } from './ask-index.ts';
import { evaluate, isText, type Leaf, leavesOf, type Verdict } from './evaluate.ts';
import { MessageText, rangesOf } from './message-text.ts';
import { rankLeaves, relativeScores } from './rank.ts';
import { leavesMax, type SearchFound, searchEmails } from './search-emails.ts';

/** Emails asked about in one piece: details are small, bodies are up to `inlineBodyMaxBytes`. */
const detailsPiece = 500;
const bodiesPiece = 100;
/** Texts of one search. Mailers look for some hundred message ids at once. */
const textsMax = 2_000;

export interface SearchWatch {
  /** Stops the search: it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told now and then how many of the messages that had to be read were looked at. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** Where messages are, and how long a search waits for texts of attachments that are being made. */
export interface SearchPlace {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly attachmentsWithinMs: number;
}

const lookAgainMs = 100;

export async function searchMailbox(
  place: SearchPlace,
  session: MailboxSession,
  given: Criterion,
  { signal, progress }: SearchWatch = {},
): Promise<readonly Uid[]> {
  const criterion = folded(given);
  const leaves = leavesOf(criterion);
  if (leaves.length > textsMax) throw new Refusal('limitReached', `more than ${textsMax} texts in a search`);
  const search = new Search({ ...place, session, criterion, leaves, signal, progress });
  await search.askIndex();
  search.look();
  if (search.open > 0) await search.ask(false, detailsPiece);
  if (search.open > 0) await search.ask(true, bodiesPiece);
  await search.awaitAttachments(bodiesPiece);
  return search.found();
}

interface Parts extends SearchPlace {
  readonly session: MailboxSession;
  readonly criterion: Criterion;
  readonly leaves: readonly Leaf[];
  readonly signal: AbortSignal | undefined;
  readonly progress: SearchWatch['progress'];
}

/** Verdicts of one email on a group of leaves: see search-emails.ts. */
interface Masks {
  readonly yes: number;
  readonly no: number;
}

/** As many leaves as one mask has bits for, and what is known of them. */
interface Group {
  readonly leaves: readonly Leaf[];
  readonly known: Map<EmailNumber, Masks>;
  index: LeafAnswers | undefined;
}

class Search {
  readonly #parts: Parts;
  readonly #found: Uid[] = [];
  /** Messages whose verdict is open, with their email. */
  #open = new Map<Uid, EmailNumber>();
  readonly #groups: readonly Group[];
  /** Emails whose attachments were not read yet. */
  readonly #unread = new Set<EmailNumber>();
  #patient: boolean;
  /** Where the verdict on a leaf is. */
  readonly #placeOf = new Map<Leaf, { readonly group: Group; readonly bit: number }>();

  constructor(parts: Parts) {
    this.#parts = parts;
    const groups: Group[] = [];
    for (let at = 0; at < parts.leaves.length; at += leavesMax)
      groups.push({ leaves: parts.leaves.slice(at, at + leavesMax), known: new Map(), index: undefined });
    for (const group of groups)
      for (const [bit, leaf] of group.leaves.entries()) this.#placeOf.set(leaf, { group, bit });
    this.#groups = groups;
    this.#patient = parts.attachmentsWithinMs > 0;
  }

  get open(): number {
    return this.#open.size;
  }

  async askIndex(): Promise<void> {
    const { store, session } = this.#parts;
    for (const group of this.#groups) {
      if (!group.leaves.some(isText)) continue;
      this.#parts.signal?.throwIfAborted();
      const { account } = session.view;
      try {
        group.index = await store.scan(askLeaves, { account, leaves: group.leaves });
      } catch (error) {
        // Damaged, say. Whoever searches gets the same answer, later.
        this.#parts.log.warn({ error, account }, 'the index of texts could not be read; the mail is instead');
      }
    }
  }

  /** Messages come from the session's list: what its client has not been told of is not found (RFC 9051, 6.4.4). */
  look(): void {
    const { session } = this.#parts;
    const { view } = session;
    const candidates = this.#candidates();
    if (candidates !== undefined) return this.#lookAt(candidates);
    for (let sequence = 1; sequence <= session.count; sequence++) {
      const uid = session.uidOf(sequence);
      const at =
        sequence <= view.count && view.uidAt(sequence - 1) === uid ? sequence - 1 : view.positionOf(uid);
      if (at !== -1) this.#judge(at, uid);
    }
  }

  /** The same where the index leaves few: a million others cost little. */
  #lookAt({ emails, upTo }: Candidates): void {
    const { session } = this.#parts;
    const { view } = session;
    for (let at = 0; at < view.count; at++) {
      const email = view.emailAt(at);
      if (email <= upTo && !hasEmail(emails, email)) continue;
      const uid = view.uidAt(at);
      if (session.sequenceOf(uid) > 0) this.#judge(at, uid);
    }
  }

  #judge(at: number, uid: Uid): void {
    const { session, criterion } = this.#parts;
    const email = session.view.emailAt(at);
    const verdict = evaluate(criterion, session.view, at, (leaf) => this.#verdict(leaf, email));
    if (verdict === true) this.#found.push(uid);
    else if (verdict === undefined) this.#open.set(uid, email);
  }

  /** What every message that fits must be among: by the text that leaves the fewest, where the index can tell. */
  #candidates(): Candidates | undefined {
    const { criterion } = this.#parts;
    let best: Candidates | undefined;
    for (const each of criterion.is === 'and' ? criterion.of : [criterion]) {
      const place = this.#placeOf.get(each as Leaf);
      const found = place?.group.index && candidatesOf(place.group.index, place.bit);
      if (found !== undefined && (best === undefined || found.count < best.count)) best = found;
    }
    return best;
  }

  #verdict(leaf: Leaf, email: EmailNumber): Verdict {
    const { group, bit } = this.#placeOf.get(leaf)!;
    const { index } = group;
    return verdictIn(group.known.get(email), bit) ?? (index && verdictOfIndex(index, bit, email));
  }

  /** Each group decides what it can before the next is asked. */
  async ask(bodies: boolean, piece: number): Promise<void> {
    for (const group of this.#groups) {
      if (this.#open.size === 0) return;
      await this.#askGroup(group, bodies, piece);
      this.#decide();
    }
  }

  async #askGroup(group: Group, bodies: boolean, piece: number): Promise<void> {
    const { store, session, signal, progress } = this.#parts;
    const { account } = session.view;
    const emails = [...new Set(this.#open.values())];
    for (let from = 0; from < emails.length; from += piece) {
      signal?.throwIfAborted();
      const args = { account, emails: emails.slice(from, from + piece), leaves: group.leaves, bodies };
      await this.#learn(group, await store.scan(searchEmails, args));
      progress?.(from, emails.length);
    }
  }

  found(): readonly Uid[] {
    return this.#found.sort((a, b) => a - b);
  }

  /** Attachments of mail that has just come are being read by whoever indexes: a little patience makes the answer complete. */
  async awaitAttachments(piece: number): Promise<void> {
    const { clock, attachmentsWithinMs, signal } = this.#parts;
    const until = clock.monotonicMs() + attachmentsWithinMs;
    while (this.#unread.size > 0 && this.#open.size > 0 && clock.monotonicMs() < until) {
      await sleep(clock, lookAgainMs, signal);
      this.#unread.clear();
      await this.ask(true, piece);
    }
    if (this.#unread.size === 0) return;
    // They took too long: the message is judged by the rest of it.
    this.#unread.clear();
    this.#patient = false;
    if (this.#open.size > 0) await this.ask(true, piece);
  }

  async #learn(group: Group, { verdicts, inFiles, unread }: SearchFound): Promise<void> {
    const waiting = this.#patient ? new Set(unread) : new Set<EmailNumber>();
    for (const email of waiting) this.#unread.add(email);
    for (const { email, yes, no } of verdicts)
      note(group, email, { yes, no: waiting.has(email) ? no & ~textMask(group) : no });
    for (const each of inFiles) {
      this.#parts.signal?.throwIfAborted();
      await this.#learnFromFile(group, each, waiting.has(each.email));
    }
  }

  async #learnFromFile(group: Group, file: SearchFound['inFiles'][number], waits: boolean): Promise<void> {
    const { store } = this.#parts;
    const { leaves } = group;
    const details = decodeDetails(file.details);
    const body = { is: 'file', name: file.name, sizeBytes: details.index.sizeBytes } as const;
    const ranges = new Map<number, Buffer>();
    for (const { start, end } of rangesOf(details, leaves)) {
      const bytes = await store.bodies.read(body, start, end - start);
      ranges.set(start, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
    const text = new MessageText(details, (start) => ranges.get(start) ?? Buffer.alloc(0), file.attachments);
    let yes = 0;
    leaves.forEach((leaf, i) => {
      if (text.matches(leaf)) yes |= 1 << i;
    });
    note(group, file.email, { yes, no: waits ? ~yes & ~textMask(group) : ~yes });
  }

  #decide(): void {
    const { session, criterion } = this.#parts;
    const open = this.#open;
    this.#open = new Map();
    for (const [uid, email] of open) {
      const at = session.view.positionOf(uid);
      if (at === -1) continue;
      const verdict = evaluate(criterion, session.view, at, (leaf) => this.#verdict(leaf, email));
      if (verdict === true) this.#found.push(uid);
      else if (verdict === undefined) this.#open.set(uid, email);
    }
  }
}

/** Bits of the leaves that attachments may answer. */
const textMask = ({ leaves }: Group): number =>
  leaves.reduce((mask, { is }, bit) => (is === 'text' || is === 'body' ? mask | (1 << bit) : mask), 0);

/** What was learnt first stays: details answer some leaves for good. */
function note({ known }: Group, email: EmailNumber, { yes, no }: Masks): void {
  const before = known.get(email) ?? { yes: 0, no: 0 };
  known.set(email, { yes: before.yes | (yes & ~before.no), no: before.no | (no & ~before.yes) });
}

function verdictIn(masks: Masks | undefined, bit: number): Verdict {
  if (masks === undefined) return undefined;
  if ((masks.yes & (1 << bit)) !== 0) return true;
  return (masks.no & (1 << bit)) !== 0 ? false : undefined;
}

/** The same criterion with its texts folded. */
function folded(criterion: Criterion): Criterion {
  switch (criterion.is) {
    case 'header':
    case 'body':
    case 'text':
      return { ...criterion, contains: foldText(criterion.contains) };
    case 'not':
      return { is: 'not', of: folded(criterion.of) };
    case 'and':
    case 'or':
      return { is: criterion.is, of: criterion.of.map(folded) };
    default:
      return criterion;
  }
}

export type Scores = ReadonlyMap<Uid, number>;

/** How well each message that a search found fits its texts: a number above 0, at most 1, by uid. */
export async function scoresOf(
  store: Store,
  session: MailboxSession,
  given: Criterion,
  uids: readonly Uid[],
): Promise<Scores> {
  const { view } = session;
  const uidOf = new Map<EmailNumber, Uid>();
  for (const uid of uids) {
    const at = view.positionOf(uid);
    if (at !== -1) uidOf.set(view.emailAt(at), uid);
  }
  const emails = Uint32Array.from(uidOf.keys()).sort();
  const leaves = leavesOf(folded(given)).filter(isText).slice(0, leavesMax);
  const scores = relativeScores(await store.scan(rankLeaves, { account: view.account, leaves, emails }));
  return new Map(Array.from(emails, (email, i) => [uidOf.get(email)!, scores[i]!]));
}
