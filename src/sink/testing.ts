/** For tests of the sink: a provider that takes everything, changed as a test wants it, and clients that talk to it without a network. */
import { duplexPair, type Duplex } from 'node:stream';
import { Connection } from '../net/connection.ts';
import type { Clock } from '../base/clock.ts';
import { seededRandom } from './chance.ts';
import { Conversation, type SunkMail } from './conversation.ts';
import type { Limit, Provider } from './options.ts';
import { Receiver } from './receiver.ts';
import type { Wanted } from './sunk-text.ts';

export const plainProvider: Provider = {
  name: 'plain',
  domains: ['here.test'],
  pattern: '',
  count: 0,
  sites: 0,
  mx: ['mx.here.test'],
  addresses: 1,
  greeting: '{host} ESMTP ready',
  accepted: '250 2.0.0 OK',
  foreign: '550 5.7.1 <{address}>: Relay access denied',
  extensions: ['PIPELINING', '8BITMIME', 'CHUNKING', 'SMTPUTF8'],
  sizeMaxBytes: 10_000,
  limits: [],
  faults: [],
  recipients: [],
  greylist: { seconds: 0, percent: 100, reply: '451 4.7.1 <{address}>: Greylisted, try again later' },
  delayMs: { connect: 0, mail: 0, rcpt: 0, data: 0, end: 0, jitterPercent: 0 },
  returns: [],
};

export const limitOf = (limit: Pick<Limit, 'of' | 'max'> & Partial<Limit>): Limit => ({
  burst: 0,
  phase: 'mail',
  blockSeconds: 0,
  does: 'reply',
  reply: '',
  ...limit,
});

/** A receiver and ways in. */
export class TestSink {
  readonly receiver: Receiver;
  readonly mails: SunkMail[] = [];
  readonly #clock: Clock;
  readonly #wanted: Wanted;

  constructor(change: Partial<Provider>, clock: Clock, wanted: Wanted = 'all') {
    this.#clock = clock;
    this.#wanted = wanted;
    const parts = { clock, random: seededRandom(1), seed: 1 };
    this.receiver = new Receiver({ ...plainProvider, ...change }, parts);
  }

  /** Another connection, from an address. */
  connect(ip = '192.0.2.1'): Duplex {
    const [client, server] = duplexPair();
    const connection = new Connection(server, { clock: this.#clock, peer: { ip, port: 40_000 } });
    new Conversation(connection, {
      clock: this.#clock,
      receiver: this.receiver,
      hostname: 'mx.here.test',
      contexts: undefined,
      wanted: () => this.#wanted,
      taken: (mail) => this.mails.push(mail),
    }).begin();
    return client;
  }
}
