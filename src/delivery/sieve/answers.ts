/** Answers to what scripts ask while they run (proto/sieve/surroundings.ts): about mailboxes, annotations, lists, other scripts, the message. */
import type { AccountId, MailboxId } from '../../base/ids.ts';
import type { Directory } from '../../directory/directory.ts';
import type { MailboxInfo } from '../../mailbox/mailbox.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import { lookupName } from '../../mailbox/name.ts';
import { allOf } from '../../mailbox/rights.ts';
import { flatten, formatAddrSpec, parseAddresses } from '../../proto/mime/address.ts';
import type { MailboxFacts, Question } from '../../proto/sieve/surroundings.ts';
import { textOf } from '../../proto/sieve/text.ts';
import type { ScriptLibrary } from '../../sieve/library.ts';
import { wasSeen } from '../../sieve/memory.ts';
import type { Store } from '../../store/store.ts';
import { asBuffer } from '../smtp/text.ts';
import type { Arrival } from './arrival.ts';

export interface AnswerParts {
  readonly store: Store;
  readonly directory: Pick<Directory, 'resolve'>;
  readonly mailboxes: Pick<Mailboxes, 'list' | 'access'>;
  readonly library: ScriptLibrary;
}

type Asked = Pick<Arrival, 'account' | 'org' | 'domain' | 'body' | 'nowMs'>;

/** RFC 6134, 2.3: the address book that everybody has, by its two names. */
const addressBook = new Set([':addrbook:default', 'urn:ietf:params:sieve:addrbook:default']);

export async function answerQuestion(parts: AnswerParts, asked: Asked, question: Question): Promise<unknown> {
  const { account, nowMs } = asked;
  switch (question.is) {
    case 'message':
      return asBuffer(await parts.store.bodies.read(asked.body));
    case 'mailbox':
      return factsOf(await mailboxNamed(parts, account, question.name));
    case 'mailboxId':
      return factsOf(
        (await parts.mailboxes.list(account)).find(({ id }) => id === (question.id as MailboxId)),
      );
    case 'specialUse':
      return factsOf(
        (await parts.mailboxes.list(account)).find((each) =>
          usesOf(each).includes(question.use.toLowerCase()),
        ),
      );
    case 'annotation':
      return annotation(parts, asked, question);
    case 'duplicate':
      return parts.store.read(() => wasSeen(account, question.handle, question.id, nowMs));
    case 'script':
      return parts.library.included(asked, question.where, question.name);
    case 'inList':
      return inList(parts, asked, question);
    case 'listExists':
      return (
        addressBook.has(question.list.toLowerCase()) ||
        (await groupOf(parts, asked, question.list)) !== undefined
      );
    default:
      question.is satisfies 'listMembers';
      return (await groupOf(parts, asked, question.list)) ?? [];
  }
}

async function mailboxNamed(
  { mailboxes }: AnswerParts,
  account: AccountId,
  name: string,
): Promise<MailboxInfo | undefined> {
  const wanted = lookupName(name);
  return (await mailboxes.list(account)).find((mailbox) => mailbox.name === wanted);
}

const factsOf = (mailbox: MailboxInfo | undefined): MailboxFacts =>
  mailbox === undefined ? { exists: false, uses: [] } : { exists: true, uses: usesOf(mailbox) };

/** `\junk` for the role `junk`; INBOX has none (RFC 6154, 2). */
const usesOf = ({ role }: MailboxInfo): readonly string[] =>
  role === undefined || role === 'inbox' ? [] : [`\\${role}`];

/** RFC 5490, 3.2 and 4.2: of a mailbox, or of the server. */
async function annotation(
  parts: AnswerParts,
  { account, org }: Asked,
  { mailbox, name }: Extract<Question, { is: 'annotation' }>,
): Promise<string | undefined> {
  const { access } = parts.mailboxes;
  const found = mailbox === undefined ? undefined : await mailboxNamed(parts, account, mailbox);
  if (mailbox !== undefined && found === undefined) return undefined;
  const own = await access.metadata(account, found?.id, account);
  const shared = found ? [] : await access.metadata(allOf(org) as AccountId, undefined, account);
  const entries = [...own, ...shared];
  const value = entries.find(({ entry }) => entry.toLowerCase() === name.toLowerCase())?.value;
  return value && textOf(value);
}

/** The default address book holds whoever is of the same organisation; a group of it is a list by its address (`mailto:team@…`). */
async function inList(
  parts: AnswerParts,
  asked: Asked,
  { list, value }: Extract<Question, { is: 'inList' }>,
): Promise<boolean> {
  const [mailbox] = flatten(parseAddresses(value));
  const address = mailbox && formatAddrSpec(mailbox).toLowerCase();
  if (address === undefined) return false;
  if (addressBook.has(list.toLowerCase())) {
    const found = await parts.directory.resolve(address);
    return (found.is === 'account' || found.is === 'expanded') && found.org === asked.org;
  }
  const members = await groupOf(parts, asked, list);
  return members?.some((member) => member.toLowerCase() === address) ?? false;
}

async function groupOf(
  { directory }: AnswerParts,
  { org }: Asked,
  list: string,
): Promise<readonly string[] | undefined> {
  const [, address] = /^mailto:([^?]+)$/i.exec(list) ?? [];
  const found = address === undefined ? undefined : await directory.resolve(address);
  return found?.is === 'expanded' && found.why === 'group' && found.org === org ? found.to : undefined;
}
