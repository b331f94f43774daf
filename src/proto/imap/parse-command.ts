/**
 * A gathered command to a value (RFC 3501, 9, and the extensions named at each parser). Throws CommandError with a reason that can be sent to the
 * client. APPEND is read by append.ts, since its messages are streamed.
 */
import type { BareName, Command, Qresync, Select, Tagged } from './command.ts';
import {
  parseComparator,
  parseCompress,
  parseGetMetadata,
  parseLanguage,
  parseMailboxAndIdentifier,
  parseSetAcl,
  parseSetMetadata,
} from './parse-access.ts';
import { parseFetch, parseStore } from './parse-fetch.ts';
import { parseList, parseLsub, statusList } from './parse-list.ts';
import { parseNotify } from './parse-notify.ts';
import { parseMultiSearch, parseSearch, parseSort, parseThread } from './parse-search.ts';
import { canonicalName, CommandError, Scanner, type CommandText } from './scanner.ts';
import { type Range, type SequenceSet, star } from './sequence-set.ts';

/** Pairs of ID, octets of a name and of a value (RFC 2971, 3.3). */
const idPairsMax = 30;
const idNameMaxBytes = 30;
const idValueMaxBytes = 1_024;

/** Names in ENABLE. */
const enableMax = 50;

/** Tag and command name of a text that may be wrong otherwise; undefined where even the tag is. */
export function commandHead(text: CommandText): { readonly tag: string; readonly verb: string } | undefined {
  const found = /^([^\x00-\x20\x7f-\xff(){%*"\\+]+) (?:(UID) )?([A-Za-z]+)/i.exec(text.lines[0] ?? '');
  if (found === null) return undefined;
  const verb = found[3]!.toUpperCase();
  return { tag: found[1]!, verb: found[2] === undefined ? verb : `UID ${verb}` };
}

/** Reads the tag alone, for the answer to a command that does not parse. Undefined: the answer is untagged. */
export function tagOf(text: CommandText): string | undefined {
  return /^[^\x00-\x20\x7f-\xff(){%*"\\+]+(?= |$)/.exec(text.lines[0] ?? '')?.[0];
}

export function parseCommand(text: CommandText, utf8: boolean): Tagged {
  const s = new Scanner(text, utf8);
  const tag = s.tag();
  s.space();
  const name = s.word('command');
  const parse = parsers.get(name);
  if (parse === undefined) throw new CommandError('Unknown command');
  return { tag, command: parse(s) };
}

const parsers = new Map<string, (s: Scanner) => Command>([
  ['CAPABILITY', bare('CAPABILITY')],
  ['NOOP', bare('NOOP')],
  ['LOGOUT', bare('LOGOUT')],
  ['STARTTLS', bare('STARTTLS')],
  ['NAMESPACE', bare('NAMESPACE')],
  ['IDLE', bare('IDLE')],
  ['CHECK', bare('CHECK')],
  ['CLOSE', bare('CLOSE')],
  ['UNSELECT', bare('UNSELECT')],
  ['UNAUTHENTICATE', bare('UNAUTHENTICATE')],
  ['GETJMAPACCESS', bare('GETJMAPACCESS')],
  ['EXPUNGE', bareExpunge],
  ['ID', afterSpace(parseId)],
  ['AUTHENTICATE', afterSpace(parseAuthenticate)],
  ['LOGIN', afterSpace(parseLogin)],
  ['ENABLE', afterSpace(parseEnable)],
  ['SELECT', afterSpace((s) => parseSelect(s, 'SELECT'))],
  ['EXAMINE', afterSpace((s) => parseSelect(s, 'EXAMINE'))],
  ['CREATE', afterSpace(parseCreate)],
  ['DELETE', afterSpace(parseDelete)],
  ['SUBSCRIBE', afterSpace((s) => onMailbox(s, 'SUBSCRIBE'))],
  ['UNSUBSCRIBE', afterSpace((s) => onMailbox(s, 'UNSUBSCRIBE'))],
  ['RENAME', afterSpace(parseRename)],
  ['LIST', afterSpace(parseList)],
  ['LSUB', afterSpace(parseLsub)],
  ['STATUS', afterSpace(parseStatus)],
  ['SEARCH', afterSpace((s) => parseSearch(s, false))],
  ['SORT', afterSpace((s) => parseSort(s, false))],
  ['THREAD', afterSpace((s) => parseThread(s, false))],
  ['ESEARCH', afterSpace(parseMultiSearch)],
  ['CANCELUPDATE', afterSpace(parseCancelUpdate)],
  ['UIDBATCHES', afterSpace(parseUidBatches)],
  ['FETCH', afterSpace((s) => parseFetch(s, false))],
  ['STORE', afterSpace((s) => parseStore(s, false))],
  ['COPY', afterSpace((s) => parseCopy(s, 'COPY', false))],
  ['MOVE', afterSpace((s) => parseCopy(s, 'MOVE', false))],
  ['UID', afterSpace(parseUid)],
  ['GETACL', afterSpace((s) => onMailbox(s, 'GETACL'))],
  ['MYRIGHTS', afterSpace((s) => onMailbox(s, 'MYRIGHTS'))],
  ['SETACL', afterSpace(parseSetAcl)],
  ['DELETEACL', afterSpace((s) => parseMailboxAndIdentifier(s, 'DELETEACL'))],
  ['LISTRIGHTS', afterSpace((s) => parseMailboxAndIdentifier(s, 'LISTRIGHTS'))],
  ['GETMETADATA', afterSpace(parseGetMetadata)],
  ['SETMETADATA', afterSpace(parseSetMetadata)],
  ['LANGUAGE', parseLanguage],
  ['COMPARATOR', parseComparator],
  ['COMPRESS', afterSpace(parseCompress)],
  ['NOTIFY', afterSpace(parseNotify)],
  ['GETQUOTA', afterSpace(parseGetQuota)],
  ['GETQUOTAROOT', afterSpace(parseGetQuotaRoot)],
  ['SETQUOTA', afterSpace(parseSetQuota)],
]);

function bare(is: BareName): (s: Scanner) => Command {
  return (s) => {
    s.end();
    return { is };
  };
}

function afterSpace(parse: (s: Scanner) => Command): (s: Scanner) => Command {
  return (s) => {
    s.space();
    return parse(s);
  };
}

function bareExpunge(s: Scanner): Command {
  s.end();
  return { is: 'EXPUNGE', uids: undefined };
}

function parseUid(s: Scanner): Command {
  const name = s.word('command');
  s.space();
  switch (name) {
    case 'FETCH':
      return parseFetch(s, true);
    case 'STORE':
      return parseStore(s, true);
    case 'SEARCH':
      return parseSearch(s, true);
    case 'SORT':
      return parseSort(s, true);
    case 'THREAD':
      return parseThread(s, true);
    case 'COPY':
    case 'MOVE':
      return parseCopy(s, name, true);
    case 'EXPUNGE': {
      const uids = s.sequenceSet();
      s.end();
      return { is: 'EXPUNGE', uids };
    }
    default:
      throw new CommandError('Unknown UID command');
  }
}

function parseId(s: Scanner): Command {
  const params = new Map<string, string | null>();
  if (!s.takeWord('NIL')) {
    let count = 0;
    s.list(() => {
      if (++count > idPairsMax) throw new CommandError('Too many ID parameters');
      const name = s.string('ID parameter');
      s.space();
      const value = s.nstring('ID value');
      if (name.length > idNameMaxBytes || (value !== null && value.length > idValueMaxBytes)) {
        throw new CommandError('ID parameter is too long');
      }
      params.set(name.toLowerCase(), value);
    });
  }
  s.end();
  return { is: 'ID', params };
}

function parseAuthenticate(s: Scanner): Command {
  const mechanism = s.word('mechanism');
  const initial = s.take(' ') && !s.atEnd ? s.rest() : undefined;
  s.end();
  return { is: 'AUTHENTICATE', mechanism, initial };
}

function parseLogin(s: Scanner): Command {
  const user = s.astring('user name');
  s.space();
  const password = s.astring('password');
  s.end();
  return { is: 'LOGIN', user, password };
}

function parseEnable(s: Scanner): Command {
  const names = [s.word('capability')];
  while (!s.atEnd && s.take(' ') && !s.atEnd) {
    if (names.length === enableMax) throw new CommandError('Too many names');
    names.push(s.word('capability'));
  }
  s.end();
  return { is: 'ENABLE', names };
}

/** `given` is what the client wrote, where normalisation has changed it. */
function nameOf(s: Scanner): { mailbox: string; given?: string } {
  const given = s.mailboxAsGiven();
  return { mailbox: canonicalName(given), ...(given.normalize('NFC') === given ? {} : { given }) };
}

function parseSelect(s: Scanner, is: 'SELECT' | 'EXAMINE'): Select {
  const named = nameOf(s);
  let condstore = false;
  let qresync: Qresync | undefined;
  if (!s.atEnd && s.take(' ') && !s.atEnd) {
    s.list(() => {
      const name = s.word('select parameter');
      if (name === 'CONDSTORE') condstore = true;
      else if (name === 'QRESYNC') {
        s.space();
        qresync = parseQresync(s);
      } else throw new CommandError('Unknown select parameter');
    });
  }
  s.end();
  return { is, ...named, condstore, qresync };
}

function parseQresync(s: Scanner): Qresync {
  s.expect('(');
  const uidValidity = s.nzNumber('UIDVALIDITY');
  s.space();
  const modSeq = s.number64('modification sequence');
  let knownUids: SequenceSet | undefined;
  let matched: Qresync['matched'];
  while (s.take(' ')) {
    if (s.take('(')) {
      const numbers = s.sequenceSet();
      s.space();
      matched = { numbers: known(numbers), uids: known(s.sequenceSet()) };
      s.expect(')');
      break;
    }
    if (knownUids !== undefined) throw new CommandError('Unexpected text in QRESYNC');
    knownUids = known(s.sequenceSet());
  }
  s.expect(')');
  return { uidValidity, modSeq, knownUids, matched };
}

/** What a client knows it names: neither "*" nor "$" (RFC 7162, 7: known-uids). */
function known(set: SequenceSet): SequenceSet {
  if (set.is === 'saved' || set.ranges.some(({ from, to }) => from === star || to === star))
    throw new CommandError('Invalid message set');
  return set;
}

function parseCreate(s: Scanner): Command {
  const given = s.mailboxAsGiven();
  const uses: string[] = [];
  if (!s.atEnd && s.take(' ') && !s.atEnd) {
    s.list(() => {
      if (s.word('create parameter') !== 'USE') throw new CommandError('Unknown create parameter');
      s.space();
      s.list(() => uses.push(s.flag()));
    });
  }
  s.end();
  return { is: 'CREATE', mailbox: canonicalName(given), given, uses };
}

function parseDelete(s: Scanner): Command {
  const named = nameOf(s);
  s.end();
  return { is: 'DELETE', ...named };
}

function onMailbox(s: Scanner, is: 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'GETACL' | 'MYRIGHTS'): Command {
  const mailbox = s.mailbox();
  s.end();
  return { is, mailbox };
}

function parseRename(s: Scanner): Command {
  const from = s.mailbox();
  s.space();
  const to = s.mailbox();
  s.end();
  return { is: 'RENAME', from, to };
}

function parseStatus(s: Scanner): Command {
  const mailbox = s.mailbox();
  s.space();
  const items = statusList(s);
  s.end();
  return { is: 'STATUS', mailbox, items };
}

function parseCopy(s: Scanner, is: 'COPY' | 'MOVE', uid: boolean): Command {
  const set = s.sequenceSet();
  s.space();
  const mailbox = s.mailbox();
  s.end();
  return { is, uid, set, mailbox };
}

/** Tags of searches in quotes (RFC 5267, 4.3.4). */
function parseCancelUpdate(s: Scanner): Command {
  const tags = [s.string('tag')];
  while (!s.atEnd && s.take(' ') && !s.atEnd) tags.push(s.string('tag'));
  s.end();
  return { is: 'CANCELUPDATE', tags };
}

/** RFC 10022, 3.1: the size of a batch, and which batches. */
function parseUidBatches(s: Scanner): Command {
  const size = s.nzNumber('batch size');
  let range: Range | undefined;
  if (s.take(' ') && !s.atEnd) {
    const from = s.nzNumber('first batch');
    s.expect(':');
    const to = s.nzNumber('last batch');
    if (from > to) throw new CommandError('The batches are in the wrong order', 'BAD', 'CLIENTBUG');
    range = { from, to };
  }
  s.end();
  return { is: 'UIDBATCHES', size, range };
}

function parseGetQuota(s: Scanner): Command {
  const root = s.astring('quota root');
  s.end();
  return { is: 'GETQUOTA', root };
}

function parseGetQuotaRoot(s: Scanner): Command {
  const mailbox = s.mailbox();
  s.end();
  return { is: 'GETQUOTAROOT', mailbox };
}

function parseSetQuota(s: Scanner): Command {
  const root = s.astring('quota root');
  s.space();
  const limits = new Map<string, number>();
  s.list(() => {
    const resource = s.word('resource');
    s.space();
    limits.set(resource, s.number64('limit'));
  });
  s.end();
  return { is: 'SETQUOTA', root, limits };
}
