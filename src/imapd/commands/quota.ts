/** GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208): one root, `""`, for the whole account. STORAGE counts units of 1,024 octets. */
import { mailboxName } from '../../proto/imap/response.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import { findMailbox } from './mailbox-name.ts';
import type { LoggedIn } from './run.ts';

export async function getQuota(session: LoggedIn, root: string): Promise<Outcome> {
  if (root !== '') throw no('No such quota root', 'NONEXISTENT');
  await sendQuota(session);
  return undefined;
}

export async function getQuotaRoot(session: LoggedIn, name: string): Promise<Outcome> {
  const mailbox = await findMailbox(session, name);
  session.untagged(`QUOTAROOT ${mailboxName(mailbox.name, session.utf8)} ""`);
  await sendQuota(session);
  return undefined;
}

export async function setQuota(): Promise<Outcome> {
  throw no('Quotas are set by the administrator', 'NOPERM');
}

/** A resource without a limit is not listed: the grammar has no word for "none". */
async function sendQuota(session: LoggedIn): Promise<void> {
  const { usedBytes, limitBytes } = await session.server.parts.mailboxes.quota(session.principal.account);
  const storage =
    limitBytes === 0 ? '' : `STORAGE ${Math.ceil(usedBytes / 1024)} ${Math.floor(limitBytes / 1024)}`;
  session.untagged(`QUOTA "" (${storage})`);
}
