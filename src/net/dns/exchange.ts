/**
 * One question to one server: over UDP from a socket of its own (so from a random port, RFC 5452, 9.2), over TCP when the answer does not fit.
 *
 * A datagram that does not match the question (id, name, type, class) is not an answer: it is ignored and waiting goes on. The socket is
 * connected, so the kernel drops what comes from anywhere else, and a closed port is known at once.
 *
 * Where the question is in mixed case (draft-vixie-dnsext-dns0x20), an answer that repeats it in another is a guess of somebody's, or of a server that does
 * not repeat names as they were written: it is not believed, and the question goes over TCP, where nobody can guess.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { randomInt } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { decodeMessage, encodeQuery, rcodes, type DnsMessage } from './message.ts';
import { decodeName, DnsFormatError } from './name.ts';

export interface Question {
  readonly type: number;
  /** Wire form; a datagram must repeat it byte for byte where `exactCase`. */
  readonly wireName: Buffer;
  readonly exactCase: boolean;
  readonly edns: boolean;
  readonly wantAuthenticated: boolean;
}

export interface Target {
  readonly ip: string;
  readonly port: number;
}

export interface ExchangeLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly reason: 'timeout' | 'network' | 'malformed';

  constructor(reason: 'timeout' | 'network' | 'malformed', detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** A datagram that answers the question save for the case of its name. */
type OtherCase = 'otherCase';

/** The server's response to this question, whatever its code. Rejects with an ExchangeError. `onOtherCase` hears of an answer that was not believed. */
export async function exchange(
  target: Target,
  question: Question,
  limits: ExchangeLimits & { readonly onOtherCase: () => void },
): Promise<DnsMessage> {
  const startedMs = limits.clock.monotonicMs();
  const first = await overUdp(target, question, limits);
  if (first === 'otherCase') limits.onOtherCase();
  else if (!first.truncated) return first;
  const leftMs = limits.timeoutMs - (limits.clock.monotonicMs() - startedMs);
  return overTcp(
    target,
    { ...question, exactCase: false },
    {
      clock: limits.clock,
      timeoutMs: Math.max(leftMs, limits.timeoutMs / 2),
    },
  );
}

function overUdp(
  target: Target,
  question: Question,
  { clock, timeoutMs }: ExchangeLimits,
): Promise<DnsMessage | OtherCase> {
  const { promise, resolve, reject } = Promise.withResolvers<DnsMessage | OtherCase>();
  const id = randomInt(65_536);
  const socket = udpSocket(target);
  const timer = clock.after(timeoutMs, () => reject(new ExchangeError('timeout', 'no answer in time')));
  const failed = (error: NodeJS.ErrnoException): void => {
    reject(new ExchangeError('network', error.code ?? error.message));
  };
  socket.on('error', failed);
  socket.on('message', (bytes) => {
    const verdict = read(bytes, id, question);
    if (verdict instanceof ExchangeError) reject(verdict);
    else if (verdict !== undefined) resolve(verdict);
  });
  // Node.js hands the callback an error (no route, no descriptor left) that its types do not know.
  const connected = (failure?: NodeJS.ErrnoException): void => {
    if (failure) return failed(failure);
    socket.send(encodeQuery({ id, name: question.wireName, ...question }), (error) => {
      if (error) failed(error);
    });
  };
  socket.connect(target.port, target.ip, connected);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    socket.close();
  });
}

/** The address is literal already: without this, dgram would ask the system's resolver about it. */
function udpSocket(target: Target): UdpSocket {
  const family = isIP(target.ip) === 6 ? 6 : 4;
  return createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (host, _options, done) => done(null, host, family),
  });
}

function overTcp(
  target: Target,
  question: Question,
  { clock, timeoutMs }: ExchangeLimits,
): Promise<DnsMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<DnsMessage>();
  const id = randomInt(65_536);
  const query = encodeQuery({ id, name: question.wireName, ...question });
  const socket = connect({ host: target.ip, port: target.port });
  const timer = clock.after(timeoutMs, () =>
    reject(new ExchangeError('timeout', 'no answer over TCP in time')),
  );
  let seen: Buffer = Buffer.alloc(0);
  socket.on('connect', () => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
  socket.on('data', (chunk: Buffer) => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const size = seen.length < 2 ? Infinity : 2 + seen.readUInt16BE(0);
    if (seen.length < size) return;
    const verdict = read(seen.subarray(2, size), id, question);
    if (verdict instanceof ExchangeError) reject(verdict);
    else if (verdict === undefined || verdict === 'otherCase')
      reject(new ExchangeError('malformed', 'answer to another question'));
    else resolve(verdict);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reject(new ExchangeError('network', error.code ?? error.message));
  });
  socket.on('close', () => reject(new ExchangeError('network', 'closed without an answer')));
  return promise.finally(() => {
    timer[Symbol.dispose]();
    socket.destroy();
  });
}

/** The answer, or undefined when these bytes are not one, or the error when they are ours and unreadable. */
function read(
  bytes: Buffer,
  id: number,
  question: Question,
): DnsMessage | OtherCase | ExchangeError | undefined {
  if (bytes.length < 2 || bytes.readUInt16BE(0) !== id) return undefined;
  try {
    const message = decodeMessage(bytes);
    if (!answers(message, question)) return undefined;
    const { rawName = question.wireName } = message.question ?? {};
    return question.exactCase && !rawName.equals(question.wireName) ? 'otherCase' : message;
  } catch (error) {
    if (error instanceof DnsFormatError) return new ExchangeError('malformed', error.message);
    throw error;
  }
}

function answers(message: DnsMessage, question: Question): boolean {
  if (!message.isResponse || message.opcode !== 0) return false;
  const asked = message.question;
  // A server that could not read the question may leave it out of its complaint.
  if (asked === undefined)
    return message.rcode === rcodes.formatError || message.rcode === rcodes.notImplemented;
  if (asked.type !== question.type || asked.class !== 1) return false;
  return asked.name === decodeName(question.wireName, 0).name;
}
