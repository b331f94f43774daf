/** Names of mailboxes elsewhere to names here, and what a name says a mailbox is for. */
import type { MailboxRole, SourceMailbox } from './source.ts';

const nameMaxBytes = 1000;
const levelMaxBytes = 255;
const levelsMax = 20;
// What no name may have here (mailbox/name.ts), and the delimiter.
const forbidden = /[/\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/** Levels as a name that can be made here. What cannot be in one becomes `_`. */
export function safeName(levels: readonly string[]): string {
  const safe = levels.map(safeLevel);
  // Deeper ones than there may be are joined into the last.
  const kept =
    safe.length <= levelsMax ? safe : [...safe.slice(0, levelsMax - 1), safe.slice(levelsMax - 1).join('_')];
  if (kept[0]!.toLowerCase() === 'inbox') kept[0] = 'INBOX';
  const name = kept.map((level) => shortened(level, levelMaxBytes)).join('/');
  if (Buffer.byteLength(name) <= nameMaxBytes) return name;
  const room = Math.floor(nameMaxBytes / kept.length) - 1;
  return kept.map((level) => shortened(level, room)).join('/');
}

function safeLevel(level: string): string {
  const text = level.toWellFormed().normalize('NFC').replace(forbidden, '_').trim();
  return text === '' ? '_' : text;
}

function shortened(level: string, maxBytes: number): string {
  if (Buffer.byteLength(level) <= maxBytes) return level;
  let text = '';
  let size = 0;
  for (const character of level) {
    size += Buffer.byteLength(character);
    if (size > maxBytes) break;
    text += character;
  }
  return text.trim();
}

/** Two mailboxes of a source never become one: the second gets a number. */
export function distinct(mailboxes: readonly SourceMailbox[]): SourceMailbox[] {
  const used = new Set<string>();
  return mailboxes.map((mailbox) => {
    let { name } = mailbox;
    for (let number = 2; used.has(name); number++) name = `${mailbox.name} (${number})`;
    used.add(name);
    return { ...mailbox, name };
  });
}

const usual: Readonly<
  Record<Exclude<MailboxRole, 'inbox' | 'all' | 'flagged' | 'important' | 'snoozed'>, readonly string[]>
> = {
  sent: [
    'sent',
    'sent items',
    'sent messages',
    'sent mail',
    'sent-mail',
    '送信済み',
    '送信済みトレイ',
    '送信済みアイテム',
    '送信箱',
  ],
  drafts: ['drafts', 'draft', '下書き', '下書きトレイ'],
  trash: ['trash', 'deleted items', 'deleted messages', 'deleted', 'ごみ箱', 'ゴミ箱', '削除済みアイテム'],
  junk: ['junk', 'spam', 'junk e-mail', 'junk email', 'bulk mail', '迷惑メール', '迷惑メールトレイ'],
  archive: ['archive', 'archives', 'アーカイブ'],
};

/** Gives roles by their usual names, where the source knows none. The first that has such a name has the role. */
export function withUsualRoles(mailboxes: readonly SourceMailbox[]): SourceMailbox[] {
  const given = new Set(mailboxes.map(({ role }) => role));
  return mailboxes.map((mailbox) => {
    const role = mailbox.role ?? usualRole(mailbox.name);
    if (mailbox.role !== undefined || role === undefined || given.has(role)) return mailbox;
    given.add(role);
    return { ...mailbox, role };
  });
}

function usualRole(name: string): MailboxRole | undefined {
  if (name === 'INBOX') return 'inbox';
  const plain = name.replace(/^INBOX\//, '').toLowerCase();
  for (const [role, names] of Object.entries(usual)) if (names.includes(plain)) return role as MailboxRole;
  return undefined;
}
