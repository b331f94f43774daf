/** Variables of one script while it runs (RFC 5229), with those it shares with others (RFC 6609, 3.4). Names are in lower case. */
import type { Limits } from '../limits.ts';
import { cutOctets } from '../text.ts';

export class Variables {
  /** The last successful match: all of it, and what each wildcard took. */
  captures: readonly string[] = [];
  readonly #own = new Map<string, string>();
  readonly #shared: Map<string, string>;
  readonly #global = new Set<string>();
  readonly #limits: Limits;

  constructor(limits: Limits, shared: Map<string, string>) {
    this.#limits = limits;
    this.#shared = shared;
  }

  declareGlobal(name: string): void {
    this.#global.add(name);
  }

  read(name: string): string {
    return (this.#global.has(name) ? this.#shared : this.#own).get(name) ?? '';
  }

  readGlobal(name: string): string {
    return this.#shared.get(name) ?? '';
  }

  set(name: string, value: string): void {
    if (this.#global.has(name)) this.setGlobal(name, value);
    else this.#own.set(name, cutOctets(value, this.#limits.variableMaxBytes));
  }

  setGlobal(name: string, value: string): void {
    if (this.#shared.size >= this.#limits.variablesMax && !this.#shared.has(name)) return;
    this.#shared.set(name, cutOctets(value, this.#limits.variableMaxBytes));
  }
}
