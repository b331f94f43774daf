/**
 * What is said to a server through which a connection leaves, before the connection is anybody's: SOCKS5 (RFC 1928, login by RFC 1929), or a header of
 * the PROXY protocol v2, by which HAProxy is told from where to connect and where to.
 *
 * Not one byte of what comes behind is lost: what is read too much goes back into the socket.
 */
import { isIPv6, type Socket } from 'node:net';
import { parseAddress } from '../address-block.ts';

export interface ProxyTarget {
  readonly ip: string;
  readonly port: number;
  /** HAProxy only: the address to connect from. */
  readonly from?: string;
}

export interface ProxyLogin {
  readonly username: string;
  readonly password: string;
}

/** Why a proxy did not connect: as the errors of the system. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Longest answer: version, reply, reserved, type, a name of 255 bytes with its length, port. */
const answerMaxBytes = 4 + 256 + 2;

export async function askSocks(
  socket: Socket,
  target: ProxyTarget,
  login: ProxyLogin | undefined,
): Promise<void> {
  const reader = new Reader(socket);
  try {
    socket.write(login ? Buffer.of(5, 2, 0, 2) : Buffer.of(5, 1, 0));
    const [version, method] = await reader.take(2);
    if (version !== 5) throw new ProxyError('EPROTO', 'the proxy does not speak SOCKS5');
    if (method === 2 && login) await logIn(socket, reader, login);
    else if (method !== 0) throw new ProxyError('EACCES', 'the proxy wants another way to log in');
    socket.write(request(target));
    const [, reply, , type] = await reader.take(4);
    if (reply !== 0) throw refused(reply!);
    const length = type === 1 ? 4 : type === 4 ? 16 : (await reader.take(1))[0]!;
    await reader.take(length + 2);
  } finally {
    reader.end();
  }
}

async function logIn(socket: Socket, reader: Reader, { username, password }: ProxyLogin): Promise<void> {
  const user = Buffer.from(username);
  const secret = Buffer.from(password);
  socket.write(Buffer.concat([Buffer.of(1, user.length), user, Buffer.of(secret.length), secret]));
  const [, status] = await reader.take(2);
  if (status !== 0) throw new ProxyError('EACCES', 'the proxy refuses the login');
}

function request({ ip, port }: ProxyTarget): Buffer {
  const head = Buffer.of(5, 1, 0, isIPv6(ip) ? 4 : 1);
  return Buffer.concat([head, addressBytes(ip), Buffer.of(port >> 8, port & 255)]);
}

/** RFC 1928, 6. */
const replies: Readonly<Record<number, readonly [code: string, what: string]>> = {
  2: ['EACCES', 'the rules of the proxy forbid it'],
  3: ['ENETUNREACH', 'no way to the network'],
  4: ['EHOSTUNREACH', 'no way to the host'],
  5: ['ECONNREFUSED', 'connection refused'],
  6: ['ETIMEDOUT', 'no answer'],
};

function refused(reply: number): ProxyError {
  const [code, what] = replies[reply] ?? ['EPROXY', `the proxy says ${reply}`];
  return new ProxyError(code, what);
}

/** In network order. A text that is no address never comes so far. */
function addressBytes(ip: string): Buffer {
  const six = isIPv6(ip);
  const { bits = 0n } = parseAddress(ip) ?? {};
  return Buffer.from(bits.toString(16).padStart(six ? 32 : 8, '0'), 'hex');
}

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);

/** Header of the PROXY protocol, version 2: who connects to whom. */
export function proxyHeader({ ip, port, from }: ProxyTarget): Buffer {
  const six = isIPv6(ip);
  const source = from ?? (six ? '::' : '0.0.0.0');
  const addresses = Buffer.concat([
    addressBytes(source),
    addressBytes(ip),
    Buffer.of(0, 0, port >> 8, port & 255),
  ]);
  const head = Buffer.of(0x21, six ? 0x21 : 0x11, addresses.length >> 8, addresses.length & 255);
  return Buffer.concat([signature, head, addresses]);
}

/** Reads so many bytes; the rest goes back. */
class Reader {
  readonly #socket: Socket;
  #held: Buffer = Buffer.alloc(0);
  #wanted = 0;
  #waiting: PromiseWithResolvers<Buffer> | undefined;
  /** By `readable`, so that the socket is left as if nobody had read from it: whoever listens for data next starts it. */
  readonly #onReadable = (): void => {
    for (let chunk = this.#read(); chunk !== null; chunk = this.#read())
      this.#held = Buffer.concat([this.#held, chunk]);
    this.#give();
  };
  readonly #onClose = (): void => this.#waiting?.reject(new ProxyError('ECONNRESET', 'the proxy hung up'));

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('readable', this.#onReadable);
    socket.once('close', this.#onClose);
    socket.once('end', this.#onClose);
  }

  take(bytes: number): Promise<Buffer> {
    this.#wanted = Math.min(bytes, answerMaxBytes);
    this.#waiting = Promise.withResolvers<Buffer>();
    const { promise } = this.#waiting;
    this.#give();
    return promise;
  }

  end(): void {
    this.#socket.off('readable', this.#onReadable);
    this.#socket.off('close', this.#onClose);
    this.#socket.off('end', this.#onClose);
    if (this.#held.length > 0) this.#socket.unshift(this.#held);
  }

  #read(): Buffer | null {
    return this.#socket.read() as Buffer | null;
  }

  #give(): void {
    if (!this.#waiting || this.#held.length < this.#wanted) return;
    const taken = this.#held.subarray(0, this.#wanted);
    this.#held = this.#held.subarray(this.#wanted);
    this.#waiting.resolve(taken);
    this.#waiting = undefined;
  }
}
