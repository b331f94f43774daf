/** JMAP over WebSocket (RFC 8887): requests and their answers, and pushes, on one connection. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AccountId } from '../../../base/ids.ts';
import { Refusal } from '../../../base/refusal.ts';
import { IJsonError, parseIJson } from '../../../proto/jmap/i-json.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import { readRequest } from '../../../proto/jmap/request.ts';
import type { App } from '../../admin-api/app.ts';
import type { HttpParts } from '../../parts.ts';
import { isUpgrade, takeUpgrade } from '../../upgrade.ts';
import type { JmapAccess } from '../access.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Capability, JmapUser } from '../method.ts';
import type { Sessions } from '../session.ts';
import { StateWatch } from './state-watch.ts';

const path = '/jmap/ws';
const protocol = 'jmap';
/** Connections that one account has open in this thread. */
const socketsMax = 30;
/** A connection that answers no ping for so long is dead; whoever is at its end is asked for again as often. */
const pingEveryMs = 60_000;
const problemPrefix = 'urn:ietf:params:jmap:error:';

/** Codes of RFC 6455, 7.4.1. */
const goingAway = 1001;
const unsupported = 1003;
const policy = 1008;

export interface SocketParts {
  readonly parts: HttpParts;
  readonly access: JmapAccess;
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly stopping: AbortSignal;
}

export function webSocket(): Capability {
  return {
    uri: 'urn:ietf:params:jmap:websocket',
    ofServer: async (base) => ({ url: `${base.replace(/^http/, 'ws')}${path}`, supportsPush: true }),
    methods: {},
  };
}

export function webSocketRoute(app: App, of: SocketParts): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.maxSizeRequest,
    handleProtocols: (asked) => (asked.has(protocol) ? protocol : false),
  });
  const open = new Map<AccountId, Set<Conversation>>();
  app.get(path, { schema: { hide: true } }, async (request, reply) => {
    const user = await of.access.user(request);
    if (!isUpgrade(request.raw)) return reply.code(426).header('upgrade', 'websocket').send();
    const asked = (request.headers['sec-websocket-protocol'] ?? '').split(',');
    if (!asked.some((each) => each.trim() === protocol))
      throw new Refusal('invalid', `the subprotocol is ${protocol}`, { at: 'Sec-WebSocket-Protocol' });
    const mine = open.get(user.account) ?? new Set();
    if (mine.size >= socketsMax) throw new Refusal('rateLimited', `more than ${socketsMax} connections`);
    open.set(user.account, mine);
    return upgrade(request, reply, (socket) => {
      const conversation = new Conversation(of, { user, socket, request });
      mine.add(conversation);
      socket.on('close', () => {
        mine.delete(conversation);
        if (mine.size === 0 && open.get(user.account) === mine) open.delete(user.account);
      });
    });
  });
  of.stopping.addEventListener('abort', () => {
    for (const each of [...open.values()].flatMap((set) => [...set]))
      each.close(goingAway, 'the server stops');
  });

  function upgrade(
    request: FastifyRequest,
    reply: FastifyReply,
    then: (socket: WebSocket) => void,
  ): FastifyReply {
    reply.hijack();
    const taken = takeUpgrade(request.raw);
    if (taken !== undefined) server.handleUpgrade(request.raw, taken.socket, taken.head, then);
    return reply;
  }
}

interface Party {
  readonly user: JmapUser;
  readonly socket: WebSocket;
  readonly request: FastifyRequest;
}

class Conversation {
  readonly #of: SocketParts;
  readonly #party: Party;
  #running = 0;
  #watch: StateWatch | undefined;
  #isAlive = true;
  #enabling: Promise<void> | undefined;

