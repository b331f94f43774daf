/** What commands tell of an account. */
import type { Account, Usage } from '../app/admin-answers.ts';
import { part, readable, type Desk } from './desk.ts';
import { sizeText, timeText } from './quantity.ts';
import { facts } from './table.ts';

export const accountPath = ({ org, id }: Account): string => `/orgs/${part(org)}/accounts/${part(id)}`;

export async function usageOf(desk: Desk, { org, id, name, quotaBytes }: Account): Promise<Usage> {
  const path = `/orgs/${part(org)}/quotas?${new URLSearchParams({ q: name }).toString()}`;
  const { items } = await desk.send<{ items: Usage[] }>('GET', path);
  return (
    items.find(({ account }) => account === id) ?? {
      account: id,
      name,
      usedBytes: 0,
      limitBytes: quotaBytes,
      emails: 0,
    }
  );
}

/** `1.2 GiB of 5 GiB (24 %)` */
export function roomText({ usedBytes, limitBytes }: Pick<Usage, 'usedBytes' | 'limitBytes'>): string {
  if (limitBytes === 0) return `${sizeText(usedBytes)}, no limit`;
  return `${sizeText(usedBytes)} of ${sizeText(limitBytes)} (${percent({ usedBytes, limitBytes })} %)`;
}

export const percent = ({ usedBytes, limitBytes }: Pick<Usage, 'usedBytes' | 'limitBytes'>): number =>
  limitBytes === 0 ? 0 : Math.round((usedBytes / limitBytes) * 100);

/** `told`: what is said this once, as a password that was made. */
export async function showAccount(
  desk: Desk,
  account: Account,
  told: { readonly password?: string } = {},
): Promise<void> {
  const { name, displayName, language, roles, disabled, id, createdAtMs } = account;
  const usage = await usageOf(desk, account);
  const forward = await desk.send<{ targets: string[]; keepCopy: boolean }>(
    'GET',
    `${accountPath(account)}/forward`,
  );
  const sendAs = await desk.send<{ addresses: string[] }>('GET', `${accountPath(account)}/send-as`);
  const onTo = forward.targets.map(readable).join(', ');
  desk.print(
    { ...account, usage, forward, sendAs: sendAs.addresses, ...told },
    facts([
      ['address', readable(name)],
      ['password', told.password ?? ''],
      ['name', displayName],
      ['roles', roles.join(', ')],
      ['language', language],
      ['room', `${roomText(usage)}, ${usage.emails} messages`],
      ['forwarded to', onTo === '' ? '' : `${onTo}${forward.keepCopy ? ' (a copy stays)' : ''}`],
      ['may also send as', sendAs.addresses.map(readable).join(', ')],
      ['switched off', disabled ? 'yes: no login, no mail' : ''],
      ['id', id],
      ['made', timeText(createdAtMs)],
    ]),
  );
}
