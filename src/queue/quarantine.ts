/**
 * The quarantine: mail that filters have taken from its way, kept with its body until somebody releases or deletes it, or its time is over. What is
 * released goes on where it was taken, exactly once.
 */
import type { Clock } from '../base/clock.ts';
import type { MessageId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { StoredBody } from '../store/body.ts';
import type { Store } from '../store/store.ts';
import type { Page } from './filter.ts';
import {
  claimQuarantined,
  endQuarantine,
  expiredQuarantined,
  listQuarantined,
  untoldQuarantined,
  type EndArgs,
  type ListArgs,
  type QuarantineRow,
} from './rows/quarantine.ts';
import type { QuarantineData } from './rows/kept-back.ts';
import { bodyOfMessage } from './rows/window.ts';

/** All given conditions must hold. */
export interface QuarantineFilter {
  readonly org?: string;
  readonly message?: MessageId;
  /** A part of an address. */
  readonly sender?: string;
  readonly recipient?: string;
}

export interface Quarantined {
  readonly message: MessageId;
  readonly org: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly sizeBytes: number;
  readonly atMs: number;
  readonly expiresAtMs: number;
  readonly score: number;
  readonly rules: QuarantineData['rules'];
}

export interface QuarantineParts {
  readonly store: Store;
  readonly clock: Clock;
  /** How long the delivery of what is released may take. */
  readonly lifetimeMs: number;
}

const pageMax = 500;
const expiredMax = 200;
const untoldMax = 1000;

export class Quarantine {
  readonly #parts: QuarantineParts;

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
  }

  /** The newest first. */
  async list(
    filter: QuarantineFilter,
    page: { readonly after?: string; readonly max?: number } = {},
  ): Promise<Page<Quarantined>> {
    const max = Math.min(page.max ?? pageMax, pageMax);
    const after = page.after === undefined ? undefined : readCursor(page.after);
    const found = await this.#parts.store.scan(listQuarantined, { filter, after, max });
    const last = found.length < max ? undefined : found.at(-1);
    return { items: found.map(shown), next: last && writeCursor(last) };
  }

  /** What is kept of one message: of the organisation, or of any. Refusal `notFound`. */
  async get(message: MessageId, org?: string): Promise<Quarantined> {
    return shown((await this.#rows(message, org))[0]!);
  }

  async body(message: MessageId, org?: string): Promise<StoredBody> {
    const [row] = await this.#rows(message, org);
    const { sizeBytes } = JSON.parse(row!.data) as QuarantineData;
    const body = await this.#parts.store.read(() => bodyOfMessage(row!.shard, message, sizeBytes));
    if (body === undefined) throw new Refusal('notFound', 'no such message is in quarantine');
    return body;
  }

  /** Releases or deletes it for the organisation, or for all it is kept for. Gives the number of recipients. */
  async end(
    action: EndArgs['action'],
    { message, org }: { readonly message: MessageId; readonly org?: string | undefined },
    { by, why = '' }: { readonly by: string; readonly why?: string },
  ): Promise<number> {
    let count = 0;
    for (const row of await this.#rows(message, org)) count += await this.#end(row, { action, by, why });
    return count;
  }

  /**
   * What somebody is to be told of now, by organisation: all that nobody was told of, where the oldest of it has been there for `afterMs`. Given out once.
   */
  async untold(afterMs: number): Promise<ReadonlyMap<string, readonly Quarantined[]>> {
    const { store, clock } = this.#parts;
    const found = await store.read(() => untoldQuarantined(untoldMax));
    const due = new Set(found.filter(({ at }) => at <= clock.nowMs() - afterMs).map(({ org }) => org));
    const byOrg = new Map<string, Quarantined[]>();
    for (const row of found) {
      const { shard, message, org } = row;
      if (!due.has(org) || !(await store.write(claimQuarantined, { shard, message, org }))) continue;
      const known = byOrg.get(org);
      if (known) known.push(shown(row));
      else byOrg.set(org, [shown(row)]);
    }
    return byOrg;
  }

  /** Deletes what has been there for long enough; gives the number of messages. */
  async expire(signal?: AbortSignal): Promise<number> {
    const { store, clock } = this.#parts;
    let count = 0;
    for (;;) {
      const found = await store.scan(expiredQuarantined, { nowMs: clock.nowMs(), max: expiredMax });
      for (const row of found) {
        if (signal?.aborted) return count;
        if (await this.#expired(row)) count += 1;
      }
      if (found.length < expiredMax) return count;
    }
  }

  /** False where somebody else was faster to end it. */
  async #expired(row: QuarantineRow): Promise<boolean> {
    try {
      await this.#end(row, { action: 'delete', by: 'the server', why: 'its time in quarantine is over' });
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'notFound') return false;
      throw error;
    }
  }

  #end(
    { shard, message, org }: QuarantineRow,
    deed: Pick<EndArgs, 'action' | 'by' | 'why'>,
  ): Promise<number> {
    const { store, clock, lifetimeMs } = this.#parts;
    return store.write(endQuarantine, { shard, message, org, nowMs: clock.nowMs(), lifetimeMs, ...deed });
  }

  async #rows(message: MessageId, org: string | undefined): Promise<readonly QuarantineRow[]> {
    const filter = { message, ...(org !== undefined && { org }) };
    const found = await this.#parts.store.scan(listQuarantined, { filter, after: undefined, max: pageMax });
    if (found.length === 0) throw new Refusal('notFound', 'no such message is in quarantine');
    return found;
  }
}

function shown({ message, org, at, expires_at, sender, subject, data }: QuarantineRow): Quarantined {
  const { sizeBytes, score, rules, entries } = JSON.parse(data) as QuarantineData;
  return {
    message: message as MessageId,
    org,
    sender,
    recipients: entries.map(([, , address]) => address),
    subject,
    sizeBytes,
    atMs: at,
    expiresAtMs: expires_at,
    score,
    rules,
  };
}

const writeCursor = ({ at, message, org }: QuarantineRow): string =>
  Buffer.from(JSON.stringify([at, message, org])).toString('base64url');

function readCursor(text: string): NonNullable<ListArgs['after']> {
  try {
    const [at, message, org] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (typeof at !== 'number' || typeof message !== 'string' || typeof org !== 'string')
      throw new TypeError('not a cursor');
    return { at, message, org };
  } catch (cause) {
    throw new Refusal('invalid', 'not a page of this list', { cause, at: 'after' });
  }
}
