/** Asks a time server what time it is (RFC 5905, 14: SNTP), to tell how far our clock is off. */
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';

export interface TimeServer {
  readonly ip: string;
  /** Default 123. */
  readonly port?: number;
}

const packetBytes = 48;
/** Version 4, client. */
const firstByte = 0x23;
const serverMode = 4;
const ntpPort = 123;
/** From 1900 to 1970. */
const epochSeconds = 2_208_988_800;
const originAt = 24;
const receivedAt = 32;
const sentAt = 40;

/** How far the server's clock is ahead of ours, in milliseconds; undefined when it does not answer properly in time. */
export function clockOffset(
  { ip, port = ntpPort }: TimeServer,
  clock: Clock,
  timeoutMs: number,
): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const family = isIP(ip) === 6 ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (host, _options, done) => done(null, host, family),
  });
  const query = Buffer.alloc(packetBytes);
  query[0] = firstByte;
  const startedMs = clock.nowMs();
  writeTime(query, sentAt, startedMs);
  const timer = clock.after(timeoutMs, () => resolve(undefined));
  socket.on('error', () => resolve(undefined));
  socket.on('message', (answer) => {
    const offset = offsetIn(answer, query, clock.nowMs(), startedMs);
    if (offset !== undefined) resolve(offset);
  });
  // Node.js hands the callback an error (no route, say) that its types do not know.
  const connected = (failure?: Error): void => {
    if (failure) resolve(undefined);
    else socket.send(query, () => undefined);
  };
  socket.connect(port, ip, connected);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    socket.close();
  });
}

/** Half of how much later both ends say it is than ours do. An answer that does not repeat our time is not one to us. */
function offsetIn(answer: Buffer, query: Buffer, endedMs: number, startedMs: number): number | undefined {
  if (answer.length < packetBytes || (answer[0]! & 7) !== serverMode) return undefined;
  const stratum = answer[1]!;
  // 0 is "go away", 16 and above "I do not know the time myself".
  if (stratum === 0 || stratum > 15) return undefined;
  if (!answer.subarray(originAt, originAt + 8).equals(query.subarray(sentAt, sentAt + 8))) return undefined;
  return (readTime(answer, receivedAt) - startedMs + (readTime(answer, sentAt) - endedMs)) / 2;
}

export function writeTime(packet: Buffer, at: number, ms: number): void {
  packet.writeUInt32BE((Math.floor(ms / 1000) + epochSeconds) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32), at + 4);
}

/** The seconds of an era: the first ends in 2036, so small numbers are of the second (RFC 5905, 6). */
function readTime(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at);
  const whole = (seconds < 2 ** 31 ? seconds + 2 ** 32 : seconds) - epochSeconds;
  return whole * 1000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}
