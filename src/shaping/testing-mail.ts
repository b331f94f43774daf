/** For tests of shaping: mail, results and options. */
import type { Clock, Timer } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { AttemptResult } from '../queue/attempt.ts';
import type { QueuedMessage } from '../queue/message.ts';
import { shapingDefaults } from './defaults.ts';
import type { Limits, ShapingOptions, ShapingRule } from './options.ts';
import { readRate, type Rate } from './rate.ts';
import { Shaper } from './shaper.ts';
import { SharedTable } from './shared-table.ts';

export const rateOf = (text: string): Rate => readRate(text)!;

export function testMail(message: Partial<QueuedMessage> = {}): QueuedMessage {
  return {
    org: 'shop',
    sender: 'news@shop.test',
    stream: 'transactional',
    campaign: '',
    sizeBytes: 1000,
    ...message,
  } as QueuedMessage;
}

export const takenResult: AttemptResult = {
  outcomes: [{ is: 'delivered', notice: 'passedOn' }],
  conversations: [],
};

export function refusedResult(
  reply: string,
  phase: 'mail' | 'rcpt' | 'dot' | 'banner' = 'mail',
): AttemptResult {
  const answer = { phase, host: 'mx.test', ip: '192.0.2.1', reply };
  return { outcomes: [{ is: 'deferred', answer, siteDown: false }], conversations: [] };
}

let count = 0;
export function testRule(about: Partial<ShapingRule>, limits: Limits): ShapingRule {
  count += 1;
  return { across: false, why: '', from: 'settings', name: `settings ${count}`, ...about, limits };
}

/** A clock that stands until it is moved. */
export class StandingClock implements Clock {
  now = 1_800_000_000_000;
  nowMs(): number {
    return this.now;
  }
  monotonicMs(): number {
    return this.now;
  }
  after(): Timer {
    return { restart: () => {}, [Symbol.dispose]: () => {} };
  }
}

export function testShaper(
  options: Partial<ShapingOptions> = {},
  given: { clock?: Clock; table?: SharedTable } = {},
): { shaper: Shaper; clock: StandingClock } {
  const clock = (given.clock ?? new StandingClock()) as StandingClock;
  const table = given.table ?? SharedTable.alone();
  const shaper = new Shaper({
    options: { ...shapingDefaults, rules: [], ...options },
    table,
    clock,
    log: silentLog,
  });
  return { shaper, clock };
}

export const gmail = {
  site: 'gmail-smtp-in.l.google.com',
  hosts: ['gmail-smtp-in.l.google.com'],
  destination: 'gmail.com',
};
