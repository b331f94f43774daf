/** The quarantine as the settings have it: for the admin API, and for the daily round. */
import { systemClock } from '../base/clock.ts';
import type { Settings } from '../config/schema.ts';
import { Quarantine } from '../queue/quarantine.ts';
import type { Store } from '../store/store.ts';

const hourMs = 3_600_000;

export const openQuarantine = (settings: Settings, store: Store): Quarantine =>
  new Quarantine({ store, clock: systemClock, lifetimeMs: settings.queue.expiryHours * hourMs });
