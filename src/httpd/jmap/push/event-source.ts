/** Push by an event stream (RFC 8620, 7.3). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccountId } from '../../../base/ids.ts';
import { Refusal } from '../../../base/refusal.ts';
import type { App } from '../../admin-api/app.ts';
import type { HttpParts } from '../../parts.ts';
import type { JmapAccess } from '../access.ts';
import type { JmapUser } from '../method.ts';
import { StateWatch } from './state-watch.ts';

/** Streams that one account has open in this thread. */
const streamsMax = 30;
/** Seconds between pings: what a client asks for is brought between these (RFC 8620, 7.3). */
const pingMin = 5;
const pingMax = 900;

interface Asked {
  readonly types: readonly string[] | undefined;
  readonly closeAfter: boolean;
  readonly pingSeconds: number;
}

interface StreamParts {
  readonly parts: HttpParts;
  readonly access: JmapAccess;
  /** Streams have no end of their own: they end with the server. */
  readonly stopping: AbortSignal;
}

export class EventStreams {
  readonly #parts: HttpParts;
  readonly #access: JmapAccess;
  readonly #open = new Map<AccountId, number>();
  readonly #stopping: AbortSignal;

  constructor({ parts, access, stopping }: StreamParts) {
    this.#parts = parts;
    this.#access = access;
    this.#stopping = stopping;
  }

  routes(app: App): void {
    app.get('/jmap/eventsource', { schema: { hide: true } }, (request, reply) => this.#serve(request, reply));
  }

  async #serve(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const user = await this.#access.user(request);
    const asked = readQuery(request.query as Readonly<Record<string, unknown>>);
    const open = this.#open.get(user.account) ?? 0;
    if (open >= streamsMax) throw new Refusal('rateLimited', `more than ${streamsMax} event streams`);
    this.#open.set(user.account, open + 1);
    try {
      await this.#stream(reply, { user, asked, lastId: String(request.headers['last-event-id'] ?? '') });
    } finally {
      const left = (this.#open.get(user.account) ?? 1) - 1;
      if (left === 0) this.#open.delete(user.account);
      else this.#open.set(user.account, left);
    }
  }

  async #stream(
    reply: FastifyReply,
    { user, asked, lastId }: { readonly user: JmapUser; readonly asked: Asked; readonly lastId: string },
  ): Promise<void> {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const { raw } = reply;
    const send = (changed: object, id: string): void => {
      const data = JSON.stringify({ '@type': 'StateChange', changed });
      raw.write(`id: ${id}\nevent: state\ndata: ${data}\n\n`);
      if (asked.closeAfter) end();
    };
    using watch = new StateWatch(this.#parts, {
      access: this.#access,
      user,
      types: asked.types,
      log: this.#parts.log,
      tell: send,
    });
    const word = await watch.start();
    reply.hijack();
    raw.on('close', end);
    const stop = (): void => end();
    this.#stopping.addEventListener('abort', stop);
    if (this.#stopping.aborted) end();
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.flushHeaders();
    // Who was away hears of what it missed.
    if (lastId !== '' && lastId !== word) send(watch.all(), word);
    using _ = this.#pings(asked.pingSeconds, raw);
    await over;
    this.#stopping.removeEventListener('abort', stop);
    raw.end();
  }

  #pings(seconds: number, raw: FastifyReply['raw']): Disposable {
    if (seconds === 0) return { [Symbol.dispose]: () => {} };
    const timer = this.#parts.clock.after(seconds * 1000, () => {
      raw.write(`event: ping\ndata: ${JSON.stringify({ interval: seconds })}\n\n`);
      timer.restart();
    });
    return timer;
  }
}

function readQuery(query: Readonly<Record<string, unknown>>): Asked {
  const { types = '*', closeafter = 'no', ping = '0' } = query;
  if (
    typeof types !== 'string' ||
    !/^(?:\*|[A-Za-z][A-Za-z0-9:._/-]*(?:,[A-Za-z][A-Za-z0-9:._/-]*)*)$/.test(types)
  )
    throw new Refusal('invalid', 'is `*` or a list of types', { at: 'types' });
  if (closeafter !== 'state' && closeafter !== 'no')
    throw new Refusal('invalid', 'is `state` or `no`', { at: 'closeafter' });
  if (typeof ping !== 'string' || !/^\d{1,9}$/.test(ping))
    throw new Refusal('invalid', 'is a number of seconds', { at: 'ping' });
  const seconds = Number(ping);
  return {
    types: types === '*' ? undefined : types.split(','),
    closeAfter: closeafter === 'state',
    pingSeconds: seconds === 0 ? 0 : Math.min(Math.max(seconds, pingMin), pingMax),
  };
}
