/**
 * A small authoritative DNS server on the loopback interface, for tests of whatever asks DNS: canned records with correct negative answers, and
 * on request every way in which servers misbehave. Answers over UDP and TCP on one port.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { systemClock, type Clock } from '../base/clock.ts';
import { encodeMessage, type AnswerRecord } from './dns/encode-message.ts';
import { decodeMessage, type DnsMessage } from './dns/message.ts';
import { typeCodes } from './dns/rdata.ts';
import { parseRecord } from './dns/record-text.ts';
import type { DnsServer, RecordType } from './resolver.ts';
import { createZone, type Zone, type ZoneRecord } from './zone.ts';

/** What to do instead of answering from the records. Everything given applies at once. */
export interface Misbehaviour {
  /** Do not answer, over UDP (a number: only that many times). */
  readonly drop?: boolean | number;
  readonly delayMs?: number;
  /** The response code: 1 FORMERR, 2 SERVFAIL, 4 NOTIMP, 5 REFUSED. */
  readonly rcode?: number;
  /** An extended DNS error (RFC 8914). */
  readonly extendedError?: number;
  /** Over UDP, say that the answer did not fit. */
  readonly truncate?: boolean;
  /** Send datagrams that hold these records first, each of them no answer to this question in one way. */
  readonly forged?: readonly ZoneRecord[];
  /** These records in the answer section, whatever was asked: loops, strangers, cut-off chains. */
  readonly answers?: readonly ZoneRecord[];
  readonly authority?: readonly ZoneRecord[];
  /** These bytes behind the id. */
  readonly noise?: Uint8Array;
  /** Answer the question in lower case, as if names were not to be repeated as sent. */
  readonly lowerCase?: boolean;
  /** Close TCP connections without an answer. */
  readonly closeTcp?: boolean;
}

export interface Asked {
  readonly name: string;
  readonly type: RecordType;
  readonly over: 'udp' | 'tcp';
  readonly edns: boolean;
}

export interface DnsTestServer extends AsyncDisposable {
  /** To be given to `createResolver`. */
  readonly address: Required<DnsServer>;
  /** All questions so far, in order. */
  readonly asked: Asked[];
  /** Records served from now on; anything else below their apexes does not exist, anything outside is refused. */
  serve(records: readonly ZoneRecord[]): void;
  /** Misbehave for a name (and type; all by default) from now on; undefined to behave again. */
  misbehave(name: string, how: Misbehaviour | undefined, type?: RecordType): void;
  /** Set the AD bit in answers to those who asked for it. */
  authenticated: boolean;
}

/** The minimum of negative answers, in seconds. */
export const negativeTtl = 60;

/** A port that is free for UDP may be taken for TCP: then another one is tried. */
const portTries = 20;

/** On 127.0.0.1 at any port, or where `at` says: a zone has several servers at one port. */
export async function startDnsTestServer(
  records: readonly ZoneRecord[] = [],
  at?: { readonly ip: string; readonly port: number },
): Promise<DnsTestServer> {
  const [udp, tcp] = at === undefined ? await boundPair(portTries) : await boundAt(at.ip, at.port);
  const server = new CannedServer(udp, tcp, systemClock);
  server.serve(records);
  return server;
}

async function boundAt(ip: string, port: number): Promise<[UdpSocket, TcpServer]> {
  const udp = createSocket('udp4').bind(port, ip);
  await once(udp, 'listening');
  const tcp = createServer().listen(udp.address().port, ip);
  await once(tcp, 'listening');
  return [udp, tcp];
}

async function boundPair(triesLeft: number): Promise<[UdpSocket, TcpServer]> {
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const tcp = createServer().listen(udp.address().port, '127.0.0.1');
  try {
    await once(tcp, 'listening');
    return [udp, tcp];
  } catch (error) {
    udp.close();
    if (triesLeft <= 1) throw error;
    return boundPair(triesLeft - 1);
  }
}

class CannedServer implements DnsTestServer {
  readonly address: Required<DnsServer>;
  readonly asked: Asked[] = [];
  authenticated = false;
  readonly #udp: UdpSocket;
  readonly #tcp: TcpServer;
  readonly #clock: Clock;
  readonly #odd = new Map<string, Misbehaviour>();
  readonly #dropped = new Map<string, number>();
  #zone: Zone = createZone({ records: [] });

