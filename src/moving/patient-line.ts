/** A connection to another server that is made when it is first needed, and anew when it gets lost: what was asked is then asked again. */
import { sleep } from '../base/clock.ts';
import { LineLost, type LineParts } from './line.ts';

const triesMax = 6;
const firstWaitMs = 1000;

export class PatientLine<Line extends { close(): void }> {
  readonly #clock: LineParts['clock'];
  readonly #open: () => Promise<Line>;
  #line: Line | undefined;

  constructor({ clock }: LineParts, open: () => Promise<Line>) {
    this.#clock = clock;
    this.#open = open;
  }

  /** Rejects with LineLost only after several tries. */
  async ask<T>(ask: (line: Line) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        this.#line ??= await this.#open();
        return await ask(this.#line);
      } catch (error) {
        if (!(error instanceof LineLost) || tries === triesMax) throw error;
        this.close();
        await sleep(this.#clock, firstWaitMs * 2 ** (tries - 1));
      }
    }
  }

  close(): void {
    this.#line?.close();
    this.#line = undefined;
  }
}
