/**
 * The writer: gathers what the ports bring, commits it as one group, answers each port with one message. There is no timer: while a commit
 * waits for the disk the next operations gather in the ports, so groups grow with the load.
 */
import type { MessagePort } from 'node:worker_threads';
import { toImage, type ErrorImage } from '../core/error-image.ts';
import type { HintSet } from '../core/hints.ts';
import type { Answer, Call } from './commit.ts';
import type { Engine } from './engine.ts';
import { interestSlot, type Reply, type Request, type Serve } from './messages.ts';

/** Operations of one commit. More wait for the next, so that nobody waits long for a neighbour's work. */
const groupMax = 512;

class Client {
  readonly port: MessagePort;
  readonly interest: Int32Array;
  answers: Answer[] = [];

  constructor({ port, interest }: Serve) {
    this.port = port;
    this.interest = new Int32Array(interest);
  }
}

interface Waiting extends Call {
  readonly client: Client;
}

export class Writer {
  readonly #engine: Engine;
  readonly #clients = new Set<Client>();
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  serve(serve: Serve): void {
    const client = new Client(serve);
    this.#clients.add(client);
    client.port.on('message', (request: Request) => this.#take(client, request));
    client.port.on('close', () => this.#clients.delete(client));
  }

  #take(client: Client, { names, args }: Request): void {
    for (let i = 0; i < names.length; i++) this.#waiting.push({ client, name: names[i]!, args: args[i] });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const group = this.#waiting.length <= groupMax ? this.#waiting : this.#waiting.slice(0, groupMax);
    this.#waiting = this.#waiting.length <= groupMax ? [] : this.#waiting.slice(groupMax);
    if (this.#waiting.length > 0) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
    this.#commit(group);
  }

  #commit(group: readonly Waiting[]): void {
    const hints: HintSet = new Map();
    const answers = this.#engine.run(group, hints);
    for (let i = 0; i < group.length; i++) group[i]!.client.answers.push(answers[i]!);
    for (const client of this.#clients) {
      const told = hints.size === 0 ? undefined : hintsFor(client, hints);
      if (client.answers.length === 0 && !told) continue;
      reply(client.port, client.answers, told);
      client.answers = [];
    }
  }

  /** Commits what waits, so that a graceful stop leaves no operation unanswered. */
  drain(): void {
    while (this.#waiting.length > 0) this.#flush();
  }
}

function hintsFor(client: Client, hints: HintSet): Reply['hints'] {
  const wanted: [string, string[]][] = [];
  for (const [topic, keys] of hints) {
    if (Atomics.load(client.interest, interestSlot(topic)) > 0) wanted.push([topic, [...keys]]);
  }
  return wanted.length > 0 ? wanted : undefined;
}

/** Answers in one message. A result that cannot be cloned is that operation's own error. */
export function reply(port: MessagePort, answers: readonly Answer[], hints?: Reply['hints']): void {
  try {
    port.postMessage(toReply(answers, hints));
  } catch {
    port.postMessage(toReply(answers.map(cloneable), hints));
  }
}

function toReply(answers: readonly Answer[], hints: Reply['hints']): Reply {
  let values: unknown[] | undefined;
  let errors: [number, ErrorImage][] | undefined;
  for (let i = 0; i < answers.length; i++) {
    const answer = answers[i]!;
    if (answer.is === 'failed') (errors ??= []).push([i, toImage(answer.error)]);
    else if (answer.value !== undefined) (values ??= Array(answers.length).fill(undefined))[i] = answer.value;
  }
  return {
    count: answers.length,
    ...(values && { values }),
    ...(errors && { errors }),
    ...(hints && { hints }),
  };
}

function cloneable(answer: Answer): Answer {
  if (answer.is === 'failed') return answer;
  try {
    structuredClone(answer.value);
    return answer;
  } catch (error) {
    return { is: 'failed', error };
  }
}
