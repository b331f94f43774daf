/**
 * Failures grouped by cause: what servers answered to mail that came back or waits, with what differs from mail to mail (ids, addresses, numbers) folded, so that
 * a thousand answers that say the same are one line.
 */
import { operation } from '../store/operation.ts';
import { rows, type Transaction } from '../store/transaction.ts';

export interface FailureGroup {
  /** The answer with what differs folded. */
  readonly cause: string;
  readonly status: 'bounced' | 'deferred' | 'refused';
  readonly count: number;
  /** Domains of recipients, those with most first. */
  readonly domains: readonly string[];
  /** One answer as it was, where it was heard, and a message. */
  readonly example: { readonly reply: string; readonly host: string; readonly message: string };
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** Traces that are looked at: the newest. */
const looksMax = 20_000;
const groupsMax = 500;
const domainsMax = 5;

/** Codes stay; ids, addresses, names of hosts and other numbers are folded. */
export function foldedReply(reply: string): string {
  const [, code = ''] = /^(\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?)/.exec(reply) ?? [];
  const text = reply
    .slice(code.length)
    .replace(/https?:\/\/\S+/gi, '<url>')
    .replace(/<?[^\s<>()"';,]+@[^\s<>()"';,]+>?/g, '<address>')
    .replace(/\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?/g, '<ip>')
    .replace(/\[?\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\b\]?/gi, '<ip>')
    .replace(/\b(?:[a-z0-9-]+\.){2,}[a-z]{2,}\b/gi, '<host>')
    .replace(/\b(?=[\w.-]*\d)(?=[\w.-]*[a-z])[\w.-]{8,}\b/gi, '<id>')
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ');
  return (code + text).trim().slice(0, 300);
}

interface Failed {
  readonly status: FailureGroup['status'];
  readonly reply: string;
  readonly host: string;
  readonly message: string;
  readonly recipient: string;
  readonly changed_at: number;
}

interface Group {
  count: number;
  firstAtMs: number;
  lastAtMs: number;
  readonly status: FailureGroup['status'];
  readonly cause: string;
  readonly domains: Map<string, number>;
  readonly example: FailureGroup['example'];
}

/** Of one organisation, or (undefined) all; since a time; those with most first. Scans: off the protocol threads. */
export const failures = operation(
  'events.failures',
  function* ({
    org,
    fromMs,
  }: {
    org: string | undefined;
    fromMs: number;
  }): Transaction<readonly FailureGroup[]> {
    const where = org === undefined ? '' : 'and org = ?';
    const found = yield* rows<Failed>(
      `select status, reply, host, message, recipient, changed_at from events.trace
        where accepted_at >= ? and status in ('bounced', 'deferred', 'refused') ${where} order by accepted_at desc limit ?`,
      fromMs,
      ...(org === undefined ? [] : [org]),
      looksMax,
    );
    const groups = new Map<string, Group>();
    for (const one of found) note(groups, one);
    return [...groups.values()]
      .sort((a, b) => b.count - a.count)
      .slice(0, groupsMax)
      .map(({ domains, ...group }) => ({
        ...group,
        domains: [...domains]
          .sort((a, b) => b[1] - a[1])
          .slice(0, domainsMax)
          .map(([domain]) => domain),
      }));
  },
);

function note(
  groups: Map<string, Group>,
  { status, reply, host, message, recipient, changed_at }: Failed,
): void {
  const cause = foldedReply(reply);
  const key = `${status} ${cause}`;
  let group = groups.get(key);
  if (!group) {
    const example = { reply, host, message };
    group = {
      status,
      cause,
      count: 0,
      firstAtMs: changed_at,
      lastAtMs: changed_at,
      domains: new Map(),
      example,
    };
    groups.set(key, group);
  }
  group.count += 1;
  group.firstAtMs = Math.min(group.firstAtMs, changed_at);
  group.lastAtMs = Math.max(group.lastAtMs, changed_at);
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1);
  group.domains.set(domain, (group.domains.get(domain) ?? 0) + 1);
}
