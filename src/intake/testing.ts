/** Stand-ins for tests of intake and of the servers in front of it: a directory of a few people, bodies in memory, and a queue that remembers. */
import type { AccountId, OrgId } from '../base/ids.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { Resolution } from '../directory/resolution.ts';
import type { MailEvent } from '../events/event.ts';
import type { CredentialStore } from '../proto/sasl/mechanism.ts';
import type { Submission } from '../queue/message.ts';
import type { Bodies, BodyWriter, StoredBody } from '../store/body.ts';
import { Intake, type IntakeParts } from './intake.ts';
import { intakeDefaults, type IntakeOptions } from './options.ts';

const org = 'org1' as OrgId;

/**
 * alice and bob have mailboxes; info is an alias of alice, news one of info, sales of both, loop of itself, ring of a ring; carol is switched off; gone has members nobody knows.
 * All of them are of org1; at other.test dave has a mailbox, and desk is an alias of his, both of org2; lent is an alias of dave's at here.test, of org1.
 */
const expansions: Readonly<Record<string, readonly string[]>> = {
  info: ['alice@here.test'],
  news: ['info@here.test'],
  sales: ['alice@here.test', 'bob@here.test'],
  all: ['sales@here.test', 'alice@here.test', 'outside@there.test'],
  loop: ['loop@here.test'],
  ring: ['ring2@here.test'],
  ring2: ['ring@here.test', 'alice@here.test'],
  gone: ['nobody@here.test'],
  lent: ['dave@other.test'],
};

/** Forwards that keep a copy: keeper to the outside, this and that to each other, self to itself. */
const keptForwards: Readonly<Record<string, readonly string[]>> = {
  keeper: ['outside@there.test', 'sales@here.test'],
  this: ['that@here.test'],
  that: ['sales@here.test', 'this@here.test'],
  self: ['self@here.test'],
};

export const alice: Principal = {
  account: 'alice' as AccountId,
  org,
  address: 'alice@here.test',
  roles: ['user'],
  credential: 'password',
};

function mailboxOf(name: string, address: string, whose = org): Resolution {
  const account = name as AccountId;
  return { is: 'account', account, org: whose, address, mailboxDetail: '', language: 'en' };
}

const org2 = 'org2' as OrgId;
const others: Readonly<Record<string, Resolution>> = {
  dave: mailboxOf('dave', 'dave@other.test', org2),
  desk: {
    is: 'expanded',
    to: ['dave@other.test', 'away@there.test'],
    why: 'alias',
    org: org2,
    address: 'desk@other.test',
    mailboxDetail: '',
  },
};

export class TestDirectory {
  /** Canonical rewriting, `direction where address` → address. */
  readonly rewrites = new Map<string, string>();

  async resolve(address: string): Promise<Resolution> {
    const at = address.lastIndexOf('@');
    const domain = address.slice(at + 1).toLowerCase();
    if (domain === 'other.test') return others[address.slice(0, at).toLowerCase()] ?? { is: 'unknown' };
    if (address.toLowerCase() === 'postmaster') return mailboxOf('alice', 'postmaster');
    if (domain !== 'here.test' && domain !== 'mx.here.test') return { is: 'remote' };
    const [name = '', mailboxDetail = ''] = address.slice(0, at).toLowerCase().split('+');
    if (/^(?:alice|bob|postmaster|\.?a\.\.b|user\d+)$/.test(name)) {
      const canonical = `${name}@${domain}`;
      return {
        is: 'account',
        account: name as AccountId,
        org,
        address: canonical,
        mailboxDetail,
        language: 'en',
      };
    }
    if (name === 'carol') return { is: 'disabled', account: 'carol' as AccountId, org };
    const forward = keptForwards[name];
    if (forward) {
      const alsoAccount = name as AccountId;
      return { is: 'expanded', to: forward, why: 'forward', org, alsoAccount, address, mailboxDetail };
    }
    const to = expansions[name];
    return to ? { is: 'expanded', to, why: 'alias', org, address, mailboxDetail } : { is: 'unknown' };
  }

  async maySendAs(principal: Principal, address: string): Promise<boolean> {
    return address === '' || address.toLowerCase() === principal.address;
  }

  async rewrite(address: string, direction: string, where: string): Promise<string> {
    return this.rewrites.get(`${direction} ${where} ${address}`) ?? address;
  }

  async account(): Promise<undefined> {
    return undefined;
  }

  /** alice's password is `secret`. */
  credentials(): CredentialStore<Principal> {
    return {
      async verifyPassword(username, password) {
        if (username !== 'alice@here.test' || password !== 'secret')
          throw new Refusal('authenticationFailed', username);
        return alice;
      },
      scram: (username) => Promise.reject(new Refusal('authenticationFailed', username)),
    };
  }
}

class MemoryWriter implements BodyWriter {
  readonly #chunks: Buffer[] = [];
  sizeBytes = 0;

  write(chunk: Uint8Array): undefined {
    this.#chunks.push(Buffer.from(chunk));
    this.sizeBytes += chunk.length;
    return undefined;
  }
  async *written(offset = 0): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.concat(this.#chunks).subarray(offset);
  }
  async finish(top: Uint8Array = new Uint8Array(0)): Promise<StoredBody> {
    this.sizeBytes += top.length;
    return { is: 'inline', bytes: Buffer.concat([top, ...this.#chunks]) };
  }
  async abort(): Promise<void> {}
}

export const memoryBodies: Pick<Bodies, 'writer'> = { writer: () => new MemoryWriter() };

export interface Taken {
  readonly submission: Submission;
  readonly events: readonly MailEvent[];
  readonly text: string;
}

export interface TestIntake {
  readonly intake: Intake;
  readonly directory: TestDirectory;
  /** What the queue was given. */
  readonly taken: Taken[];
  readonly refused: MailEvent<'refused'>[];
}

export function testIntake(
  options: Partial<IntakeOptions> = {},
  parts: Partial<IntakeParts> = {},
): TestIntake {
  const directory = new TestDirectory();
  const taken: Taken[] = [];
  const refused: MailEvent<'refused'>[] = [];
  const intake = new Intake({
    directory,
    bodies: memoryBodies,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
    options: { ...intakeDefaults, hostName: 'mx.here.test', authservId: 'mx.here.test', ...options },
    async accept(submission, events) {
      const { body } = submission;
      const text = body.is === 'inline' ? Buffer.from(body.bytes).toString('latin1') : '';
      taken.push({ submission, events, text });
    },
    refused: (event) => refused.push(event),
    ...parts,
  });
  return { intake, directory, taken, refused };
}
