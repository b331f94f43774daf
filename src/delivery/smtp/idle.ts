/**
 * Connections that carry nothing now, over all sites of a thread. Each is kept for a moment in case more comes; with very many sites there would be thousands of them, each with
 * its TLS session in memory here and there. So there may be so many, and the one that has been idle longest goes.
 */
export class IdleConnections<T> {
  readonly #max: number;
  /** With what ends it; the longest idle first. */
  readonly #idle = new Map<T, () => void>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#idle.size;
  }

  add(connection: T, end: () => void): void {
    this.#idle.delete(connection);
    this.#idle.set(connection, end);
    if (this.#idle.size <= this.#max) return;
    const [oldest] = this.#idle;
    this.#idle.delete(oldest![0]);
    oldest![1]();
  }

  delete(connection: T): void {
    this.#idle.delete(connection);
  }
}
