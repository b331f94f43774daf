/** Copies of a message in mailboxes, as scripts asked for them. */
import { canonicalName } from '../../mailbox/name.ts';
import { prepareEmail, prepareStored, type EmailFacts } from '../../mailbox/email-facts.ts';
import { answered, deleted, draft, flagged, isKeyword, keywordsMax, seen } from '../../mailbox/flags.ts';
import type { Role } from '../../mailbox/mailbox.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { Placement } from '../../mailbox/place.ts';
import type { Fcc, FlagList } from '../../proto/sieve/action.ts';
import type { Letter } from '../../proto/sieve/letter.ts';
import { inlineBodyMaxBytes, type Bodies, type StoredBody } from '../../store/body.ts';
import type { Arrival } from './arrival.ts';

/** A body with what is known of it. */
export interface Stored {
  readonly body: StoredBody;
  readonly email: EmailFacts;
}

/** The message as it came, or as a script has left it: each edition is written once. */
export class Editions {
  readonly #bodies: Bodies;
  readonly #arrival: Arrival;
  readonly #stored = new Map<Letter, Promise<Stored>>();

  constructor(bodies: Bodies, arrival: Arrival) {
    this.#bodies = bodies;
    this.#arrival = arrival;
  }

  of(letter: Letter): Promise<Stored> {
    if (!letter.edited) return Promise.resolve(this.#arrival);
    const known = this.#stored.get(letter);
    if (known !== undefined) return known;
    const stored = storeBytes(this.#bodies, letter.bytes());
    this.#stored.set(letter, stored);
    return stored;
  }
}

export async function storeBytes(bodies: Bodies, bytes: Buffer): Promise<Stored> {
  if (bytes.length <= inlineBodyMaxBytes)
    return { body: { is: 'inline', bytes }, email: prepareEmail(bytes) };
  const writer = bodies.writer();
  await writer.write(bytes);
  const body = await writer.finish();
  return { body, email: await prepareStored(bodies, body) };
}

const systemFlags: Readonly<Record<string, number>> = {
  '\\Seen': seen,
  '\\Answered': answered,
  '\\Flagged': flagged,
  '\\Deleted': deleted,
  '\\Draft': draft,
};

/** IMAP flags as a placement has them. */
export function flagsOf(flags: FlagList): Pick<Placement, 'flags' | 'keywords'> {
  const system = flags.reduce((sum, flag) => sum | (systemFlags[flag] ?? 0), 0);
  return { flags: system, keywords: flags.filter(isKeyword).slice(0, keywordsMax) };
}

const roles = new Set<string>([
  'drafts',
  'sent',
  'trash',
  'junk',
  'archive',
  'all',
  'flagged',
  'important',
  'snoozed',
]);

/**
 * Where to: the mailbox of an id or a use, if there is one; otherwise the named one (RFC 9042, 4; RFC 8579, 4), which is made when it is missing: a script
 * that wants to know asks with `mailboxexists`. Throws Refusal `mailboxNameInvalid`.
 */
export async function targetOf(
  mailboxes: Pick<Mailboxes, 'list'>,
  arrival: Arrival,
  to: Omit<Fcc, 'flags'>,
): Promise<Placement['mailbox']> {
  if (to.mailboxId !== undefined || to.specialUse !== undefined) {
    const all = await mailboxes.list(arrival.account);
    const role = to.specialUse?.slice(1).toLowerCase();
    const found = all.find((each) => each.id === to.mailboxId || (role !== undefined && each.role === role));
    if (found) return { id: found.id };
    if (role !== undefined && roles.has(role) && to.create) return { role: role as Role };
  }
  const name = canonicalName(to.mailbox);
  return name === 'INBOX' ? { role: 'inbox' } : { name, create: true };
}
