/**
 * Remote control of a Mozilla program (the Marionette protocol, version 3): scripts that run inside it with all its rights.
 *
 * Each message is its length in octets, a colon, and JSON: `[0, id, command, parameters]`, answered by `[1, id, error, result]`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class Marionette implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #input = Buffer.alloc(0);
  #ids = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the program has ended'));
    });
  }

  /** Rejects while nobody listens there. */
  static async connect(port: number): Promise<Marionette> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const marionette = new Marionette(socket);
    await marionette.#command('WebDriver:NewSession', { capabilities: {} });
    await marionette.#command('Marionette:SetContext', { value: 'chrome' });
    await marionette.#command('WebDriver:SetTimeouts', { script: 30_000 });
    return marionette;
  }

  /** Runs the body of an asynchronous function inside the program; `args` are its arguments, its value comes back as JSON. */
  async run(body: string, ...args: readonly unknown[]): Promise<unknown> {
    const script = `
      const finish = arguments[arguments.length - 1];
      (async (...args) => { ${body} })(...[...arguments].slice(0, -1))
        .then((value) => finish({ value }), (error) => finish({ error: String(error) + '\\n' + error.stack }));`;
    const { value } = (await this.#command('WebDriver:ExecuteAsyncScript', {
      script,
      args,
      sandbox: 'system',
    })) as {
      value: { value?: unknown; error?: string };
    };
    if (value.error !== undefined) throw new Error(value.error);
    return value.value;
  }

  #command(name: string, parameters: object): Promise<unknown> {
    const id = ++this.#ids;
    const text = JSON.stringify([0, id, name, parameters]);
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    return answer.promise;
  }

  #hear(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    for (;;) {
      const colon = this.#input.indexOf(':');
      if (colon === -1) return;
      const end = colon + 1 + Number(this.#input.toString('latin1', 0, colon));
      if (this.#input.length < end) return;
      const message: unknown = JSON.parse(this.#input.toString('utf8', colon + 1, end));
      this.#input = this.#input.subarray(end);
      // The first one is a greeting.
      if (Array.isArray(message))
        this.#answer(message as [number, number, { message: string } | null, unknown]);
    }
  }

  #answer([, id, error, result]: [number, number, { message: string } | null, unknown]): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === null) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
