/**
 * Searching a mailbox: the view first, then stored details, then messages, each only for what is still open.
 *
 * Everything that reads rows runs on scan threads, in pieces, so that a search can be stopped and never holds a protocol thread. Messages in files
 * are read here, a range at a time.
 */
import type { Uid } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import type { Criterion } from '../criterion.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails } from '../stored-details.ts';
import type { MailboxSession } from '../mailbox-session.ts';
import { evaluate, type Leaf, leavesOf, type Verdict } from './evaluate.ts';
import { foldText } from './fold.ts';
import { MessageText, rangesOf } from './leaf-body.ts';
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

export async function searchMailbox(
  store: Store,
  session: MailboxSession,
  given: Criterion,
  { signal, progress }: SearchWatch = {},
): Promise<readonly Uid[]> {
  const criterion = folded(given);
  const leaves = leavesOf(criterion);
  if (leaves.length > textsMax) throw new Refusal('limitReached', `more than ${textsMax} texts in a search`);
  const search = new Search({ store, session, criterion, leaves, signal, progress });
  search.look();
  if (search.open > 0) await search.ask(false, detailsPiece);
  if (search.open > 0) await search.ask(true, bodiesPiece);
  return search.found();
}

interface Parts {
  readonly store: Store;
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
}

class Search {
  readonly #parts: Parts;
  readonly #found: Uid[] = [];
  /** Messages whose verdict is open, with their email. */
  #open = new Map<Uid, EmailNumber>();
  readonly #groups: readonly Group[];
  /** Where the verdict on a leaf is. */
  readonly #placeOf = new Map<Leaf, { readonly group: Group; readonly bit: number }>();

  constructor(parts: Parts) {
    this.#parts = parts;
    const groups: Group[] = [];
    for (let at = 0; at < parts.leaves.length; at += leavesMax)
      groups.push({ leaves: parts.leaves.slice(at, at + leavesMax), known: new Map() });
    for (const group of groups)
      for (const [bit, leaf] of group.leaves.entries()) this.#placeOf.set(leaf, { group, bit });
    this.#groups = groups;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Messages come from the session's list: what its client has not been told of is not found (RFC 9051, 6.4.4). */
  look(): void {
    const { session, criterion } = this.#parts;
    const { view } = session;
    for (let sequence = 1; sequence <= session.count; sequence++) {
      const uid = session.uidOf(sequence);
      const at =
        sequence <= view.count && view.uidAt(sequence - 1) === uid ? sequence - 1 : view.positionOf(uid);
      if (at === -1) continue;
      const verdict = evaluate(criterion, view, at, notKnown);
      if (verdict === true) this.#found.push(uid);
      else if (verdict === undefined) this.#open.set(uid, view.emailAt(at));
    }
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

  async #learn(group: Group, { verdicts, inFiles }: SearchFound): Promise<void> {
    for (const { email, yes, no } of verdicts) note(group, email, { yes, no });
    for (const each of inFiles) {
      this.#parts.signal?.throwIfAborted();
      await this.#learnFromFile(group, each);
    }
  }

  async #learnFromFile(group: Group, file: SearchFound['inFiles'][number]): Promise<void> {
    const { store } = this.#parts;
    const { leaves } = group;
    const details = decodeDetails(file.details);
    const body = { is: 'file', name: file.name, sizeBytes: details.index.sizeBytes } as const;
    const ranges = new Map<number, Buffer>();
    for (const { start, end } of rangesOf(details, leaves)) {
      const bytes = await store.bodies.read(body, start, end - start);
      ranges.set(start, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
    const text = new MessageText(details, (start) => ranges.get(start) ?? Buffer.alloc(0));
    let yes = 0;
    leaves.forEach((leaf, i) => {
      if (text.matches(leaf)) yes |= 1 << i;
    });
    note(group, file.email, { yes, no: ~yes });
  }

  #decide(): void {
    const { session, criterion } = this.#parts;
    const open = this.#open;
    this.#open = new Map();
    for (const [uid, email] of open) {
      const at = session.view.positionOf(uid);
      if (at === -1) continue;
      const known = (leaf: Leaf): Verdict => {
        const { group, bit } = this.#placeOf.get(leaf)!;
        return verdictIn(group.known.get(email), bit);
      };
      const verdict = evaluate(criterion, session.view, at, known);
      if (verdict === true) this.#found.push(uid);
      else if (verdict === undefined) this.#open.set(uid, email);
    }
  }
}

const notKnown = (): Verdict => undefined;

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