  constructor(udp: UdpSocket, tcp: TcpServer, clock: Clock) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.#clock = clock;
    const { address: ip, port } = tcp.address() as AddressInfo;
    this.address = { ip, port, trusted: false };
    udp.on('message', (bytes, from) => this.#overUdp(bytes, from));
    tcp.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        const replies = this.#respond(chunk.subarray(2), 'tcp');
        if (replies === 'close') socket.destroy();
        else for (const reply of replies) socket.write(withLength(reply));
      });
    });
  }

  serve(records: readonly ZoneRecord[]): void {
    this.#zone = createZone({ records });
  }

  misbehave(name: string, how: Misbehaviour | undefined, type?: RecordType): void {
    const key = `${name} ${type ?? '*'}`;
    this.#dropped.delete(key);
    if (how === undefined) this.#odd.delete(key);
    else this.#odd.set(key, how);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#tcp.listening) return;
    this.#tcp.close();
    this.#udp.close();
  }

  #overUdp(bytes: Buffer, from: RemoteInfo): void {
    const replies = this.#respond(bytes, 'udp');
    if (replies === 'close') return;
    const delayMs = this.#oddityOf(decodeMessage(bytes)).how.delayMs ?? 0;
    const send = (): void => {
      for (const reply of replies) this.#udp.send(reply, from.port, from.address, () => undefined);
    };
    if (delayMs > 0) this.#clock.after(delayMs, send);
    else send();
  }

  #respond(bytes: Buffer, over: 'udp' | 'tcp'): readonly Buffer[] | 'close' {
    const query = decodeMessage(bytes);
    const { name, type, edns } = questionOf(query);
    this.asked.push({ name, type, over, edns });
    const { key, how } = this.#oddityOf(query);
    if (over === 'tcp' && how.closeTcp) return 'close';
    if (over === 'udp' && this.#drops(key, how.drop)) return [];
    if (how.noise) return [Buffer.concat([bytes.subarray(0, 2), how.noise])];
    const reply = this.#reply(query, how, over);
    return [...(how.forged ? forgeries(query, how.forged) : []), reply];
  }

  #reply(query: DnsMessage, how: Misbehaviour, over: 'udp' | 'tcp'): Buffer {
    const { name, type } = questionOf(query);
    const listed = this.#answersTo(name, type);
    const rcode = how.rcode ?? (how.answers ? 0 : listed.rcode);
    const truncated = over === 'udp' && how.truncate === true;
    const authentic = this.authenticated && (query.authenticated ? 0x20 : 0);
    return encodeMessage({
      query,
      lowerCase: how.lowerCase ?? false,
      flags: 0x8580 | (truncated ? 0x0200 : 0) | (authentic || 0) | rcode,
      answers: truncated || how.rcode ? [] : (how.answers?.map(toAnswer) ?? listed.answers),
      authority: truncated ? [] : (how.authority?.map(toAnswer) ?? (how.answers ? [] : listed.authority)),
      ...(how.extendedError === undefined ? {} : { extendedError: how.extendedError }),
    });
  }

  /** As a well-behaved server: the chain of CNAMEs as far as it is ours, and the SOA with what does not exist. */
  #answersTo(
    name: string,
    type: RecordType,
  ): { rcode: number; answers: AnswerRecord[]; authority: AnswerRecord[] } {
    const answers: AnswerRecord[] = [];
    let at = name;
    for (let hops = 0; hops < 20; hops++) {
      const found = this.#zone.find(at, type);
      if (found === undefined) return { rcode: answers.length > 0 ? 0 : 5, answers, authority: [] };
      if (found.is === 'records') {
        const own = found.records.map((record) => ({ name: at, type, record, ttl: found.ttl }));
        return { rcode: 0, answers: [...answers, ...own], authority: [] };
      }
      if (found.is !== 'alias') {
        const apex = this.#zone.apexes.find((one) => at === one || at.endsWith(`.${one}`)) ?? '.';
        const under = apex === '.' ? '' : `.${apex}`;
        const data = `ns${under} admin${under} 1 3600 600 86400 ${negativeTtl}`;
        const soa = toAnswer({ name: apex, type: 'SOA', data, ttl: 3600 });
        return { rcode: found.is === 'nxDomain' ? 3 : 0, answers, authority: [soa] };
      }
      answers.push({ name: at, type: 'CNAME', record: found.name, ttl: found.ttl });
      at = found.name;
    }
    return { rcode: 0, answers, authority: [] };
  }

  #oddityOf(query: DnsMessage): { key: string; how: Misbehaviour } {
    const { name, type } = questionOf(query);
    const key = this.#odd.has(`${name} ${type}`) ? `${name} ${type}` : `${name} *`;
    return { key, how: this.#odd.get(key) ?? {} };
  }

  #drops(key: string, drop: boolean | number | undefined): boolean {
    if (typeof drop !== 'number') return drop === true;
    const already = this.#dropped.get(key) ?? 0;
    this.#dropped.set(key, already + 1);
    return already < drop;
  }
}

/** Of another id, to another name, to another type, a question itself, and of another kind of message. */
function forgeries(query: DnsMessage, records: readonly ZoneRecord[]): Buffer[] {
  const { name, type } = query.question!;
  const answers = records.map(toAnswer);
  const forged = { query, flags: 0x8180, answers };
  return [
    encodeMessage({ ...forged, query: { ...query, id: query.id ^ 1 } }),
    encodeMessage({ ...forged, question: { name: `x.${name}`, type } }),
    encodeMessage({ ...forged, question: { name, type: type === 1 ? 28 : 1 } }),
    encodeMessage({ ...forged, flags: 0x0100 }),
    encodeMessage({ ...forged, flags: 0xa180 }),
  ];
}

function questionOf(query: DnsMessage): { name: string; type: RecordType; edns: boolean } {
  const asked = query.question!;
  const type = (Object.keys(typeCodes) as RecordType[]).find((one) => typeCodes[one] === asked.type) ?? 'A';
  return { name: asked.name, type, edns: query.bytes.readUInt16BE(10) > 0 };
}

function toAnswer({ name, type, data, ttl = 300 }: ZoneRecord): AnswerRecord {
  const record = parseRecord(type, data);
  if (record === undefined) throw new RangeError(`${name}: not ${type} data: ${data}`);
  return { name, type, record, ttl };
}

const withLength = (reply: Buffer): Buffer =>
  Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 255), reply]);
