/** LIST, LSUB and STATUS arguments (RFC 3501, 6.3.8 to 6.3.10; RFC 5258; RFC 5819; RFC 6154; RFC 8440; RFC 9590). */
import { statusItems, type List, type StatusItem } from './command.ts';
import { metadataEntries } from './parse-access.ts';
import { canonicalName, CommandError, type Scanner } from './scanner.ts';

/** Patterns in one LIST. */
const patternsMax = 100;

type Selection = 'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE';
type Returned = 'SUBSCRIBED' | 'CHILDREN' | 'SPECIAL-USE' | 'MYRIGHTS';

export function parseList(s: Scanner): List {
  const select = new Set<Selection>();
  const give = new Set<Returned>();
  let extended = s.peek() === '(';
  if (extended) {
    s.list(() => select.add(selection(s.word('selection option'))));
    s.space();
  }
  if (select.has('RECURSIVEMATCH') && !select.has('SUBSCRIBED')) {
    throw new CommandError('RECURSIVEMATCH needs SUBSCRIBED');
  }
  const reference = s.mailbox();
  s.space();
  const patterns: string[] = [];
  if (s.peek() === '(') {
    extended = true;
    s.list(() => patterns.push(canonicalName(s.listMailbox())), patternsMax);
    if (patterns.length === 0) throw new CommandError('No mailbox pattern given');
  } else patterns.push(canonicalName(s.listMailbox()));
  let status: readonly StatusItem[] | undefined;
  let metadata: readonly string[] | undefined;
  if (!s.atEnd && s.take(' ') && !s.atEnd) {
    extended = true;
    if (!s.takeWord('RETURN')) throw new CommandError('Unexpected text after the arguments');
    s.space();
    s.list(() => {
      const name = s.word('return option');
      if (name === 'STATUS') {
        s.space();
        status = statusList(s);
      } else if (name === 'METADATA') {
        s.space();
        metadata = metadataEntries(s);
      } else give.add(returned(name));
    });
  }
  s.end();
  return { is: 'LIST', reference, patterns, extended, select, give, status, metadata };
}

function selection(name: string): Selection {
  if (name === 'SUBSCRIBED' || name === 'REMOTE' || name === 'RECURSIVEMATCH' || name === 'SPECIAL-USE')
    return name;
  throw new CommandError('Unknown selection option');
}

function returned(name: string): Returned {
  if (name === 'SUBSCRIBED' || name === 'CHILDREN' || name === 'SPECIAL-USE' || name === 'MYRIGHTS')
    return name;
  throw new CommandError('Unknown return option');
}

export function parseLsub(s: Scanner): List {
  const reference = s.mailbox();
  s.space();
  const patterns = [canonicalName(s.listMailbox())];
  s.end();
  return {
    is: 'LSUB',
    reference,
    patterns,
    extended: false,
    select: new Set(['SUBSCRIBED']),
    give: new Set(),
    status: undefined,
    metadata: undefined,
  };
}

export function statusList(s: Scanner): readonly StatusItem[] {
  const items: StatusItem[] = [];
  s.list(() => {
    const name = s.word('status item');
    const item = statusItems.find((known) => known === name);
    if (item === undefined) throw new CommandError('Unknown status item');
    if (!items.includes(item)) items.push(item);
  });
  if (items.length === 0) throw new CommandError('No status items given');
  return items;
}
