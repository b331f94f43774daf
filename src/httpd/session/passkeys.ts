/** Passkeys (WebAuthn, level 3) with @simplewebauthn/server, which is loaded when somebody uses one. */
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Origin } from '../admin-api/caller.ts';
import type { HttpParts } from '../parts.ts';

type Parts = Pick<HttpParts, 'directory'>;
type Stored = NonNullable<Awaited<ReturnType<Parts['directory']['factors']['passkey']>>>;
const load = () => import('@simplewebauthn/server');

/** Where the browser is: its host is what passkeys are for. */
export interface Site {
  readonly rp: string;
  readonly origin: string;
}

export function siteOf({ headers }: FastifyRequest, { secure }: Origin): Site {
  const host = (headers.host ?? '').toLowerCase();
  if (!/^[a-z0-9.-]+(:\d{1,5})?$/.test(host)) throw new Refusal('invalid', 'passkeys need a host name');
  return { rp: host.replace(/:\d+$/, ''), origin: `${secure ? 'https' : 'http'}://${host}` };
}

export async function registrationOptions(
  { rp }: Site,
  owner: { readonly account: string; readonly address: string; readonly displayName: string },
  known: readonly Stored[],
) {
  const { generateRegistrationOptions } = await load();
  return generateRegistrationOptions({
    rpName: 'Hikyaku',
    rpID: rp,
    userID: new TextEncoder().encode(owner.account),
    userName: owner.address,
    userDisplayName: owner.displayName || owner.address,
    attestationType: 'none',
    excludeCredentials: known.filter((each) => each.rp === rp).map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  });
}

/** The new passkey. Refusal: `invalid`. */
export async function registered({ rp, origin }: Site, challenge: string, response: unknown) {
  const { verifyRegistrationResponse } = await load();
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rp,
    requireUserVerification: true,
  }).catch((error: unknown) => {
    throw new Refusal('invalid', error instanceof Error ? error.message : 'not a passkey', { at: 'passkey' });
  });
  if (!verified || !registrationInfo)
    throw new Refusal('invalid', 'the passkey could not be verified', { at: 'passkey' });
  const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
  return { id, rp, publicKey, counter, transports: transports.join(',') };
}

/** Of these passkeys, or (none given) of any that the browser has for this host. */
export async function signInOptions({ rp }: Site, known: readonly Stored[] = []) {
  const { generateAuthenticationOptions } = await load();
  return generateAuthenticationOptions({
    rpID: rp,
    userVerification: 'required',
    allowCredentials: known
      .filter((each) => each.rp === rp)
      .map(({ id, transports }) => ({ id, transports: [...transports] as AuthenticatorTransport[] })),
  });
}

/** Whose passkey has signed the challenge. Refusal: `authenticationFailed`. */
export async function proved(
  { directory }: Parts,
  { rp, origin }: Site,
  { challenge, response, ip }: { challenge: string; response: unknown; ip: string },
): Promise<Stored> {
  const { factors } = directory;
  const id = (response as { id?: unknown }).id;
  const stored = typeof id === 'string' && id.length < 1500 ? await factors.passkey(id) : undefined;
  const found = stored?.rp === rp ? stored : undefined;
  const answer = found && (await verify(found, { rp, origin }, challenge, response));
  if (!found || answer === undefined) {
    await factors.failed(ip);
    throw new Refusal('authenticationFailed', 'the passkey proves nothing');
  }
  await factors.noteUse(found.id, answer);
  return found;
}

/** The new counter, or undefined. */
async function verify(
  stored: Stored,
  { rp, origin }: Site,
  challenge: string,
  response: unknown,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await load();
  const credential = {
    id: stored.id,
    publicKey: new Uint8Array(stored.publicKey),
    counter: stored.counter,
    transports: [...stored.transports] as AuthenticatorTransport[],
  };
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rp,
      credential,
      requireUserVerification: true,
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}
