/** Questions of a protocol thread to the main thread. */
import type { FromThread, Health, Question } from './thread-messages.ts';

export class MainLine {
  readonly #send: (message: FromThread) => void;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #next = 1;

  constructor(send: (message: FromThread) => void) {
    this.#send = send;
  }

  metricsText(): Promise<string> {
    return this.#ask('metricsText') as Promise<string>;
  }

  health(): Promise<Health> {
    return this.#ask('health') as Promise<Health>;
  }

  answered(id: number, value: unknown): void {
    this.#waiting.get(id)?.(value);
    this.#waiting.delete(id);
  }

  #ask(question: Question): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ is: 'ask', id, question });
    });
  }
}
