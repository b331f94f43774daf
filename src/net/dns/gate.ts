/**
 * Lets a bounded number in at a time; a bounded number waits in line; the rest is turned away.
 */
export class Gate {
  readonly #insideMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(insideMax: number, waitingMax: number) {
    this.#insideMax = insideMax;
    this.#waitingMax = waitingMax;
  }

  /** False: the line is too long. True: inside, `leave` must follow. */
  async enter(): Promise<boolean> {
    if (this.#inside < this.#insideMax) {
      this.#inside += 1;
      return true;
    }
    if (this.#waiting.length >= this.#waitingMax) return false;
    // The one who leaves hands over its place, so the count does not change.
    await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    return true;
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside -= 1;
    else next();
  }
}
