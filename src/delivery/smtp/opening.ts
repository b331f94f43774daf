/**
 * Opens one connection of a site: walks over the addresses of the plan until one answers and proves what it must.
 *
 * A server whose TLS fails where nobody insists on it is asked again in the clear, and remembered. How encryption went is told for every session
 * (`onSession`), those that came to nothing included.
 */
import type { Clock } from '../../base/clock.ts';
import type { Detour, DnsStep } from '../../events/event.ts';
import { dial, DialError, type DialProxy } from '../../net/dialer.ts';
import type { Extensions } from '../../proto/smtp/extensions.ts';
import type { Way, WayProxy } from '../../queue/gate.ts';
import type { DeliveryOptions } from '../options.ts';
import { isIpv6, placesOf, type Place, type Skipped } from '../route/places.ts';
import type { HostPlan, PlanParts } from '../route/plan.ts';
import type { SessionFacts } from '../tls/demand.ts';
import { HandshakeError, shakeHands } from './handshake.ts';
import type { HostMemory } from './host-memory.ts';
import type { Said } from './job.ts';
import type { Wire } from './wire.ts';
import type { Wish } from './wish.ts';

export interface OpeningParts extends PlanParts {
  readonly clock: Clock;
  readonly options: DeliveryOptions;
  readonly memory: HostMemory;
  /** By which way connections leave; absent: as the options have it. */
  readonly way?: Way;
  /** Port 25 is known to be closed on the way out of here. */
  readonly port25Closed: () => boolean;
  /** Told for the destinations whose mail the session carries or was to carry. */
  readonly onSession: (destinations: readonly string[], wish: Wish, session: Session) => void;
}

/** One that is under way: its wire, once there is one, is watched for deadlines. */
export interface Opening {
  wire: Wire | undefined;
  /** Our address on the latest connection, also when nothing came of it. */
  localIp: string;
  readonly wish: Wish;
  /** The destinations of the mail that waits for it. */
  readonly wantedBy: () => readonly string[];
}

/** How encryption of one session went, or why there was none. */
export interface Session {
  readonly place: { readonly host: string; readonly ip: string; readonly dane: Place['dane'] };
  readonly localIp: string;
  readonly facts: SessionFacts;
}

export interface Opened extends Session {
  readonly detour?: Detour;
  readonly wire: Wire;
  readonly extensions: Extensions;
  readonly place: Place;
  /** The plan that it follows: that of the destination, or its fallback. */
  readonly plan: HostPlan;
  /** How its host was looked up; told with its first mail only. */
  readonly steps: readonly DnsStep[];
}

/** Why nothing could be sent: nobody of the site answered, or what the last of them said instead of letting us in. */
export interface Unopened {
  readonly said: Said;
  readonly host: string;
  readonly ip: string;
  readonly port: number;
  readonly steps: readonly DnsStep[];
  /** The sessions that encryption kept from being. */
  readonly sessions: readonly Session[];
  readonly detour?: Detour;
}

/** By the plan of the destination; and when nobody there can be reached, by its fallback. */
export async function openConnection(parts: OpeningParts, opening: Opening): Promise<Opened | Unopened> {
  const { plan } = opening.wish;
  const { fallback } = plan;
  if (fallback !== undefined && !plan.trusted && parts.port25Closed())
    return { ...(await openBy(parts, fallback, opening)), detour: 'port25Closed' };
  const direct = await openBy(parts, plan, opening);
  if ('wire' in direct || fallback === undefined || !isUnreachable(direct)) return direct;
  const other = await openBy(parts, fallback, opening);
  return { ...other, steps: [...direct.steps, ...other.steps], detour: 'unreachable' };
}

async function openBy(parts: OpeningParts, plan: HostPlan, opening: Opening): Promise<Opened | Unopened> {
  const { memory } = parts;
  const from = { ...plan, localAddresses: sourcesOf(parts, plan) };
  const { places, skipped, steps, problem } = await placesOf(parts, from, opening.wish.variant);
  const passedOver = skipped.map(sessionNotTried);
  for (const session of passedOver) tell(parts, plan, opening, session);
  let last: Unopened = { ...unopened('dns', problem), steps, sessions: passedOver };
  if (plan.fallback && places.length > 0 && places.every(({ ip }) => memory.hasFailed(ip)))
    return { ...unopened('connect', '451 4.4.1 None of the servers has answered lately'), steps };
  for (const place of memory.bestFirst(places)) {
    const tried = await tryPlace(parts, plan, place, opening);
    if ('wire' in tried) return { ...tried, steps };
    // A host that may do better later weighs more than one that never will.
    if (last.host === '' || !isForGood(tried) || isForGood(last)) last = { ...tried, steps };
  }
  return last;
}

/** What the operator named is nobody's to report to. */
function tell(
  { onSession }: OpeningParts,
  { trusted }: HostPlan,
  { wantedBy, wish }: Opening,
  session: Session,
): void {
  if (!trusted) onSession(wantedBy(), wish, session);
}

/** Nothing was heard from any of them. */
const isUnreachable = ({ said }: Unopened): boolean =>
  said.code === 0 && (said.phase === 'connect' || said.phase === 'banner') && said.reply.startsWith('4');

