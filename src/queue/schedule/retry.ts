/** When an entry is tried again. */
import type { QueueOptions } from '../options.ts';

/** Wait after the `tries`-th try (1 after the first), with jitter to both sides. `random` is in [0, 1). */
export function retryDelayMs(options: QueueOptions, tries: number, random: number): number {
  const { retryFirstMs, retryBaseMs, retryFactor, retryMaxMs, retryJitter } = options;
  // The exponent is bounded so that no number of tries can reach infinity.
  const plain = tries <= 1 ? retryFirstMs : retryBaseMs * retryFactor ** Math.min(tries - 2, 40);
  return Math.round(Math.min(plain, retryMaxMs) * (1 + retryJitter * (random - 0.5)));
}
