/** The second step of a sign-in: a one-time code, a recovery code or a passkey; and signing in by a passkey alone. */
import type { FastifyRequest } from 'fastify';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Origin } from '../admin-api/caller.ts';
import type { App } from '../admin-api/app.ts';
import { answer, problem } from '../admin-api/contract.ts';
import { passkeyOptions, passkeySignIn, secondStep, signInAnswer } from '../admin-api/contract-session.ts';
import type { HttpParts } from '../parts.ts';
import { proved, signInOptions, siteOf } from './passkeys.ts';
import { fromPage, personOf, welcome, type OriginOf } from './door.ts';

const tags = ['session'];
const failures = { '4xx': problem, '5xx': problem };
type Parts = Pick<HttpParts, 'directory'>;

/** What is known between the two steps. */
interface FirstStep {
  readonly is: 'first';
  readonly account: AccountId;
  readonly org: OrgId;
  readonly address: string;
  readonly remember: boolean;
  readonly challenge: string;
}

interface PasskeyStep {
  readonly is: 'passkey';
  readonly challenge: string;
}

/** What is asked for after the password; undefined: nothing. */
export async function askedFor(
  { directory }: Parts,
  request: FastifyRequest,
  origin: Origin,
  first: Omit<FirstStep, 'is' | 'challenge'>,
) {
  const { totp, recoveryCodes, passkeys } = await directory.factors.state(first.account);
  if (!totp && passkeys.length === 0) return undefined;
  const site = hostOf(request, origin);
  const here = passkeys.filter(({ rp }) => rp === site?.rp);
  const options = site && here.length > 0 ? await signInOptions(site, here) : undefined;
  const facts: FirstStep = { is: 'first', ...first, challenge: options?.challenge ?? '' };
  const ticket = await directory.tickets.make(facts);
  const passkey = options === undefined ? {} : { passkey: options as unknown };
  return { is: 'secondFactor' as const, ticket, code: totp, recovery: recoveryCodes > 0, ...passkey };
}

/** Passkeys are for host names; by an address one signs in without. */
function hostOf(request: FastifyRequest, origin: Origin) {
  try {
    return siteOf(request, origin);
  } catch {
    return undefined;
  }
}

export function secondStepRoutes(app: App, parts: Parts, originOf: OriginOf): void {
  const { tickets, factors } = parts.directory;

  app.post(
    '/api/v1/session/second',
    {
      schema: {
        tags,
        summary: 'The second step of a sign-in',
        body: secondStep,
        response: { 200: answer(signInAnswer), ...failures },
      },
    },
    async (request, reply) => {
      const origin = fromPage(request, originOf);
      const { ticket, code, passkey } = request.body;
      const first = await tickets.read<FirstStep>(ticket);
      if (first.is !== 'first') throw new Refusal('authenticationFailed', 'another ticket');
      const by = await secondProof(first, { request, origin, code, passkey });
      await tickets.use(ticket);
      const session = await welcome(
        parts,
        { request, reply, origin },
        { ...first, proved: `password ${by}` },
      );
      return personOf(parts, first.account, session);
    },
  );

  const secondProof = async (
    first: FirstStep,
    shown: { request: FastifyRequest; origin: Origin; code: string | undefined; passkey: unknown },
  ): Promise<string> => {
    const { ip } = shown.origin;
    if (shown.code !== undefined) return factors.prove(first, shown.code, ip);
    if (shown.passkey === undefined || first.challenge === '')
      throw new Refusal('authenticationFailed', 'no second factor');
    const site = siteOf(shown.request, shown.origin);
    const found = await proved(parts, site, { challenge: first.challenge, response: shown.passkey, ip });
    if (found.account !== first.account) throw new Refusal('authenticationFailed', 'somebody else’s passkey');
    return 'passkey';
  };

  app.post(
    '/api/v1/session/passkey-options',
    {
      schema: {
        tags,
        summary: 'Begins to sign in by a passkey',
        response: { 200: answer(passkeyOptions), ...failures },
      },
    },
    async (request) => {
      const origin = fromPage(request, originOf);
      const options = await signInOptions(siteOf(request, origin));
      const facts: PasskeyStep = { is: 'passkey', challenge: options.challenge };
      return { ticket: await tickets.make(facts), options };
    },
  );

  app.post(
    '/api/v1/session/passkey',
    {
      schema: {
        tags,
        summary: 'Signs in by a passkey',
        body: passkeySignIn,
        response: { 200: answer(signInAnswer), ...failures },
      },
    },
    async (request, reply) => {
      const origin = fromPage(request, originOf);
      const { ticket, passkey, remember = false } = request.body;
      const { is, challenge } = await tickets.read<PasskeyStep>(ticket);
      if (is !== 'passkey') throw new Refusal('authenticationFailed', 'another ticket');
      const site = siteOf(request, origin);
      const found = await proved(parts, site, { challenge, response: passkey, ip: origin.ip });
      await tickets.use(ticket);
      const { account, org } = found;
      const session = await welcome(
        parts,
        { request, reply, origin },
        { account, org, remember, proved: 'passkey' },
      );
      return personOf(parts, account, session);
    },
  );
}