/** A host that its policies forbid: told as if it had been tried. */
function sessionNotTried({ host, dane, unfit }: Skipped): Session {
  const facts: SessionFacts = {
    tls: null,
    certificate: '',
    problem: unfit.problem,
    why: unfit.reply.slice(10),
  };
  return { place: { host, dane, ip: '' }, localIp: '', facts };
}

async function tryPlace(
  parts: OpeningParts,
  plan: HostPlan,
  place: Place,
  opening: Opening,
): Promise<Opened | Unopened> {
  const { memory } = parts;
  const mayBePlain = place.demand.encrypt === 'offered';
  for (;;) {
    const broken = mayBePlain ? memory.tlsTrouble(place.ip) : undefined;
    try {
      return await connect(parts, plan, { place, broken }, opening);
    } catch (error) {
      const said = saidOf(error);
      const trouble = error instanceof HandshakeError ? error.trouble : undefined;
      if (trouble !== undefined && mayBePlain && broken === undefined) {
        memory.tlsBroke(place.ip, trouble);
        continue;
      }
      if (said.code === 0 && !said.reply.startsWith('5')) memory.failed(place.ip, isSilence(error));
      const { host, ip, port } = place;
      const failed = { said, host, ip, port, steps: [] };
      if (trouble === undefined) return { ...failed, sessions: [] };
      const facts: SessionFacts = { tls: null, certificate: '', ...trouble };
      const session: Session = { place, localIp: opening.localIp, facts };
      tell(parts, plan, opening, session);
      return { ...failed, sessions: [session] };
    }
  }
}

interface Target {
  readonly place: Place;
  /** Its TLS is known not to work. */
  readonly broken: ReturnType<HostMemory['tlsTrouble']>;
}

async function connect(
  parts: OpeningParts,
  plan: HostPlan,
  { place, broken }: Target,
  opening: Opening,
): Promise<Opened> {
  const { clock, options, memory, way } = parts;
  const { caCertificates } = options;
  const localAddress = sourceFor(sourcesOf(parts, plan), place.ip);
  const connection = await dial({
    ip: place.ip,
    port: place.port,
    clock,
    timeoutMs: options.timeouts.connectMs,
    ...(way?.proxy ? { through: throughOf(way.proxy, localAddress) } : localAddress ? { localAddress } : {}),
  });
  opening.localIp = connection.local.ip;
  const { wire, extensions } = await shakeHands(connection, {
    clock,
    timeouts: options.timeouts,
    hostname: way?.hostname ?? options.hostname,
    host: place.host,
    lmtp: plan.lmtp,
    demand: place.demand,
    tlsBroken: broken !== undefined,
    ...(plan.auth ? { auth: plan.auth } : {}),
    ...(caCertificates ? { caCertificates } : {}),
    onWire: (made) => (opening.wire = made),
  });
  if (wire.lost) throw new HandshakeError('ehlo', 0, '451 4.4.2 The server closed the connection');
  memory.answered(place.ip);
  const facts: SessionFacts = {
    tls: wire.tls,
    certificate: wire.certificate,
    ...(wire.tls === null ? broken : undefined),
  };
  return { wire, extensions, place, plan, localIp: connection.local.ip, steps: [], facts };
}

/** Those of the way, save where a route has its own. */
const sourcesOf = ({ way }: OpeningParts, { localAddresses, ownAddresses }: HostPlan): readonly string[] =>
  way === undefined || way.source === '' || ownAddresses ? localAddresses : way.localAddresses;

/** Our address of the same family, if the operator named any. */
const sourceFor = (localAddresses: readonly string[], ip: string): string | undefined =>
  localAddresses.find((own) => isIpv6(own) === isIpv6(ip));

function throughOf(
  { is, host: ip, port, username, password = '' }: WayProxy,
  from: string | undefined,
): DialProxy {
  const login = username === undefined ? {} : { login: { username, password } };
  return { is, ip, port, ...login, ...(from !== undefined && { from }) };
}

const isSilence = (error: unknown): boolean =>
  error instanceof DialError && (error.reason === 'timeout' || error.reason === 'unreachable');

export function unopened(phase: Said['phase'], reply: string): Unopened {
  return { said: { phase, code: 0, reply }, host: '', ip: '', port: 0, steps: [], sessions: [] };
}

/** Our own finding that no later try can change. */
export const isForGood = ({ said }: Unopened): boolean => said.code === 0 && said.reply.startsWith('5');

function saidOf(error: unknown): Said {
  if (error instanceof HandshakeError) return { phase: error.phase, code: error.code, reply: error.reply };
  if (error instanceof DialError)
    return { phase: 'connect', code: 0, reply: `451 4.4.1 ${dialText[error.reason]} (${error.code})` };
  throw error;
}

const dialText = {
  refused: 'Connection refused',
  unreachable: 'No way to the server',
  timeout: 'The server does not answer',
  reset: 'Connection reset',
  localAddress: 'Our own address cannot be used',
  forbidden: 'Address not allowed',
  aborted: 'Given up',
  failed: 'Connection failed',
} as const satisfies Record<DialError['reason'], string>;
