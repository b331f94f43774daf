/**
 * When a session reads and when it waits. All that has come complete is handled in one turn, which stops only where an answer needs I/O (`busy`);
 * the connection sends the replies of a turn in one call. What the client sends while we are busy waits, and above `waitingMax` is not read
 * from the socket at all.
 */
import type { Log } from '../base/log.ts';
import type { Connection } from '../net/connection.ts';
import type { Input } from './input.ts';

export interface TurnsParts {
  readonly connection: Connection;
  readonly input: Input;
  readonly waitingMax: number;
  readonly log: Log;
  /** Handles one command, or one piece of text. False when more bytes are needed. */
  readonly step: () => boolean;
  /** Answers are of no use any more. */
  readonly isOver: () => boolean;
  /** The turn has ended, with nothing being waited for but the client. */
  readonly onRest: () => void;
}

export class Turns {
  readonly #parts: TurnsParts;
  #busy = false;
  #paused = false;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  /** An answer is waited for: nothing is read meanwhile. */
  get busy(): boolean {
    return this.#busy;
  }

  add(chunk: Buffer): void {
    const { input, connection, waitingMax } = this.#parts;
    input.add(chunk);
    if (!this.#busy) return this.#turn();
    if (input.unreadBytes <= waitingMax) return;
    this.#paused = true;
    connection.pause();
  }

  /** Waits for an answer. What it leads to is handled by `then`, and reading goes on. */
  wait<T>(answer: Promise<T>, then: (value: T) => void): void {
    const { connection, log, isOver, onRest } = this.#parts;
    this.#busy = true;
    const resume = (value: T): void => {
      this.#busy = false;
      if (isOver()) return onRest();
      then(value);
      if (this.#paused) connection.resume();
      this.#paused = false;
      this.#turn();
    };
    answer.then(resume).catch((error: unknown) => {
      log.error({ error, peer: connection.peer.ip }, 'a session broke');
      connection.destroy('internal error');
    });
  }

  #turn(): void {
    const { step, onRest } = this.#parts;
    while (!this.#busy && step());
    if (!this.#busy) onRest();
  }
}
