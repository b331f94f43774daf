/**
 * The client of the send API. It needs `fetch` and nothing else.
 *
 *   const hikyaku = new Hikyaku({ baseUrl: 'https://mail.example', apiKey: process.env.HIKYAKU_KEY });
 *   const { id } = await hikyaku.send({ from: 'shop@shop.example', to: 'you@there.example', subject: 'Hello', text: 'Hello' });
 *   const { recipients } = await hikyaku.message(id);
 *
 * What can be tried again is: when nothing is heard, at 429 and at 5xx, after the time the server names or twice as long as the time before. Every mail carries an
 * idempotency key, so that trying again never sends it twice.
 */
import type {
  GetMessageAnswer,
  GetTemplateAnswer,
  ListMessagesAnswer,
  ListMessagesQuery,
  ListStreamsAnswer,
  ListTemplatesAnswer,
  PutStreamRequest,
  PutTemplateRequest,
  RenderTemplateAnswer,
  RenderTemplateRequest,
  SendBatchAnswer,
  SendBatchRequest,
  SendMessageAnswer,
  SendMessageAnswer200,
  SendMessageRequest,
} from './api-types.ts';
import { HikyakuError } from './problem.ts';

export type * from './api-types.ts';
export { HikyakuError } from './problem.ts';

export interface HikyakuOptions {
  /** Where the server is: `https://mail.example`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Of one try. Default 30 s. */
  readonly timeoutMs?: number;
  /** Tries besides the first. Default 4. */
  readonly retries?: number;
  /** Wait before the second try. Default 500 ms; it doubles with each. */
  readonly retryDelayMs?: number;
  /** For the operator's key: in which organisation. */
  readonly org?: string;
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** The same key is the same mail; a new one for each call unless given. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Call extends CallOptions {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

/** One mail. */
export type Mail = Exclude<SendMessageRequest, readonly unknown[]>;
export type Preview = Extract<SendMessageAnswer200, { readonly dryRun: true }>;

const retryDelayMaxMs = 30_000;

export class Hikyaku {
  readonly #options: HikyakuOptions;

  constructor(options: HikyakuOptions) {
    this.#options = options;
  }

  /** Sends a mail. It is durable when this resolves; `results` says of each recipient whether it gets it. */
  send(mail: Mail, options: CallOptions = {}): Promise<SendMessageAnswer> {
    return this.#call({ method: 'POST', path: '/messages', body: mail, ...keyed(options) });
  }

  /** What would be sent, and to whom; nothing is. */
  preview(mail: Mail, options: CallOptions = {}): Promise<Preview> {
    return this.#call({ ...options, method: 'POST', path: '/messages', query: { dryRun: true }, body: mail });
  }

  /** Up to 1,000 mails that have nothing in common, with a result for each. */
  sendAll(mails: readonly Mail[], options: CallOptions = {}): Promise<SendBatchAnswer> {
    return this.#call({ method: 'POST', path: '/messages', body: mails, ...keyed(options) });
  }

  /** Up to 1,000 mails, with a result for each. */
  sendBatch(batch: SendBatchRequest, options: CallOptions = {}): Promise<SendBatchAnswer> {
    return this.#call({ method: 'POST', path: '/batches', body: batch, ...keyed(options) });
  }

  /** What became of a mail. */
  message(
    id: string,
    options: CallOptions & { readonly language?: 'en' | 'ja' } = {},
  ): Promise<GetMessageAnswer> {
    const { language, ...rest } = options;
    return this.#call({
      ...rest,
      method: 'GET',
      path: `/messages/${encodeURIComponent(id)}`,
      query: { language },
    });
  }

  /** A page of what was sent, the newest first. */
  messages(query: ListMessagesQuery = {}, options: CallOptions = {}): Promise<ListMessagesAnswer> {
    return this.#call({ ...options, method: 'GET', path: '/messages', query: { ...query } });
  }

