/** What benchmarks have in common: rounds in which servers take turns, so that a machine whose speed drifts drifts for all; medians; the last line. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cpuOfTree, isChild } from './process-tree.ts';

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

export const rounded = (number: number, digits = 2): number => Number(number.toFixed(digits));

/** Results by name of the server and, where a server is measured in several ways, of the way. */
export class Results<T> {
  readonly #byName = new Map<string, T[]>();

  add(name: string, result: T): void {
    const known = this.#byName.get(name);
    if (known) known.push(result);
    else this.#byName.set(name, [result]);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Of one name, or of all. */
  all(name?: string): readonly T[] {
    return name === undefined ? [...this.#byName.values()].flat() : (this.#byName.get(name) ?? []);
  }

  /** The median of a figure over the rounds. */
  of(name: string, figure: (result: T) => number): number {
    return median((this.#byName.get(name) ?? []).map(figure));
  }

  /** Ours against each peer that took part: more than 1 is better for us. `less`: a small figure is the good one. */
  ratios(
    peers: readonly string[],
    figure: (result: T) => number,
    { less = false, way = '' }: { less?: boolean; way?: string } = {},
  ): Record<string, number> {
    const ours = this.of(`hikyaku${way}`, figure);
    return Object.fromEntries(
      peers
        .filter((peer) => this.has(`${peer}${way}`))
        .map((peer) => {
          const theirs = this.of(`${peer}${way}`, figure);
          return [peer, rounded(less ? theirs / ours : ours / theirs)];
        }),
    );
  }
}

/** Processor time in cores: of the server, of the load tools, and of whatever else ran on the machine. */
export interface Cores {
  readonly server: number;
  readonly tools: number;
  readonly others: number;
}

/** Where the processor time of a run went: what held it back. */
export class Spent {
  readonly #server: number;
  readonly #startMs = performance.now();
  readonly #serverBefore: number;
  readonly #ownBefore = cpuOfTree(process.pid);
  readonly #machineBefore = machineCpuMs();

  /** `server`: root of its processes. */
  constructor(server: number) {
    this.#server = server;
    this.#serverBefore = cpuOfTree(server);
  }

  get serverMs(): number {
    return cpuOfTree(this.#server) - this.#serverBefore;
  }

  get cores(): Cores {
    const wallMs = performance.now() - this.#startMs;
    const { serverMs } = this;
    // The server is a child of ours, or none when it has made itself a daemon.
    const ownMs = cpuOfTree(process.pid) - this.#ownBefore;
    const toolsMs = Math.max(0, ownMs - (isChild(this.#server) ? serverMs : 0));
    const othersMs = machineCpuMs() - this.#machineBefore - serverMs - toolsMs;
    return { server: serverMs / wallMs, tools: toolsMs / wallMs, others: Math.max(0, othersMs) / wallMs };
  }
}

const cores = availableParallelism();
/** Linux counts in hundredths of a second. */
const tickMs = 10;

function machineCpuMs(): number {
  const [, user, nice, system, , , irq, softIrq] = readFileSync('/proc/stat', 'latin1').split(/\s+/, 8);
  return [user, nice, system, irq, softIrq].reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs;
}

/** In words. */
export function limitOf({ server, tools, others }: Cores): string {
  const parts = `the server used ${server.toFixed(2)}, the load tools ${tools.toFixed(2)}, others ${others.toFixed(2)} of ${cores} cores`;
  if (server + tools + others > 0.85 * cores) return `the processor: ${parts}`;
  if (server > 0.9 && server < 1.1) return `one thread of the server: ${parts}`;
  return `waiting, for the disk or for one another: ${parts}`;
}

/** The median of each part. */
export const medianCores = (all: readonly Cores[]): Cores => ({
  server: median(all.map((one) => one.server)),
  tools: median(all.map((one) => one.tools)),
  others: median(all.map((one) => one.others)),
});

/** The last line is JSON with `--json`, else it is laid out for people. */
export function finish(summary: object, json: boolean): void {
  console.log(json ? JSON.stringify(summary) : JSON.stringify(summary, null, 2));
}