  constructor(of: SocketParts, party: Party) {
    this.#of = of;
    this.#party = party;
    const { socket } = party;
    const pings = of.parts.clock.after(pingEveryMs, () => {
      void this.#ping();
      pings.restart();
    });
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('message', (data, isBinary) => this.#take(data as Buffer, isBinary));
    socket.on('error', (error) => of.parts.log.debug({ error }, 'a WebSocket failed'));
    socket.on('close', () => {
      pings[Symbol.dispose]();
      this.#watch?.[Symbol.dispose]();
    });
  }

  close(code: number, why: string): void {
    this.#party.socket.close(code, why);
  }

  async #ping(): Promise<void> {
    const { socket, request } = this.#party;
    if (!this.#isAlive) return socket.terminate();
    this.#isAlive = false;
    socket.ping();
    // A password that was changed, a key that was deleted, a session that has ended: none of them keeps a connection.
    try {
      await this.#of.access.user(request);
    } catch (error) {
      if (error instanceof Refusal && !error.reason.startsWith('storage'))
        this.close(policy, 'sign in again');
    }
    return undefined;
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (isBinary) return this.close(unsupported, 'text alone');
    this.#answer(data).catch((error: unknown) => {
      this.#of.parts.log.error({ error }, 'a message by WebSocket could not be answered');
      this.#refuse(undefined, { type: 'about:blank', status: 500, detail: 'something went wrong here' });
    });
    return undefined;
  }

  async #answer(data: Buffer): Promise<void> {
    let value: unknown;
    try {
      value = parseIJson(data);
    } catch (error) {
      if (!(error instanceof IJsonError)) throw error;
      return this.#refuse(undefined, { type: `${problemPrefix}notJSON`, status: 400, detail: error.message });
    }
    const message = isObject(value) ? value : {};
    const id = typeof message['id'] === 'string' ? message['id'] : undefined;
    switch (message['@type']) {
      case 'Request':
        // Whoever asks after enabling pushes misses none of what it then changes.
        await this.#enabling;
        return this.#request(value, id);
      case 'WebSocketPushEnable':
        this.#enabling = this.#enable(message, id);
        return this.#enabling;
      case 'WebSocketPushDisable':
        this.#watch?.[Symbol.dispose]();
        this.#watch = undefined;
        return undefined;
      default:
        return this.#refuse(id, { type: `${problemPrefix}notRequest`, status: 400, detail: 'no such @type' });
    }
  }

  async #request(value: unknown, id: string | undefined): Promise<void> {
    const { dispatcher, sessions } = this.#of;
    const { user } = this.#party;
    const refused = (type: string, detail: string, more: object = {}): void =>
      this.#refuse(id, { type: problemPrefix + type, status: 400, detail, ...more });
    const request = readRequest(value);
    if (request === undefined) return refused('notRequest', 'not a Request object');
    const unknown = dispatcher.unknown(request.using);
    if (unknown !== undefined) return refused('unknownCapability', unknown);
    const limit =
      request.methodCalls.length > limits.maxCallsInRequest
        ? 'maxCallsInRequest'
        : this.#running >= limits.maxConcurrentRequests
          ? 'maxConcurrentRequests'
          : undefined;
    if (limit !== undefined) return refused('limit', `more than ${limit} allows`, { limit });
    this.#running += 1;
    try {
      const { responses, createdIds } = await dispatcher.run(request, user);
      this.#send({
        '@type': 'Response',
        ...(id !== undefined && { requestId: id }),
        methodResponses: responses,
        ...(request.createdIds !== undefined && { createdIds: Object.fromEntries(createdIds) }),
        sessionState: await sessions.state(user),
      });
    } finally {
      this.#running -= 1;
    }
    return undefined;
  }

  /** Enabled again, it is for the types that are named now (RFC 8887, 4.3.5.2). */
  async #enable(
    { dataTypes = null, pushState = null }: Readonly<Record<string, unknown>>,
    id: string | undefined,
  ): Promise<void> {
    const fits =
      (dataTypes === null ||
        (Array.isArray(dataTypes) && dataTypes.every((each) => typeof each === 'string'))) &&
      (pushState === null || typeof pushState === 'string');
    if (!fits)
      return this.#refuse(id, {
        type: `${problemPrefix}notRequest`,
        status: 400,
        detail: 'dataTypes or pushState',
      });
    this.#watch?.[Symbol.dispose]();
    const { parts, access } = this.#of;
    const tell = (changed: object, word: string): void =>
      this.#send({ '@type': 'StateChange', changed, pushState: word });
    const watch = new StateWatch(parts, {
      access,
      user: this.#party.user,
      types: (dataTypes as readonly string[] | null) ?? undefined,
      log: parts.log,
      tell,
    });
    this.#watch = watch;
    const word = await watch.start();
    if (this.#watch !== watch) return watch[Symbol.dispose]();
    // What was missed since then.
    if (pushState !== null && pushState !== word) tell(watch.all(), word);
    return undefined;
  }

  #refuse(requestId: string | undefined, problem: object): void {
    this.#send({ '@type': 'RequestError', requestId: requestId ?? null, ...problem });
  }

  #send(message: object): void {
    const { socket } = this.#party;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }
}
