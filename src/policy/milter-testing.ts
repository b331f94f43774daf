/** For tests: a milter that answers what a test wants. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import type { ServiceAddress } from '../net/service-dial.ts';
import { packet, PacketReader, type Packet } from '../proto/milter/packet.ts';

export interface TestMilter extends AsyncDisposable {
  readonly address: ServiceAddress;
  /** All that it was told, as `kind data`, with `|` for NUL. Macros are left out. */
  readonly heard: string[];
  /** Macros by the command they came with. */
  readonly macros: Map<string, string>;
  connections(): number;
}

export interface TestMilterOptions {
  readonly actions?: number;
  readonly steps?: number;
  /** Packets that answer a command; the one for `E` without its last word of all. Otherwise: go on. */
  readonly answers?: Readonly<Record<string, (data: Buffer) => readonly Buffer[] | undefined>>;
  /** In place of the greeting. */
  readonly greeting?: Buffer;
  /** A command. */
  readonly hangsUpAt?: string;
}

export const goOn = packet('c');

export async function testMilter(options: TestMilterOptions = {}): Promise<TestMilter> {
  const heard: string[] = [];
  const macros = new Map<string, string>();
  const sockets = new Set<Socket>();
  let made = 0;
  const server = createServer((socket) => {
    made += 1;
    sockets.add(socket.on('error', () => undefined));
    const reader = new PacketReader();
    socket.on('data', (chunk: Buffer) => {
      for (const one of reader.push(chunk)) {
        if (one.kind === options.hangsUpAt) socket.end();
        else for (const bytes of answerTo(one, options, { heard, macros })) socket.write(bytes);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: { is: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    heard,
    macros,
    connections: () => made,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Commands whose answer the greeting may switch off. */
const silentBits: Readonly<Record<string, number>> = {
  L: 0x80,
  C: 0x1000,
  H: 0x2000,
  M: 0x4000,
  R: 0x8000,
  T: 0x10000,
  N: 0x40000,
  B: 0x80000,
};

function answerTo(
  { kind, data }: Packet,
  { actions = 0x1ff, steps = 0, answers = {}, greeting }: TestMilterOptions,
  { heard, macros }: Pick<TestMilter, 'heard' | 'macros'>,
): readonly Buffer[] {
  const text = data.toString('latin1').replaceAll('\0', '|');
  if (kind === 'D') {
    macros.set(text[0]!, text.slice(1));
    return [];
  }
  if (kind === 'O') return [greeting ?? packet('O', words(6, actions, steps))];
  heard.push(text === '' ? kind : `${kind} ${text}`);
  if (kind === 'Q' || kind === 'A' || kind === 'K') return [];
  const said = answers[kind]?.(data);
  if (said) return said;
  return (steps & (silentBits[kind] ?? 0)) === 0 ? [goOn] : [];
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
}

export const texts = (...parts: readonly string[]): Buffer =>
  Buffer.from(parts.map((part) => `${part}\0`).join(''), 'latin1');

export const addHeader = (name: string, value: string): Buffer => packet('h', texts(name, value));
export const insertHeader = (index: number, name: string, value: string): Buffer =>
  packet('i', Buffer.concat([words(index), texts(name, value)]));
export const changeHeader = (index: number, name: string, value: string): Buffer =>
  packet('m', Buffer.concat([words(index), texts(name, value)]));
