/** Settings of the queue. Times in milliseconds. */
export interface QueueOptions {
  /** Wait before the second try; the third waits `retryBaseMs`, each later one `retryFactor` times longer, up to `retryMaxMs`. */
  readonly retryFirstMs: number;
  readonly retryBaseMs: number;
  readonly retryFactor: number;
  readonly retryMaxMs: number;
  /** Part of a wait that is random, so that mail deferred together does not come back together. */
  readonly retryJitter: number;
  /** The sender is told that mail waits once it is this old; 0 never. */
  readonly delayNoticeAfterMs: number;
  /** Mail without a time of its own is returned after this. Intake puts it into `expiresAtMs`. */
  readonly expireAfterMs: number;
  /** Bytes of bodies kept in memory between acceptance and delivery, for each thread. */
  readonly bodyMemoryBytes: number;
  /** Entries in memory for each thread; more wait in the store. */
  readonly entriesMax: number;
  /** Due entries in memory for each destination and lane. */
  readonly windowMax: number;
  /** Recipients handed out in one attempt. */
  readonly attemptRecipientsMax: number;
  readonly siteConnectionsStart: number;
  readonly siteConnectionsMax: number;
  /** Attempts in hand over all sites of a thread. */
  readonly attemptsMax: number;
  /** How long `stop` waits for attempts in hand. */
  readonly stopWithinMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

export const queueDefaults: QueueOptions = {
  retryFirstMs: minute,
  retryBaseMs: 5 * minute,
  retryFactor: 2,
  retryMaxMs: 4 * hour,
  retryJitter: 0.2,
  delayNoticeAfterMs: 4 * hour,
  expireAfterMs: 5 * 24 * hour,
  bodyMemoryBytes: 32 * 1024 * 1024,
  entriesMax: 12_000,
  windowMax: 2000,
  attemptRecipientsMax: 100,
  siteConnectionsStart: 5,
  siteConnectionsMax: 20,
  attemptsMax: 1000,
  stopWithinMs: 10_000,
};
