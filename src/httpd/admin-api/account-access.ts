/** How an account is read: what its mailers are offered, whether what they say is written down, and what POP3 shows. */
import * as Type from 'typebox';
import type { AccountId, OrgId } from '../../base/ids.ts';
import type { AccessSetting, MailAccess } from '../../mailbox/access.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import { accountAccess, type AccountAccess } from './contract-account.ts';

const path = Type.Object({ org: Type.String(), account: Type.String() });
const tags = ['accounts'];

export function accountAccessRoutes(app: App, { administration: { accounts }, mailAccess }: HttpParts): void {
  const refOf = (params: { org: string; account: string }) => ({
    org: params.org as OrgId,
    id: params.account as AccountId,
  });

  app.get(
    '/orgs/:org/accounts/:account/access',
    {
      config: { access: 'accounts:read' },
      schema: { tags, summary: 'How it is read', params: path, response: { 200: answer(accountAccess) } },
    },
    async (request) => {
      const { id } = await accounts.get(refOf(request.params));
      return readAccess(mailAccess, id);
    },
  );

  app.put(
    '/orgs/:org/accounts/:account/access',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Sets how it is read',
        description: 'Holds from the next login on.',
        params: path,
        body: accountAccess,
        response: { 200: answer(accountAccess) },
      },
    },
    async (request) => {
      const ref = refOf(request.params);
      await accounts.noteAccess(actorIn(request), ref, request.body);
      for (const [name, value] of settingsOf(request.body)) await mailAccess.setSetting(ref.id, name, value);
      return readAccess(mailAccess, ref.id);
    },
  );
}

async function readAccess(access: MailAccess, account: AccountId): Promise<AccountAccess> {
  const settings = await access.settings(account);
  const words = (name: AccessSetting): string[] => (settings.get(name) ?? '').split(' ').filter(Boolean);
  const expire = settings.get('pop3.expire');
  return {
    imapWithout: words('imap.without'),
    imapWith: words('imap.with') as AccountAccess['imapWith'],
    transcriptUntilMs: Number(settings.get('transcript.until') ?? 0),
    pop3Mailbox: settings.get('pop3.mailbox') ?? '',
    pop3Days: Number(settings.get('pop3.days') ?? 0),
    pop3Expire: expire === undefined ? null : Number(expire),
  };
}

function settingsOf(body: AccountAccess): (readonly [AccessSetting, string])[] {
  const number = (value: number): string => (value === 0 ? '' : String(value));
  return [
    ['imap.without', body.imapWithout.join(' ').toUpperCase()],
    ['imap.with', body.imapWith.join(' ')],
    ['transcript.until', number(body.transcriptUntilMs)],
    ['pop3.mailbox', body.pop3Mailbox],
    ['pop3.days', number(body.pop3Days)],
    ['pop3.expire', body.pop3Expire === null ? '' : String(body.pop3Expire)],
  ];
}
