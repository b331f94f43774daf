/** The mailboxes of an account on another IMAP server: whose names they have, what they are for, which are subscribed. */
import { decodeModifiedUtf7 } from '../../proto/imap/modified-utf7.ts';
import { listOf, type ResponseValue, textOf } from '../../proto/imap/server-response.ts';
import { distinct, safeName, withUsualRoles } from '../mailbox-names.ts';
import type { MailboxRole, SourceMailbox } from '../source.ts';
import type { ImapLine } from './imap-line.ts';

const roles = new Map<string, MailboxRole>([
  ['\\sent', 'sent'],
  ['\\drafts', 'drafts'],
  ['\\trash', 'trash'],
  ['\\junk', 'junk'],
  ['\\archive', 'archive'],
  ['\\all', 'all'],
  ['\\flagged', 'flagged'],
  ['\\important', 'important'],
  ['\\snoozed', 'snoozed'],
]);
/** They show mail of other mailboxes once more. */
const virtual: ReadonlySet<MailboxRole | undefined> = new Set(['all', 'flagged', 'important']);

interface Listed {
  readonly wire: string;
  readonly delimiter: string;
  readonly attributes: ReadonlySet<string>;
}

interface Namespaces {
  readonly personal: string;
  /** Prefixes of mailboxes of others. */
  readonly foreign: readonly string[];
}

export interface MailboxList {
  readonly mailboxes: readonly SourceMailbox[];
  readonly remarks: readonly string[];
}

/** `withVirtual`: also those that show mail of others once more (\All, \Flagged, \Important). */
export async function listMailboxes(line: ImapLine, withVirtual: boolean): Promise<MailboxList> {
  const namespaces = await readNamespaces(line);
  const subscribed = new Set((await list(line, 'LSUB "" "*"', 'LSUB')).map(({ wire }) => wire));
  const extended = line.capabilities.has('SPECIAL-USE') && line.capabilities.has('LIST-EXTENDED');
  const all = await list(line, `LIST "" "*"${extended ? ' RETURN (SPECIAL-USE)' : ''}`, 'LIST');
  const remarks: string[] = [];
  const found: SourceMailbox[] = [];
  for (const each of all) {
    if (each.attributes.has('\\noselect') || each.attributes.has('\\nonexistent')) continue;
    if (namespaces.foreign.some((prefix) => each.wire.startsWith(prefix))) {
      remarks.push(`left out: ${each.wire} is of others`);
      continue;
    }
    const role = [...each.attributes].map((name) => roles.get(name)).find((name) => name !== undefined);
    if (virtual.has(role) && !withVirtual) {
      remarks.push(`left out: ${each.wire} shows mail of other mailboxes once more (see --with-virtual)`);
      continue;
    }
    const name = hereName(each, namespaces.personal);
    found.push({
      label: each.wire,
      name,
      subscribed: name === 'INBOX' || subscribed.has(each.wire),
      ...(role !== undefined && { role }),
    });
  }
  return { mailboxes: withUsualRoles(distinct(found)), remarks };
}

async function list(line: ImapLine, command: string, response: string): Promise<Listed[]> {
  const found: Listed[] = [];
  await line.command(command, (values) => {
    if (String(values[0]).toUpperCase() !== response) return;
    const wire = textOf(values[3]);
    if (wire === undefined) return;
    const attributes = new Set(listOf(values[1]).map((name) => String(name).toLowerCase()));
    found.push({ wire, delimiter: textOf(values[2]) ?? '', attributes });
  });
  return found;
}

async function readNamespaces(line: ImapLine): Promise<Namespaces> {
  if (!line.capabilities.has('NAMESPACE')) return { personal: '', foreign: [] };
  let found: Namespaces = { personal: '', foreign: [] };
  await line.command('NAMESPACE', (values) => {
    if (String(values[0]).toUpperCase() !== 'NAMESPACE') return;
    const prefixes = (value: ResponseValue | undefined): string[] =>
      listOf(value).map((each) => textOf(listOf(each)[0]) ?? '');
    const [personal = ''] = prefixes(values[1]);
    // A namespace of others without a prefix of its own cannot be told apart.
    const foreign = [...prefixes(values[2]), ...prefixes(values[3])].filter((prefix) => prefix !== '');
    found = { personal, foreign: foreign.filter((prefix) => prefix !== personal) };
  });
  return found;
}

/** `INBOX.Sent` of a server that has all below INBOX is `Sent` here. */
function hereName({ wire, delimiter }: Listed, personal: string): string {
  if (wire.toUpperCase() === 'INBOX') return 'INBOX';
  const plain = personal !== '' && wire.startsWith(personal) ? wire.slice(personal.length) : wire;
  const levels = delimiter === '' ? [plain] : plain.split(delimiter);
  return safeName(levels.map((level) => decodeModifiedUtf7(level) ?? level));
}
