/** LOGIN and AUTHENTICATE (RFC 3501, 6.2; RFC 4959), and what they decide: which mechanisms are on offer, whether passwords may be sent here. */
import { Refusal } from '../../base/refusal.ts';
import type { LoginFrom, Principal } from '../../directory/principal.ts';
import { decodeUtf8, type CommandError } from '../../proto/imap/scanner.ts';
import { decodeBase64, decodeInitial, encodeBase64 } from '../../proto/sasl/base64.ts';
import type { ChannelBinding, Mechanism } from '../../proto/sasl/mechanism.ts';
import { offeredMechanisms, startMechanism } from '../../proto/sasl/server.ts';
import { capabilitiesAfterLogin, capabilitiesBeforeLogin } from '../capabilities.ts';
import type { Outcome } from '../outcome.ts';
import { bad, no } from '../replies.ts';
import type { Session } from '../session.ts';

export function capabilities(session: Session): readonly string[] {
  const { options, tls } = session.server.parts;
  if (session.principal !== undefined) {
    const names = (setting: 'imap.without' | 'imap.with'): ReadonlySet<string> =>
      new Set((session.settings.get(setting) ?? '').toUpperCase().split(' '));
    return capabilitiesAfterLogin(options, {
      compressed: session.connection.compressed,
      without: names('imap.without'),
      with: names('imap.with'),
    });
  }
  return capabilitiesBeforeLogin(options, {
    startTls: tls !== undefined && session.connection.tls === null,
    mechanisms: mechanisms(session),
    loginDisabled: !confidential(session),
  });
}

export const capabilityText = (session: Session): string => capabilities(session).join(' ');

/** Whether this account, in this state, is offered a capability; in any case of letters. */
export const offers = (session: Session, name: string): boolean =>
  capabilities(session).some((each) => each.toUpperCase() === name.toUpperCase());

const confidential = (session: Session): boolean =>
  session.connection.tls !== null || session.server.parts.options.plaintextLogin;

function mechanisms(session: Session): ReturnType<typeof offeredMechanisms> {
  const binding = session.connection.tls !== null;
  const tokens = session.server.parts.directory.credentials(from(session)).verifyToken !== undefined;
  return offeredMechanisms({ confidential: confidential(session), binding, tokens });
}

function from(session: Session): LoginFrom {
  return { service: 'imap', ip: session.connection.peer.ip };
}

/** Why a login cannot be tried now: asked before a password is read. */
export function refuseLogin(session: Session): CommandError | undefined {
  if (session.principal !== undefined) return bad('Already logged in');
  return confidential(session) ? undefined : no('Use TLS first', 'PRIVACYREQUIRED');
}

export async function login(session: Session, command: { user: string; password: string }): Promise<Outcome> {
  const refusal = refuseLogin(session);
  if (refusal !== undefined) throw refusal;
  const user = decodeUtf8(command.user);
  const password = decodeUtf8(command.password);
  if (user === undefined || password === undefined) throw new Refusal('authenticationFailed', 'not UTF-8');
  return admitted(session, await session.server.parts.directory.login(user, password, from(session)));
}

export async function authenticate(
  session: Session,
  command: { mechanism: string; initial: string | undefined },
): Promise<Outcome> {
  const refusal = refuseLogin(session);
  if (refusal !== undefined) throw refusal;
  const { tls } = session.connection;
  const offered: readonly string[] = mechanisms(session);
  const binding: ChannelBinding | undefined = tls === null ? undefined : (name) => tls.channelBinding(name);
  const credentials = session.server.parts.directory.credentials(from(session));
  const mechanism = offered.includes(command.mechanism)
    ? startMechanism(command.mechanism, credentials, binding)
    : undefined;
  if (mechanism === undefined) throw no('Mechanism is not on offer', 'CANNOT');
  const initial = command.initial === undefined ? undefined : decodeInitial(command.initial);
  if (command.initial !== undefined && initial === undefined) throw bad('Not base64');
  return step(session, mechanism, initial);
}

async function step(
  session: Session,
  mechanism: Mechanism<Principal>,
  response: Uint8Array | undefined,
): Promise<Outcome> {
  const result = await mechanism.step(response);
  if (result.is === 'failed') throw result.refusal;
  if (result.is === 'done') return admitted(session, result.principal);
  return {
    is: 'ask',
    text: encodeBase64(result.bytes),
    onLine: (line) => {
      if (line === '*') throw bad('Cancelled');
      const answer = decodeBase64(line);
      if (answer === undefined) throw bad('Not base64');
      return step(session, mechanism, answer);
    },
  };
}

async function admitted(session: Session, principal: Principal): Promise<string> {
  const { server } = session;
  const settings = await server.parts.mailboxes.access.settings(principal.account);
  if (!server.admit(session, principal.account)) throw no('Too many connections of this account', 'LIMIT');
  session.loggedIn(principal, settings);
  const { peer, tls } = session.connection;
  server.parts.log.info(
    {
      account: principal.account,
      address: principal.address,
      peer: peer.ip,
      tls: tls?.version ?? '',
      credential: principal.credential,
    },
    'IMAP login',
  );
  return `[CAPABILITY ${capabilityText(session)}] Logged in`;
}
