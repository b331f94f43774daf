/**
 * Receivers with limits that they do not tell, for simulations: each answers a message at a time, as real ones are known to. All chance comes from the
 * seed that is given.
 */
export interface Told {
  /** `''`: taken. */
  readonly reply: string;
  readonly phase: 'banner' | 'mail' | 'rcpt' | 'dot' | 'connect';
}

export interface HiddenReceiver {
  readonly name: string;
  /** MX host, by which the provider is known. */
  readonly host: string;
  readonly domain: string;
  /** Copies a second that it takes at this time, for the measure. */
  capacity(nowMs: number): number;
  answer(nowMs: number, connections: number): Told;
}

export type Random = () => number;

/** mulberry32 */
export function seeded(seed: number): Random {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const taken: Told = { reply: '', phase: 'dot' };

interface Bucket {
  readonly rate: (nowMs: number) => number;
  /** Seconds of the rate that may come at once. */
  readonly burst: number;
  readonly over: Told;
}

/** A bucket of tokens: what is over is answered with a temporary refusal. */
function bucket({ rate, burst, over }: Bucket): (nowMs: number) => Told {
  let tokens = rate(0) * burst;
  let atMs = 0;
  return (nowMs) => {
    const perSecond = rate(nowMs);
    tokens = Math.min(perSecond * burst, tokens + (perSecond * (nowMs - atMs)) / 1000);
    atMs = nowMs;
    if (tokens < 1) return over;
    tokens -= 1;
    return taken;
  };
}

/** So many in each window of the clock; the rest of it refuses. */
function fixedWindow(max: number, windowMs: number, over: Told): (nowMs: number) => Told {
  let window = -1;
  let count = 0;
  return (nowMs) => {
    const now = Math.floor(nowMs / windowMs);
    if (now !== window) [window, count] = [now, 0];
    count += 1;
    return count > max ? over : taken;
  };
}

interface Punishing {
  readonly perMinute: number;
  /** Refusals in a minute, after which it shuts. */
  readonly forgives: number;
  readonly shutMs: number;
  readonly over: Told;
  readonly shut: Told;
}

/** Counts the last minute in slots of a second; who goes on when he is refused finds it shut. */
function punishing({ perMinute, forgives, shutMs, over, shut }: Punishing): (nowMs: number) => Told {
  const slots = new Float64Array(60);
  let second = 0;
  let sum = 0;
  let refused = 0;
  let refusedAtMs = 0;
  let shutUntilMs = 0;
  return (nowMs) => {
    if (nowMs < shutUntilMs) return shut;
    const now = Math.floor(nowMs / 1000);
    for (let s = Math.max(second + 1, now - 59); s <= now; s++) {
      sum -= slots[s % 60]!;
      slots[s % 60] = 0;
    }
    second = now;
    if (sum < perMinute) {
      slots[now % 60]! += 1;
      sum += 1;
      return taken;
    }
    if (nowMs - refusedAtMs > 60_000) refused = 0;
    refusedAtMs = nowMs;
    refused += 1;
    if (refused > forgives) shutUntilMs = nowMs + shutMs;
    return over;
  };
}

/** A few of its answers are about the recipient: greylisting, a full mailbox. */
function withNoise(answer: (nowMs: number) => Told, random: Random): (nowMs: number) => Told {
  const grey: Told = { reply: '451 4.7.1 Greylisted, please try again', phase: 'rcpt' };
  const full: Told = { reply: '452 4.2.2 Mailbox full', phase: 'rcpt' };
  return (nowMs) => {
    const dice = random();
    return dice < 0.0005 ? grey : dice < 0.001 ? full : answer(nowMs);
  };
}

const hour = 3_600_000;

/** Those of the day that is simulated. */
export function hiddenReceivers(random: Random): readonly HiddenReceiver[] {
  const steady = (rate: number) => () => rate;
  const make = (
    name: string,
    [host, domain]: readonly [string, string],
    capacity: (nowMs: number) => number,
    answer: (nowMs: number) => Told,
    connectionsMax = 50,
  ): HiddenReceiver => {
    const noisy = withNoise(answer, random);
    const many: Told = { reply: '421 4.3.2 Too many concurrent connections', phase: 'banner' };
    return {
      name,
      host,
      domain,
      capacity,
      answer: (nowMs, connections) => (connections > connectionsMax ? many : noisy(nowMs)),
    };
  };
  const google: Told = {
    reply:
      '421 4.7.28 Gmail has detected an unusual rate of mail originating from your IP address. To protect our users it has been temporarily rate limited.',
    phase: 'dot',
  };
  const microsoft: Told = {
    reply:
      '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)',
    phase: 'mail',
  };
  const yahoo: Told = {
    reply: '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume',
    phase: 'mail',
  };
  const tss: Told = { ...yahoo, reply: yahoo.reply.replace('TSS04', 'TSS05') };
  const reset: Told = { reply: '451 4.4.2 Connection lost: ECONNRESET', phase: 'mail' };
  // A reputation that grows in the morning and falls in the evening.
  const changing = (nowMs: number): number => (nowMs < 6 * hour ? 8 : nowMs < 15 * hour ? 24 : 14);
  return [
    make(
      'google',
      ['gmail-smtp-in.l.google.com', 'gmail.com'],
      steady(30),
      punishing({ perMinute: 1800, forgives: 20, shutMs: 600_000, over: google, shut: google }),
    ),
    make(
      'microsoft',
      ['outlook-com.olc.protection.outlook.com', 'outlook.com'],
      steady(25),
      fixedWindow(1500, 60_000, microsoft),
      30,
    ),
    make(
      'yahoo',
      ['mta5.am0.yahoodns.net', 'yahoo.com'],
      steady(15),
      bucket({ rate: steady(15), burst: 10, over: tss }),
      10,
    ),
    make(
      'yahoo-japan',
      ['mx1.mail.yahoo.co.jp', 'yahoo.co.jp'],
      changing,
      bucket({
        rate: changing,
        burst: 5,
        over: { reply: '451 4.3.2 Too many messages, try again later', phase: 'mail' },
      }),
      8,
    ),
    make(
      'docomo',
      ['mfsmax.docomo.ne.jp', 'docomo.ne.jp'],
      steady(10),
      bucket({
        rate: steady(10),
        burst: 2,
        over: { reply: '421 mfsmax.docomo.ne.jp Service busy, try again later', phase: 'mail' },
      }),
      4,
    ),
    make(
      'au',
      ['lsean.ezweb.ne.jp', 'ezweb.ne.jp'],
      steady(9),
      bucket({ rate: steady(9), burst: 3, over: reset }),
      4,
    ),
    make(
      'softbank',
      ['mx.softbank.ne.jp', 'softbank.ne.jp'],
      steady(8),
      fixedWindow(4800, 600_000, {
        reply: '421 4.7.0 Exceeded the limit of mails, try again later',
        phase: 'mail',
      }),
      4,
    ),
    make(
      'hoster',
      ['mx1.hoster.example', 'hoster.example'],
      steady(6),
      bucket({
        rate: steady(6),
        burst: 30,
        over: { reply: '450 4.7.1 Error: too much mail from 192.0.2.1 (rate limit exceeded)', phase: 'rcpt' },
      }),
      10,
    ),
  ];
}
