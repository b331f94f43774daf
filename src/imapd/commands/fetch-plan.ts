/** What a FETCH asks for, sorted by where it comes from. */
import type { Uid } from '../../base/ids.ts';
import { emailId, threadId } from '../../mailbox/ids.ts';
import type { Fetch, FetchItem, SectionItem } from '../../proto/imap/command.ts';
import { formatDateTime } from '../../proto/imap/date-time.ts';
import { flagsText } from '../flag-text.ts';
import type { Selected } from '../selected.ts';

type MemoryItem = 'uid' | 'flags' | 'modSeq' | 'internalDate' | 'size' | 'emailId' | 'threadId' | 'saveDate';
const memoryItems: readonly MemoryItem[] = [
  'uid',
  'flags',
  'modSeq',
  'internalDate',
  'size',
  'emailId',
  'threadId',
  'saveDate',
];

export type StoredItem = Extract<FetchItem, { is: 'envelope' | 'body' | 'bodyStructure' | 'preview' }>;
export type ByteItem = Extract<FetchItem, { is: 'section' | 'binarySize' }>;

export interface FetchPlan {
  readonly memory: readonly MemoryItem[];
  readonly stored: readonly StoredItem[];
  readonly sections: readonly ByteItem[];
  readonly changedSince: number | undefined;
  readonly marksSeen: boolean;
  /** Something stored beside the message is to be shown. */
  readonly details: boolean;
  /** The structure is needed, to show it or to find sections. */
  readonly needsIndex: boolean;
  /** IMAP4rev2 has no \Recent. */
  readonly recent: boolean;
  has(item: MemoryItem): boolean;
}

export function planFetch(
  command: Fetch,
  { condstore, rev2, uidOnly }: { condstore: boolean; rev2: boolean; uidOnly: boolean },
): FetchPlan {
  const asked = new Set<string>(command.items.map((item) => item.is));
  if (command.uid && !uidOnly) asked.add('uid');
  // Once CONDSTORE is on, whoever learns flags learns the modseq too.
  if (condstore && (asked.has('flags') || command.changedSince !== undefined)) asked.add('modSeq');
  // The line of UIDONLY begins with the uid: it is told again only where nothing else was asked for (RFC 9586, 3.2).
  if (uidOnly && asked.size > 1) asked.delete('uid');
  const memory = memoryItems.filter((item) => asked.has(item));
  const stored = distinct(command.items.filter((item): item is StoredItem => isStored(item)));
  const sections = distinct(command.items.filter((item): item is ByteItem => isBytes(item)));
  return {
    memory,
    stored,
    sections,
    changedSince: command.changedSince,
    marksSeen: sections.some((item) => item.is === 'section' && !item.peek),
    details: stored.length > 0,
    needsIndex: stored.length > 0 || sections.some((item) => item.is === 'binarySize' || !isWhole(item)),
    recent: !rev2,
    has: (item) => asked.has(item),
  };
}

function isStored({ is }: FetchItem): boolean {
  return is === 'envelope' || is === 'body' || is === 'bodyStructure' || is === 'preview';
}

const isBytes = ({ is }: FetchItem): boolean => is === 'section' || is === 'binarySize';

/** BODY[]: where it lies is known without the structure. */
const isWhole = (item: SectionItem): boolean => item.of === 'all' && item.path.length === 0 && !item.binary;

/** The same item twice is answered once. */
function distinct<T extends FetchItem>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function keyOf(item: FetchItem): string {
  if (item.is === 'section') return `${item.label}<${item.partial?.offset}.${item.partial?.length}>`;
  return item.is === 'binarySize' ? item.label : item.is;
}

/** The items that the view holds, as text. The hot path of FETCH FLAGS. */
export function readMemoryItems(plan: FetchPlan, selected: Selected, uid: Uid, position: number): string {
  let out = '';
  for (const item of plan.memory) {
    if (out !== '') out += ' ';
    out += memoryText(item, { selected, recent: plan.recent }, uid, position);
  }
  return out;
}

function memoryText(
  item: MemoryItem,
  { selected, recent }: { selected: Selected; recent: boolean },
  uid: Uid,
  position: number,
): string {
  const { view } = selected;
  switch (item) {
    case 'uid':
      return `UID ${uid}`;
    case 'flags':
      return `FLAGS ${flagsText(view, position, recent && selected.isRecent(uid))}`;
    case 'modSeq':
      return `MODSEQ (${view.modseqAt(position)})`;
    case 'internalDate':
      return `INTERNALDATE ${formatDateTime(view.receivedAtMsAt(position))}`;
    case 'size':
      return `RFC822.SIZE ${view.sizeAt(position)}`;
    case 'emailId':
      return `EMAILID (${emailId(view.emailAt(position))})`;
    case 'threadId':
      return `THREADID (${threadId(view.threadAt(position))})`;
    default:
      return `SAVEDATE ${formatDateTime(view.savedAtMsAt(position))}`;
  }
}