  /** All that was sent, the newest first, page by page. */
  async *everyMessage(query: ListMessagesQuery = {}): AsyncGenerator<ListMessagesAnswer['items'][number]> {
    for (let cursor = query.cursor; ; ) {
      const page: ListMessagesAnswer = await this.messages({ ...query, cursor });
      yield* page.items;
      if (page.next === undefined) return;
      cursor = page.next;
    }
  }

  /** Moves a mail that waits for its time. */
  reschedule(id: string, sendAt: Date | string, options: CallOptions = {}): Promise<GetMessageAnswer> {
    const body = { sendAt: typeof sendAt === 'string' ? sendAt : sendAt.toISOString() };
    return this.#call({ ...options, method: 'PATCH', path: `/messages/${encodeURIComponent(id)}`, body });
  }

  /** Takes back a mail that waits for its time. */
  cancel(id: string, options: CallOptions = {}): Promise<void> {
    return this.#call({ ...options, method: 'DELETE', path: `/messages/${encodeURIComponent(id)}` });
  }

  templates(options: CallOptions = {}): Promise<ListTemplatesAnswer> {
    return this.#call({ ...options, method: 'GET', path: '/templates' });
  }

  template(name: string, version?: number): Promise<GetTemplateAnswer> {
    return this.#call({ method: 'GET', path: `/templates/${encodeURIComponent(name)}`, query: { version } });
  }

  /** Makes a template, or a new version of it. */
  putTemplate(
    name: string,
    template: PutTemplateRequest,
    options: CallOptions = {},
  ): Promise<GetTemplateAnswer> {
    return this.#call({
      ...options,
      method: 'PUT',
      path: `/templates/${encodeURIComponent(name)}`,
      body: template,
    });
  }

  deleteTemplate(name: string, options: CallOptions = {}): Promise<void> {
    return this.#call({ ...options, method: 'DELETE', path: `/templates/${encodeURIComponent(name)}` });
  }

  /** What a template becomes with some data. */
  render(
    name: string,
    asked: RenderTemplateRequest,
    options: CallOptions = {},
  ): Promise<RenderTemplateAnswer> {
    return this.#call({
      ...options,
      method: 'POST',
      path: `/templates/${encodeURIComponent(name)}/render`,
      body: asked,
    });
  }

  streams(options: CallOptions = {}): Promise<ListStreamsAnswer> {
    return this.#call({ ...options, method: 'GET', path: '/streams' });
  }

  putStream(
    name: string,
    stream: PutStreamRequest,
    options: CallOptions = {},
  ): Promise<ListStreamsAnswer['items'][number]> {
    return this.#call({
      ...options,
      method: 'PUT',
      path: `/streams/${encodeURIComponent(name)}`,
      body: stream,
    });
  }

  async #call<T>(call: Call): Promise<T> {
    const { retries = 4, retryDelayMs = 500 } = this.#options;
    for (let tried = 0; ; tried++) {
      const response = await this.#try(call).catch((error: unknown) => {
        if (call.signal?.aborted || tried >= retries) throw error;
        return undefined;
      });
      if (response?.ok) return (await bodyOf(response)) as T;
      const error = response && (await HikyakuError.of(response));
      if (error && (tried >= retries || !error.retryable)) throw error;
      await wait(error?.retryAfterMs ?? jittered(retryDelayMs * 2 ** tried), call.signal);
    }
  }

  #try({ method, path, query = {}, body, idempotencyKey, signal }: Call): Promise<Response> {
    const { baseUrl, apiKey, org, timeoutMs = 30_000, fetch: fetched = fetch } = this.#options;
    const url = new URL(`${baseUrl.replace(/\/+$/, '')}/v1${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const within = AbortSignal.timeout(timeoutMs);
    return fetched(url, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(org !== undefined && { 'hikyaku-org': org }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, within]) : within,
      // A redirect would take the key along.
      redirect: 'error',
    });
  }
}

const keyed = (options: CallOptions): CallOptions => ({
  ...options,
  idempotencyKey: options.idempotencyKey ?? crypto.randomUUID(),
});

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

/** Between half of it and the whole. */
const jittered = (ms: number): number => Math.min(retryDelayMaxMs, ms) * (0.5 + Math.random() / 2);

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
