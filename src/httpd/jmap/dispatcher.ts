/** Runs the method calls of one request, one after another (RFC 8620, 3.10), and puts what goes wrong into method-level errors. */
import { Refusal } from '../../base/refusal.ts';
import { invalidArguments, MethodError } from '../../proto/jmap/method-error.ts';
import {
  type Arguments,
  type Invocation,
  type Request,
  resolveReferences,
} from '../../proto/jmap/request.ts';
import type { Log } from '../../base/log.ts';
import type { JmapAccess } from './access.ts';
import {
  type Capability,
  type Context,
  isImplied,
  type JmapAccount,
  type JmapUser,
  type Method,
} from './method.ts';
import { methodErrorOf } from './refusals.ts';

interface Known {
  readonly uri: string;
  readonly method: Method;
}

export class Dispatcher {
  readonly #access: JmapAccess;
  readonly #log: Log;
  readonly #methods = new Map<string, Known[]>();
  readonly #uris: ReadonlySet<string>;

  constructor(access: JmapAccess, log: Log, capabilities: readonly Capability[]) {
    this.#access = access;
    this.#log = log;
    this.#uris = new Set(capabilities.map(({ uri }) => uri));
    for (const { uri, methods } of capabilities)
      for (const [name, method] of Object.entries(methods)) {
        const known = this.#methods.get(name) ?? [];
        known.push({ uri, method });
        this.#methods.set(name, known);
      }
  }

  /** The first of the names that is no capability of ours. */
  unknown(using: readonly string[]): string | undefined {
    return using.find((uri) => !this.#uris.has(uri));
  }

  async run(
    request: Request,
    user: JmapUser,
  ): Promise<{ responses: Invocation[]; createdIds: Map<string, string> }> {
    const responses: Invocation[] = [];
    const createdIds = new Map(Object.entries(request.createdIds ?? {}));
    const using = new Set(request.using);
    const run = new Run(this, this.#access, { user, using, createdIds });
    for (const [name, args, callId] of request.methodCalls) {
      const answered = await this.#answer(run, name, callId, () => resolveReferences(args, responses));
      for (const each of answered) responses.push(each);
    }
    return { responses, createdIds };
  }

  method(name: string, using: ReadonlySet<string>): Method {
    const known = this.#methods.get(name)?.find(({ uri }) => using.has(uri));
    if (known === undefined) throw new MethodError('unknownMethod');
    return known.method;
  }

  async #answer(run: Run, name: string, callId: string, args: () => Arguments): Promise<Invocation[]> {
    try {
      return await run.call(name, callId, args);
    } catch (error) {
      return [['error', this.#errorOf(name, error), callId]];
    }
  }

  #errorOf(name: string, error: unknown): Arguments {
    if (error instanceof MethodError) return error.answer;
    if (error instanceof Refusal) return methodErrorOf(error).answer;
    this.#log.error(
      { method: name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'a JMAP method failed',
    );
    return new MethodError('serverFail', 'something went wrong here').answer;
  }
}

type Of = Pick<Context, 'user' | 'using' | 'createdIds'>;

/** One request under way. */
class Run {
  readonly #dispatcher: Dispatcher;
  readonly #access: JmapAccess;
  readonly #of: Of;
  #accounts: Promise<readonly JmapAccount[]> | undefined;

  constructor(dispatcher: Dispatcher, access: JmapAccess, of: Of) {
    this.#dispatcher = dispatcher;
    this.#access = access;
    this.#of = of;
  }

  async call(name: string, callId: string, args: () => Arguments): Promise<Invocation[]> {
    const method = this.#dispatcher.method(name, this.#of.using);
    const answered = await method(args(), this.#context(callId));
    if (isImplied(answered)) return [[name, answered.answer, callId], ...answered.implied];
    return [[name, answered, callId]];
  }

  #context(callId: string): Context {
    return {
      ...this.#of,
      callId,
      accounts: () => this.#all(),
      account: (args) => this.#account(args),
      invoke: (name, args) => this.call(name, callId, () => args),
    };
  }

  #all(): Promise<readonly JmapAccount[]> {
    return (this.#accounts ??= this.#access.accounts(this.#of.user));
  }

  async #account({ accountId }: Arguments): Promise<JmapAccount> {
    if (typeof accountId !== 'string') throw invalidArguments('accountId is an Id');
    const found = await this.#access.account(this.#of.user, accountId);
    if (found === undefined) throw new MethodError('accountNotFound');
    return found;
  }
}
