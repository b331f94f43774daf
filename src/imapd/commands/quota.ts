/**
 * GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208): one root, `""`, for the whole account. STORAGE and ANNOTATION-STORAGE count units of 1,024 octets; a message that
 * lies in several mailboxes counts once. A resource without a limit is not listed: the grammar has no word for "none".
 */
import { mailboxName } from '../../proto/imap/response.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import { findPlace } from './place.ts';
import type { LoggedIn } from './run.ts';

export async function getQuota(session: LoggedIn, root: string): Promise<Outcome> {
  if (root !== '') throw no('No such quota root', 'NONEXISTENT');
  await sendQuota(session);
  return undefined;
}

/** What others share is counted with them, and how full they are is theirs to know. */
export async function getQuotaRoot(session: LoggedIn, name: string): Promise<Outcome> {
  const place = await findPlace(session, name, 'r');
  const isOwn = place.owner === session.principal.account;
  session.untagged(`QUOTAROOT ${mailboxName(place.name, session.utf8)}${isOwn ? ' ""' : ''}`);
  if (isOwn) await sendQuota(session);
  return undefined;
}

export async function setQuota(): Promise<Outcome> {
  throw no('Quotas are set by the administrator', 'NOPERM');
}

async function sendQuota(session: LoggedIn): Promise<void> {
  const { mailboxes } = session.server.parts;
  const { account } = session.principal;
  const quota = await mailboxes.quota(account);
  const limits = await mailboxes.countLimits(account);
  const used = {
    mailboxes: (await mailboxes.list(account)).length,
    annotations: await mailboxes.access.metadataBytes(account),
  };
  const resources = [
    // Less than a unit is still a limit.
    [
      'STORAGE',
      kibi(quota.usedBytes),
      quota.limitBytes === 0 ? 0 : Math.max(1, Math.floor(quota.limitBytes / 1024)),
    ],
    ['MESSAGE', quota.emails, limits.emailsMax],
    ['MAILBOX', used.mailboxes, limits.mailboxesMax],
    ['ANNOTATION-STORAGE', kibi(used.annotations), Math.floor(limits.annotationsMaxBytes / 1024)],
  ] as const;
  const shown = resources.filter(([, , limit]) => limit > 0).map((each) => each.join(' '));
  session.untagged(`QUOTA "" (${shown.join(' ')})`);
}

const kibi = (bytes: number): number => Math.ceil(bytes / 1024);
