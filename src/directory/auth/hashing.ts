/**
 * Password hashes: Argon2id, computed off the calling thread.
 *
 * 19 MiB and two passes (OWASP's floor) take about 13 ms of a core. At most `atOnceMax` run for a thread, so that a wave of logins takes neither
 * the memory nor the threads that files and DNS need; beyond `waitingMax` a login is told to come later.
 */
import { createHash } from 'node:crypto';
import { newSecret } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';

const atOnceMax = 2;
const waitingMax = 256;
const options = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

/** The add-on is loaded with the first password, not at start. */
const argon2 = () => import('@node-rs/argon2');

export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #invented: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.#inTurn(async () => (await argon2()).hash(password, options));
  }

  verify(hash: string, password: string): Promise<boolean> {
    return this.#inTurn(async () => (await argon2()).verify(hash, password));
  }

  /** Takes as long as `verify` and is always false: for users that do not exist. */
  async verifyNobody(password: string): Promise<false> {
    this.#invented ??= this.hash(newSecret());
    await this.verify(await this.#invented, password);
    return false;
  }

  async #inTurn<R>(work: () => Promise<R>): Promise<R> {
    if (this.#running >= atOnceMax) {
      if (this.#waiting.length >= waitingMax) throw new Refusal('rateLimited', 'too many logins at once');
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** An app password as it is compared: people may leave out its dashes, and capitals are no matter. */
export function hashAppPassword(account: string, shown: string): string {
  const plain = shown.toLowerCase().replaceAll(/[\s-]/g, '');
  return createHash('sha256').update(`${account}:${plain}`).digest('hex');
}

export function hashApiKey(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
