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
import { decodeDetails } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';
import type { MailboxSession } from '../mailbox-session.ts';
import { evaluate, type Leaf, leavesOf, type Verdict } from './evaluate.ts';
import { foldText } from './fold.ts';
import { MessageText, rangesOf } from './leaf-body.ts';
import { leavesMax, type SearchFound, searchEmails } from './search-emails.ts';

/** Emails asked about in one piece: details are small, bodies are up to `inlineBodyMaxBytes`. */
const detailsPiece = 500;
const bodiesPiece = 100;

export async function searchMailbox(
  store: Store,
  session: MailboxSession,
  given: Criterion,
  signal?: AbortSignal,
): Promise<readonly Uid[]> {
  const criterion = folded(given);
  const leaves = leavesOf(criterion);
  if (leaves.length > leavesMax)
    throw new Refusal('limitReached', `more than ${leavesMax} texts in a search`);
  const search = new Search({ store, session, criterion, leaves, signal });
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
}

class Search {
  readonly #parts: Parts;
  readonly #found: Uid[] = [];
  /** Messages whose verdict is open, with their email. */
  #open = new Map<Uid, EmailNumber>();
  readonly #known = new Map<EmailNumber, { yes: number; no: number }>();

  constructor(parts: Parts) {
    this.#parts = parts;
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

  async ask(bodies: boolean, piece: number): Promise<void> {
    const { store, session, leaves, signal } = this.#parts;
    const { account } = session.view;
    const emails = [...new Set(this.#open.values())];
    for (let from = 0; from < emails.length; from += piece) {
      signal?.throwIfAborted();
      const args = { account, emails: emails.slice(from, from + piece), leaves, bodies };
      await this.#learn(await store.scan(searchEmails, args));
    }
    this.#decide();
  }

  found(): readonly Uid[] {
    return this.#found.sort((a, b) => a - b);
  }

  async #learn({ verdicts, inFiles }: SearchFound): Promise<void> {
    for (const { email, yes, no } of verdicts) this.#note(email, yes, no);
    for (const each of inFiles) {
      this.#parts.signal?.throwIfAborted();
      await this.#learnFromFile(each);
    }
  }

  async #learnFromFile(file: SearchFound['inFiles'][number]): Promise<void> {
    const { store, leaves } = this.#parts;
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
    this.#note(file.email, yes, ~yes);
  }

  /** What was learnt first stays: details answer some leaves for good. */
  #note(email: EmailNumber, yes: number, no: number): void {
    const known = this.#known.get(email) ?? { yes: 0, no: 0 };
    this.#known.set(email, { yes: known.yes | (yes & ~known.no), no: known.no | (no & ~known.yes) });
  }

  #decide(): void {
    const { session, criterion, leaves } = this.#parts;
    const numberOf = new Map(leaves.map((leaf, i) => [leaf, i]));
    const open = this.#open;
    this.#open = new Map();
    for (const [uid, email] of open) {
      const at = session.view.positionOf(uid);
      if (at === -1) continue;
      const masks = this.#known.get(email);
      const known = (leaf: Leaf): Verdict => verdictIn(masks, numberOf.get(leaf)!);
      const verdict = evaluate(criterion, session.view, at, known);
      if (verdict === true) this.#found.push(uid);
      else if (verdict === undefined) this.#open.set(uid, email);
    }
  }
}

const notKnown = (): Verdict => undefined;

function verdictIn(masks: { yes: number; no: number } | undefined, leaf: number): Verdict {
  if (masks === undefined) return undefined;
  if ((masks.yes & (1 << leaf)) !== 0) return true;
  return (masks.no & (1 << leaf)) !== 0 ? false : undefined;
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
