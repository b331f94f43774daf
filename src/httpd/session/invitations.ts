/**
 * Invitations, seen by who is invited: a link with a ticket lets them choose the password of their account, once. It is worth nothing after its time, after it was
 * used, and after the account was changed otherwise.
 */
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Account } from '../../directory/account.ts';
import type { App } from '../admin-api/app.ts';
import { answer, problem } from '../admin-api/contract.ts';
import {
  acceptedInvitation,
  invitationQuery,
  invitationState,
  signInAnswer,
} from '../admin-api/contract-session.ts';
import type { HttpParts } from '../parts.ts';
import { fromPage, personOf, welcome, type OriginOf } from './door.ts';

const tags = ['session'];
const failures = { '4xx': problem, '5xx': problem };
const base = '/api/v1/invitation';

export interface InvitationFacts {
  readonly is: 'invitation';
  readonly account: AccountId;
  readonly org: OrgId;
  /** Of the account when it was invited. */
  readonly version: number;
}

type Parts = Pick<HttpParts, 'directory' | 'administration'>;

export function invitationRoutes(app: App, parts: Parts, originOf: OriginOf): void {
  const { directory, administration } = parts;

  app.get(
    base,
    {
      schema: {
        tags,
        summary: 'Who is invited by a link',
        querystring: invitationQuery,
        response: { 200: answer(invitationState), ...failures },
      },
    },
    async (request) => {
      const { name: address, org, language } = await invited(parts, request.query.ticket);
      return { address, orgName: (await directory.org(org))?.name ?? '', language };
    },
  );

  app.post(
    base,
    {
      schema: {
        tags,
        summary: 'Accepts an invitation: sets the password and signs in',
        body: acceptedInvitation,
        response: { 200: answer(signInAnswer), ...failures },
      },
    },
    async (request, reply) => {
      const origin = fromPage(request, originOf);
      const { ticket, password } = request.body;
      const { id, org } = await invited(parts, ticket);
      const actor = { by: `account:${id}`, ip: origin.ip };
      await administration.accounts.setPassword(actor, { id, org }, password);
      await directory.tickets.use(ticket);
      const proved = { account: id, org, remember: false, proved: 'invitation' };
      const session = await welcome(parts, { request, reply, origin }, proved);
      return personOf(parts, id, session);
    },
  );
}

/** The account behind a ticket that is still good. Refusal: `authenticationFailed`. */
async function invited({ directory, administration }: Parts, ticket: string): Promise<Account> {
  const facts = await directory.tickets.read<InvitationFacts>(ticket);
  if (facts.is !== 'invitation') throw new Refusal('authenticationFailed', 'another ticket');
  const found = await administration.accounts
    .get({ id: facts.account, org: facts.org })
    .catch((error: unknown) => {
      if (error instanceof Refusal && error.reason === 'notFound') return undefined;
      throw error;
    });
  if (!found || found.disabled || found.version !== facts.version)
    throw new Refusal('authenticationFailed', 'the invitation is used, or the account was changed since');
  return found;
}
