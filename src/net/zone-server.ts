/**
 * An authoritative name server for a zone of ours (zone.ts), over UDP and TCP on one port (RFC 1035, RFC 7766): for the sink and its thousands of domains.
 *
 * Only questions of class IN are answered, and only for names below the zone's apexes: all else is REFUSED. An answer that does not fit
 * is truncated and asked for again over TCP. What is no question is not answered at all.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeMessage, type AnswerRecord } from './dns/encode-message.ts';
import { decodeMessage, rcodes, type DnsMessage } from './dns/message.ts';
import { typeCodes } from './dns/rdata.ts';
import { parseRecord } from './dns/record-text.ts';
import type { RecordType } from './dns/record.ts';
import type { Endpoint } from './endpoint.ts';
import type { Zone } from './zone.ts';

export interface ZoneServer extends AsyncDisposable {
  readonly address: Endpoint;
  /** Questions so far. */
  readonly asked: number;
  serve(zone: Zone): void;
}

/** Without EDNS (RFC 1035, 4.2.1). */
const udpPlainBytes = 512;
/** With EDNS: what passes every path unfragmented. */
const udpEdnsBytes = 1232;
const aliasesMax = 8;
const tcpConnectionsMax = 1_000;
const tcpIdleMs = 10_000;
const negativeTtlSeconds = 60;
/** A port that is free for UDP may be taken for TCP: then another one is tried. */
const portTries = 20;
const typeOfCode = new Map<number, RecordType>(
  Object.entries(typeCodes).map(([type, code]) => [code, type as RecordType]),
);
const flags = { answer: 0x8400, recursionDesired: 0x0100, truncated: 0x0200 } as const;

/** Port 0 takes a free one. Rejects when the address cannot be bound. */
export async function startZoneServer(zone: Zone, { ip, port }: Endpoint): Promise<ZoneServer> {
  for (let tries = portTries; ; tries--) {
    try {
      const udp = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
      udp.bind(port, ip);
      await once(udp, 'listening');
      const tcp = createServer({ noDelay: true }).listen(udp.address().port, ip);
      await once(tcp, 'listening').catch((error: unknown) => {
        udp.close();
        throw error;
      });
      return new Running(udp, tcp, zone);
    } catch (error) {
      if (port !== 0 || tries === 0) throw error;
    }
  }
}

class Running implements ZoneServer {
  asked = 0;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #sockets = new Set<Socket>();
  #zone: Zone;

  constructor(udp: UdpSocket, tcp: Server, zone: Zone) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.#zone = zone;
    udp.on('message', (bytes, from) => {
      const answer = this.#answer(bytes, true);
      if (answer) udp.send(answer, from.port, from.address, () => undefined);
    });
    udp.on('error', () => undefined);
    tcp.maxConnections = tcpConnectionsMax;
    tcp.on('connection', (socket) => this.#converse(socket));
  }

  get address(): Endpoint {
    const { address, port } = this.#udp.address();
    return { ip: address, port };
  }

  serve(zone: Zone): void {
    this.#zone = zone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = Promise.all([once(this.#udp, 'close'), once(this.#tcp, 'close')]);
    this.#udp.close();
    this.#tcp.close();
    await closed;
  }

  /** Each message has its length in front (RFC 1035, 4.2.2). */
  #converse(socket: Socket): void {
    this.#sockets.add(socket);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    socket.setTimeout(tcpIdleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0);
        const answer = this.#answer(rest.subarray(2, end), false);
        rest = rest.subarray(end);
        if (answer) socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 255), answer]));
        else socket.destroy();
      }
    });
  }

  #answer(bytes: Buffer, overUdp: boolean): Buffer | undefined {
    const query = readQuery(bytes);
    if (query === undefined) return undefined;
    this.asked += 1;
    const found = this.#find(query);
    const common = {
      query,
      flags: flags.answer | (bytes[2]! & 1 ? flags.recursionDesired : 0) | found.rcode,
    };
    const whole = encodeMessage({ ...common, answers: found.answers, authority: found.authority });
    const sizeMax = query.bytes.readUInt16BE(10) > 0 ? udpEdnsBytes : udpPlainBytes;
    if (!overUdp || whole.length <= sizeMax) return whole;
    return encodeMessage({ ...common, flags: common.flags | flags.truncated, answers: [] });
  }

  #find(query: DnsMessage): { rcode: number; answers: AnswerRecord[]; authority: AnswerRecord[] } {
    const asked = query.question!;
    const answers: AnswerRecord[] = [];
    // A type we know nothing of has no records, where the name exists.
    const type = typeOfCode.get(asked.type) ?? 'CAA';
    let at = asked.name;
    for (let hops = 0; hops < aliasesMax; hops++) {
      const found = asked.class === 1 ? this.#zone.find(at, type) : undefined;
      if (found === undefined)
        return { rcode: answers.length > 0 ? rcodes.noError : rcodes.refused, answers, authority: [] };
      if (found.is === 'records') {
        for (const record of found.records) answers.push({ name: at, type, record, ttl: found.ttl });
        return { rcode: rcodes.noError, answers, authority: [] };
      }
      if (found.is !== 'alias') {
        const rcode = found.is === 'nxDomain' ? rcodes.nameError : rcodes.noError;
        return { rcode, answers, authority: [this.#authorityOf(at)] };
      }
      answers.push({ name: at, type: 'CNAME', record: found.name, ttl: found.ttl });
      at = found.name;
    }
    return { rcode: rcodes.serverFailure, answers: [], authority: [] };
  }

  /** The SOA that says how long there is nothing (RFC 2308). */
  #authorityOf(name: string): AnswerRecord {
    let apex = name;
    while (!this.#isApex(apex) && apex.includes('.')) apex = apex.slice(apex.indexOf('.') + 1);
    const record = parseRecord(
      'SOA',
      `ns.${apex} hostmaster.${apex} 1 3600 600 86400 ${negativeTtlSeconds}`,
    )!;
    return { name: apex, type: 'SOA', record, ttl: negativeTtlSeconds };
  }

  #isApex(name: string): boolean {
    this.#apexes ??= { of: this.#zone, names: new Set(this.#zone.apexes) };
    if (this.#apexes.of !== this.#zone) this.#apexes = { of: this.#zone, names: new Set(this.#zone.apexes) };
    return this.#apexes.names.has(name);
  }

  #apexes: { readonly of: Zone; readonly names: ReadonlySet<string> } | undefined;
}

function readQuery(bytes: Buffer): DnsMessage | undefined {
  try {
    const query = decodeMessage(bytes);
    return query.isResponse || query.opcode !== 0 || query.question === undefined ? undefined : query;
  } catch {
    return undefined;
  }
}
