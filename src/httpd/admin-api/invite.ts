/** Inviting somebody to a new account: a link by mail to where they read mail now, with which they choose their password. */
import * as Type from 'typebox';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { parseMailbox } from '../../proto/smtp/path.ts';
import type { HttpParts } from '../parts.ts';
import type { OriginOf } from '../session/door.ts';
import type { InvitationFacts } from '../session/invitations.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import { invitation, newInvitation } from './contract-account.ts';

const dayMs = 86_400_000;
const daysUsual = 3;

export function inviteRoutes(app: App, parts: HttpParts, originOf: OriginOf): void {
  const { administration, directory, clock, invite } = parts;
  app.post(
    '/orgs/:org/accounts/:account/invitation',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags: ['accounts'],
        summary: 'Invites somebody to an account: by the link they choose its password, once',
        description: 'The link ends when it is used, after its days, and when the account is changed.',
        params: Type.Object({ org: Type.String(), account: Type.String() }),
        body: newInvitation,
        response: { 200: answer(invitation) },
      },
    },
    async (request) => {
      const { to = '', days = daysUsual } = request.body;
      const ref = { org: request.params.org as OrgId, id: request.params.account as AccountId };
      if (to !== '' && (parseMailbox(to)?.domain ?? '') === '')
        throw new Refusal('invalid', 'is not an address', { at: 'to' });
      await administration.accounts.noteInvitation(actorIn(request), ref, to);
      const account = await administration.accounts.get(ref);
      const facts: InvitationFacts = {
        is: 'invitation',
        account: account.id,
        org: account.org,
        version: account.version,
      };
      const ticket = await directory.tickets.make(facts, days * dayMs);
      const { secure } = originOf(request);
      const link = `${secure ? 'https' : 'http'}://${request.headers.host ?? ''}/invitation#${ticket}`;
      const untilMs = clock.nowMs() + days * dayMs;
      if (to !== '') {
        const { name: orgName } = await administration.orgs.get(account.org);
        const { name: address, language } = account;
        await invite({ to, address, orgName, link, untilMs, language });
      }
      return { link, untilMs, sent: to !== '' };
    },
  );
}
