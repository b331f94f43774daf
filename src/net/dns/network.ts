/**
 * Asks the recursive servers one question until one of them gives a usable answer or the time is over.
 *
 * A server that is silent is asked again in a later round with twice the time; one that answered with a failure is not (RFC 9520, 3.1: no
 * storms over broken zones), but the other servers are.
 */
import { randomFraction } from '../../base/ids.ts';
import { isLoopback } from '../address-block.ts';
import type { Clock } from '../../base/clock.ts';
import { exchange, ExchangeError, type Question } from './exchange.ts';
import { interpret, type Reading } from './interpret.ts';
import { rcodes, type DnsMessage } from './message.ts';
import { DnsFormatError, encodeName } from './name.ts';
import { typeCodes } from './rdata.ts';
import type { RecordType } from './record.ts';
import type { Server, Servers } from './servers.ts';

export type NetworkFault = 'timeout' | 'servfail' | 'refused' | 'malformed' | 'network';

export type NetworkAnswer =
  | { readonly is: 'reading'; readonly reading: Reading; readonly authenticated: boolean }
  | { readonly is: 'failure'; readonly reason: NetworkFault; readonly detail: string };

export interface NetworkOptions {
  readonly clock: Clock;
  readonly servers: Servers;
  readonly tryTimeoutMs: number;
  /** Undefined: for servers that are not on this machine. */
  readonly mixedCase: boolean | undefined;
}

type Failure = Extract<NetworkAnswer, { is: 'failure' }>;

const roundsMax = 3;
/** While no server answers at all, each is asked once and not waited for longer: whoever asks has others waiting behind it. */
const silentTimeoutMs = 1000;
/** Less time than this is not worth a question. */
const tryMinMs = 50;

/** `deadlineMs` is a monotonic time. Never rejects. */
export async function askNetwork(
  name: string,
  type: RecordType,
  deadlineMs: number,
  options: NetworkOptions,
): Promise<NetworkAnswer> {
  const { clock, servers, tryTimeoutMs } = options;
  let last: Failure = { is: 'failure', reason: 'timeout', detail: 'no time left' };
  let asked = servers.inOrder();
  const silent = servers.allSilent;
  const longestMs = silent ? silentTimeoutMs : Number.POSITIVE_INFINITY;
  for (let round = 0; round < (silent ? 1 : roundsMax) && asked.length > 0; round++) {
    const again: Server[] = [];
    for (const server of asked) {
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs < tryMinMs) return last;
      const answer = await askServer(
        server,
        name,
        type,
        Math.min(tryTimeoutMs * 2 ** round, leftMs, longestMs),
        options,
      );
      if (answer.is === 'reading') return answer;
      if (answer.reason === 'timeout') again.push(server);
      last = { ...answer, detail: `${answer.detail} (${server.ip})` };
    }
    asked = again;
  }
  return last;
}

async function askServer(
  server: Server,
  name: string,
  type: RecordType,
  timeoutMs: number,
  { clock, servers, mixedCase = !isLoopback(server.ip) }: NetworkOptions,
): Promise<NetworkAnswer> {
  const mixed = mixedCase && servers.keepsCase(server);
  const limits = { clock, timeoutMs, onOtherCase: () => servers.noteOtherCase(server) };
  const question: Question = {
    type: typeCodes[type],
    wireName: encodeName(mixed ? inMixedCase(name) : name)!,
    exactCase: mixed,
    edns: true,
    wantAuthenticated: server.trusted,
  };
  try {
    let message = await exchange(server, question, limits);
    // An old server or middlebox that does not know EDNS says so, or calls the question malformed (RFC 6891, 7).
    if (message.rcode === rcodes.formatError || message.rcode === rcodes.notImplemented) {
      message = await exchange(server, { ...question, edns: false }, limits);
    }
    servers.noteAnswer(server);
    return judge(message, name, type, server);
  } catch (error) {
    if (error instanceof ExchangeError) {
      if (error.reason !== 'malformed') servers.noteSilent(server);
      return { is: 'failure', reason: error.reason, detail: error.message };
    }
    if (error instanceof DnsFormatError) return { is: 'failure', reason: 'malformed', detail: error.message };
    throw error;
  }
}

function judge(message: DnsMessage, name: string, type: RecordType, server: Server): NetworkAnswer {
  const { rcode } = message;
  const detail = message.extendedError === '' ? '' : `: ${message.extendedError}`;
  if (rcode === rcodes.refused) return { is: 'failure', reason: 'refused', detail: `REFUSED${detail}` };
  if (rcode === rcodes.formatError || rcode === rcodes.notImplemented) {
    return {
      is: 'failure',
      reason: 'malformed',
      detail: `the server does not understand the question${detail}`,
    };
  }
  if (rcode !== rcodes.noError && rcode !== rcodes.nameError) {
    const code = rcode === rcodes.serverFailure ? 'SERVFAIL' : `RCODE ${rcode}`;
    return { is: 'failure', reason: 'servfail', detail: `${code}${detail}` };
  }
  if (!message.recursionAvailable && !message.authoritative && message.answers.length === 0) {
    return { is: 'failure', reason: 'refused', detail: 'the server does not resolve names for us' };
  }
  const reading = interpret(message, name, type);
  return { is: 'reading', reading, authenticated: server.trusted && message.authenticated };
}

function inMixedCase(name: string): string {
  return name.replace(/[a-z]/g, (letter) => (randomFraction() < 0.5 ? letter : letter.toUpperCase()));
}
