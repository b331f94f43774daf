/**
 * The bounce set read and marked: labels are Sisimai's words, which stand for our reasons (one to one where both mean the same). Files are split by a hash of their names: rules were
 * written with three quarters before the eyes, the last quarter tells what they are worth.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReturnedRecipient } from '../../src/proto/bounce/judge.ts';
import { readReturned, type Returned } from '../../src/proto/bounce/read-returned.ts';

/** Sisimai's reason for each of ours. */
export const sisimaiReasons: Readonly<Record<string, string>> = {
  noSuchUser: 'userunknown',
  noSuchDomain: 'hostunknown',
  takesNoMail: 'notaccept',
  moved: 'hasmoved',
  mailboxFull: 'mailboxfull',
  mailboxDisabled: 'suspend',
  filtered: 'filtered',
  tooLargeForRecipient: 'exceedlimit',
  tooLarge: 'mesgtoobig',
  senderRefused: 'rejected',
  addressBlocked: 'blocked',
  badReputation: 'badreputation',
  noReverseName: 'requireptr',
  unauthenticated: 'authfailure',
  policy: 'policyviolation',
  spam: 'spamdetected',
  virus: 'virusdetected',
  content: 'contenterror',
  notCompliant: 'notcompliantrfc',
  noRelay: 'norelaying',
  security: 'securityerror',
  tlsFailed: 'failedstarttls',
  tooFast: 'speeding',
  tooManyConnections: 'toomanyconn',
  greylisted: 'onhold',
  expired: 'expired',
  network: 'networkerror',
  system: 'systemerror',
  systemFull: 'systemfull',
  mailerError: 'mailererror',
  protocol: 'syntaxerror',
  suppressedElsewhere: 'suppressed',
  unclear: 'onhold',
  delivered: 'delivered',
  vacation: 'vacation',
  challenge: 'vacation',
  autoReply: 'vacation',
  none: 'not-a-bounce',
};

export interface Label {
  readonly file: string;
  readonly n: number;
  readonly reasons: readonly string[];
  readonly group: string;
  readonly class: string;
  readonly recipient: string;
  readonly reply: string;
  readonly status: string;
  readonly heldOut: boolean;
}

export interface Mark {
  readonly label: Label;
  readonly found: ReturnedRecipient | undefined;
  readonly reason: string;
  readonly class: string;
  readonly reasonRight: boolean;
  readonly classRight: boolean;
  /** Undefined: the label names none. */
  readonly recipientRight: boolean | undefined;
}

export const isHeldOut = (file: string): boolean => createHash('sha256').update(file).digest()[0]! % 4 === 3;

export function readLabels(folder: string): Label[] {
  const [head = '', ...lines] = readFileSync(join(folder, 'labels.tsv'), 'utf8').trim().split('\n');
  const names = head.split('\t');
  return lines.map((line) => {
    const row = Object.fromEntries(line.split('\t').map((value, at) => [names[at]!, value]));
    return labelOf(row);
  });
}

function labelOf(row: Readonly<Record<string, string>>): Label {
  const others = [...(row['other_sisimai_versions'] ?? '').matchAll(/:(\w[\w-]*)/g)].map((m) => m[1]!);
  const reason = row['reason']!;
  return {
    file: row['file']!,
    n: Number(row['n']),
    reasons: [reason, ...others.filter((other) => other !== 'same')],
    group: row['coarse']!,
    class: classOfLabel(reason, row['hard_bounce'] ?? ''),
    recipient: row['recipient_by_python'] ?? '',
    reply: row['smtp_reply'] ?? '',
    status: row['status_is_pseudo'] === 'yes' ? '' : (row['dsn_status'] ?? ''),
    heldOut: isHeldOut(row['file']!),
  };
}

function classOfLabel(reason: string, hard: string): string {
  if (reason === 'feedback') return 'complaint';
  if (reason === 'vacation') return 'autoReply';
  if (reason === 'delivered') return 'delivered';
  if (reason === 'not-a-bounce') return 'none';
  return hard === 'yes' ? 'hard' : 'soft';
}

/** Blocks and delays are, to whoever counts only two, soft. */
function classOfOurs(returned: Returned, found: ReturnedRecipient | undefined): string {
  if (returned.is === 'none' || found === undefined) return 'none';
  return ['block', 'delayed', 'soft', 'unknown'].includes(found.class) ? 'soft' : found.class;
}

export function mark(label: Label, folder: string): Mark {
  const returned = readReturned(readFileSync(join(folder, 'eml', label.file)));
  const found = pick(label, returned);
  const ours = classOfOurs(returned, found);
  const reason = returned.is === 'complaint' ? 'feedback' : wordOf(found);
  return {
    label,
    found,
    reason,
    class: ours,
    reasonRight: label.reasons.includes(reason),
    classRight: ours === label.class,
    recipientRight: label.recipient === '' ? undefined : same(label.recipient, found),
  };
}

function wordOf(found: ReturnedRecipient | undefined): string {
  if (found?.rule === 'nothing said') return 'undefined';
  return sisimaiReasons[found?.reason ?? 'none'] ?? '?';
}

/** The recipient the label speaks of: by its address, else by its place. */
function pick(label: Label, { recipients }: Returned): ReturnedRecipient | undefined {
  const named = label.recipient === '' ? undefined : recipients.find((one) => same(label.recipient, one));
  return named ?? recipients[label.n - 1] ?? recipients[0];
}

function same(address: string, found: ReturnedRecipient | undefined): boolean {
  if (found === undefined) return false;
  return [found.address, found.originalAddress].some((one) => one.toLowerCase() === address.toLowerCase());
}
