/**
 * A thread for scripts that take long: large ones, large messages, much work. Started when it is needed, gone when it is not.
 *
 * Promises: one piece of work at a time, in the order in which they came; one that does not end in time is given up, with all that it holds.
 */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import type { Program } from '../proto/sieve/program.ts';
import type { Answerer } from '../proto/sieve/interpret.ts';
import type { Question } from '../proto/sieve/surroundings.ts';
import type { Checked } from './script.ts';
import { gaveUp, type ScriptRun, type Verdict } from './run-scripts.ts';
import type { FromWorkshop, Reply, Work, WorkshopData } from './workshop/messages.ts';
import { verdictOf } from './workshop/verdict-image.ts';

/** What a bounded script never takes, unless the machine is very slow. */
const workMaxMs = 60_000;
const idleMs = 30_000;
/** Messages of one account that wait here; more are tried again later, so that the mail of others goes on. */
const waitingMax = 2;
const memory = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };

export interface WorkshopParts {
  readonly clock: Clock;
  readonly log: Log;
}

interface Thread {
  readonly worker: Worker;
  readonly answers: MessagePort;
  readonly raised: Int32Array;
}

interface Job {
  readonly thread: Thread;
  readonly resolve: (answer: FromWorkshop) => void;
  readonly reject: (error: unknown) => void;
  readonly answer: Answerer;
}

const noAnswers: Answerer = () => Promise.reject(new Error('nothing is asked'));

export class Workshop implements AsyncDisposable {
  readonly #parts: WorkshopParts;
  #thread: Thread | undefined;
  #job: Job | undefined;
  readonly #waiting = new Map<AccountId, number>();
  #turn: Promise<unknown> = Promise.resolve();
  #idle: Timer | undefined;

  constructor(parts: WorkshopParts) {
    this.#parts = parts;
  }

  /** Rejects with what answering a question rejected with, and with Refusal `rateLimited`. */
  async run(run: ScriptRun): Promise<Verdict> {
    const waiting = this.#waiting.get(run.of) ?? 0;
    if (waiting === waitingMax)
      throw new Refusal('rateLimited', `the scripts of ${run.of} take long and much mail comes`);
    this.#waiting.set(run.of, waiting + 1);
    try {
      return await this.#run(run);
    } finally {
      const left = this.#waiting.get(run.of)! - 1;
      if (left === 0) this.#waiting.delete(run.of);
      else this.#waiting.set(run.of, left);
    }
  }

  async #run(run: ScriptRun): Promise<Verdict> {
    const { scripts, message, around, limits, traced = false } = run;
    const { zoneMinutes: _, ...rest } = around;
    const answer = await this.#do(
      {
        is: 'run',
        of: run.of,
        scripts: scripts.map(({ program: __, ...script }) => script),
        head: message.head,
        sizeBytes: message.sizeBytes,
        around: rest,
        limits,
        traced,
      },
      run.answer,
    );
    return answer?.is === 'verdict' ? verdictOf(answer.image, run) : gaveUp(run);
  }

  async check(source: Uint8Array): Promise<Checked> {
    const answer = await this.#do({ is: 'check', source }, noAnswers);
    if (answer?.is === 'checked') return answer.checked;
    const at = { line: 1, column: 1 };
    return { is: 'unsound', problems: [{ is: 'error', at, code: 'tooMuchWork', with: [] }] };
  }

  /** Undefined: it was given up. */
  async #do(work: Work, answer: Answerer): Promise<FromWorkshop | undefined> {
    const turn = this.#turn.then(() => this.#now(work, answer));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #now(work: Work, answer: Answerer): Promise<FromWorkshop | undefined> {
    this.#idle?.[Symbol.dispose]();
    const thread = (this.#thread ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<FromWorkshop>();
    this.#job = { thread, resolve, reject, answer };
    using _ = this.#parts.clock.after(workMaxMs, () => void thread.worker.terminate());
    thread.worker.postMessage(work);
    try {
      return await promise;
    } catch (error) {
      if (!(error instanceof WorkLost)) throw error;
      this.#parts.log.warn({ error: error.message }, 'a script was given up');
      return undefined;
    } finally {
      this.#job = undefined;
      this.#idle = this.#parts.clock.after(idleMs, () => void this.#stop());
    }
  }

  #start(): Thread {
    const { port1, port2 } = new MessageChannel();
    const signal = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const worker = new Worker(new URL('./workshop/thread.ts', import.meta.url), {
      workerData: { signal, answers: port2 } satisfies WorkshopData,
      transferList: [port2],
      resourceLimits: memory,
      name: 'sieve',
    });
    const thread: Thread = { worker, answers: port1, raised: new Int32Array(signal) };
    let lost = 'the thread ended';
    worker.on('message', (message: FromWorkshop) => this.#heard(thread, message));
    worker.on('error', (error: Error) => (lost = error.message));
    worker.on('exit', () => {
      port1.close();
      if (this.#thread === thread) this.#thread = undefined;
      if (this.#job?.thread === thread) this.#job.reject(new WorkLost(lost));
    });
    worker.unref();
    return thread;
  }

  #heard(thread: Thread, message: FromWorkshop): void {
    if (message.is === 'question') void this.#answer(thread, message.question);
    else if (message.is !== 'unanswered') this.#job?.resolve(message);
  }

  async #answer({ answers, raised }: Thread, question: Question): Promise<void> {
    const job = this.#job;
    if (job === undefined) return;
    let reply: Reply = { is: 'none' };
    try {
      reply = { is: 'answer', value: travelling(question, await job.answer(question)) };
    } catch (error) {
      job.reject(error);
    }
    answers.postMessage(reply);
    Atomics.store(raised, 0, 1);
    Atomics.notify(raised, 0);
  }

  async #stop(): Promise<void> {
    this.#idle?.[Symbol.dispose]();
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#stop();
  }
}

class WorkLost extends Error {
  override readonly name = 'WorkLost';
}

/** A program is made anew there. */
function travelling(question: Question, value: unknown): unknown {
  if (question.is !== 'script' || typeof value !== 'object') return value;
  return (value as Pick<Program, 'source'>).source;
}
