/**
 * Whether this machine can reach mail servers at all: many providers close port 25 on the way out (OP25B), and mail then waits in vain.
 *
 * Servers that are known to be there are tried, one after another until one greets. That nobody answers means a closed port only when
 * something else does: without any network all is silent.
 */
import type { Clock } from '../base/clock.ts';
import { dial, DialError, type DialFault } from '../net/dialer.ts';
import type { Connection } from '../net/connection.ts';
import type { Resolver } from '../net/resolver.ts';

export interface Port25Parts {
  readonly clock: Clock;
  readonly resolver: Pick<Resolver, 'a' | 'aaaa'>;
  /** 25 but in tests. */
  readonly port: number;
  /** Hosts of others that are known to take mail. */
  readonly hosts: readonly string[];
  readonly localAddresses: readonly string[];
  readonly timeoutMs: number;
  /** Another port of the same hosts, by which a network that is there shows itself: it answers, be it with a refusal. */
  readonly controlPort: number;
}

export interface Port25Try {
  readonly host: string;
  readonly ip: string;
  /** `greeted`, or why not. */
  readonly came: 'greeted' | 'odd' | DialFault;
  /** The greeting, or what came in its place. */
  readonly said: string;
}

export type Port25Verdict =
  /** Another than the host itself may greet: some networks put a server of their own in between. */
  | { readonly is: 'open'; readonly tries: readonly Port25Try[] }
  | { readonly is: 'closed'; readonly tries: readonly Port25Try[] }
  /** Nothing could be found out: no name was found, or no network is there. */
  | {
      readonly is: 'unknown';
      readonly why: 'noNames' | 'noNetwork' | 'nothingToTry';
      readonly tries: readonly Port25Try[];
    };

export async function probePort25(parts: Port25Parts): Promise<Port25Verdict> {
  if (parts.hosts.length === 0) return { is: 'unknown', why: 'nothingToTry', tries: [] };
  const tries: Port25Try[] = [];
  for (const host of parts.hosts) {
    const ip = await addressOf(parts, host);
    if (ip === undefined) continue;
    tries.push(await tryOne(parts, host, ip));
    if (tries.at(-1)!.came === 'greeted') return { is: 'open', tries };
  }
  if (tries.length === 0) return { is: 'unknown', why: 'noNames', tries };
  for (const { ip } of tries) if (await answersElsewhere(parts, ip)) return { is: 'closed', tries };
  return { is: 'unknown', why: 'noNetwork', tries };
}

/** IPv4, which nobody is without, before IPv6. */
async function addressOf({ resolver }: Port25Parts, host: string): Promise<string | undefined> {
  const [a, aaaa] = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
  const found = [a, aaaa].flatMap((answer) => (answer.is === 'records' ? answer.records : []));
  return found[0];
}

async function tryOne(parts: Port25Parts, host: string, ip: string): Promise<Port25Try> {
  let connection: Connection;
  try {
    connection = await connect(parts, ip, parts.port);
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    return { host, ip, came: error.reason, said: error.code };
  }
  const said = await firstLine(connection, parts);
  connection.destroy('probed');
  return { host, ip, came: /^220[ -]/.test(said) ? 'greeted' : 'odd', said };
}

/** A refusal, too, comes from somebody. */
async function answersElsewhere(parts: Port25Parts, ip: string): Promise<boolean> {
  try {
    const connection = await connect(parts, ip, parts.controlPort);
    connection.destroy('probed');
    return true;
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    return error.reason === 'refused' || error.reason === 'reset';
  }
}

function connect(
  { clock, timeoutMs, localAddresses }: Port25Parts,
  ip: string,
  port: number,
): Promise<Connection> {
  const localAddress = localAddresses.find((own) => own.includes(':') === ip.includes(':'));
  return dial({ ip, port, clock, timeoutMs, ...(localAddress === undefined ? {} : { localAddress }) });
}

/** At most so much of a greeting is looked at. */
const greetingMax = 512;

function firstLine(connection: Connection, { clock, timeoutMs }: Port25Parts): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const end = (): void => {
      timer[Symbol.dispose]();
      resolve(heard.split(/\r?\n/)[0]!.replaceAll(/[^ -~]/g, '?'));
    };
    const timer = clock.after(timeoutMs, end);
    connection.onData((chunk) => {
      heard = (heard + chunk.toString('latin1')).slice(0, greetingMax);
      if (heard.includes('\n') || heard.length === greetingMax) end();
    });
    connection.onClose(end);
  });
}
