/**
 * Random lives of an account that one client leads by IMAP and another by JMAP. After each step: what IMAP's sessions show, put together, is what JMAP's
 * queries and counters say; maps and answers that were moved forward are those of a server that has just started; and whoever applies what /changes tells to
 * what it had, has what there is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { EmailFilter, EmailOrder, EmailQuery } from '../email-filter.ts';
import { deleted, draft, flagged, seen } from '../flags.ts';
import { type EmailNumber, mailboxNumber } from '../ids.ts';
import type { MailboxInfo } from '../mailbox.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { place } from '../place.ts';
import { alice, mailboxesOf, message, placement, problemsOf } from '../testing.ts';
import type { Store } from '../../store/store.ts';
import type { Engine } from './engine.ts';

const nat = fc.nat(6);
const some = fc.array(fc.nat(9), { minLength: 1, maxLength: 4 });
const system = fc.constantFrom(0, seen, flagged, draft, seen | flagged);
const step = fc.oneof(
  fc.record({ by: fc.constant('imap'), is: fc.constant('append'), box: nat, of: some }),
  fc.record({ by: fc.constant('imap'), is: fc.constant('place'), key: nat }),
  fc.record({
    by: fc.constant('imap'),
    is: fc.constant('flag'),
    box: nat,
    of: some,
    system,
    add: fc.boolean(),
  }),
  fc.record({ by: fc.constant('imap'), is: fc.constant('hide'), box: nat, of: some, add: fc.boolean() }),
  fc.record({ by: fc.constant('imap'), is: fc.constant('copy'), box: nat, of: some, to: nat }),
  fc.record({ by: fc.constant('imap'), is: fc.constant('move'), box: nat, of: some, to: nat }),
  fc.record({ by: fc.constant('imap'), is: fc.constant('expunge'), box: nat }),
  fc.record({ by: fc.constant('imap'), is: fc.constant('mailbox'), box: nat, add: fc.boolean() }),
  fc.record({ by: fc.constant('jmap'), is: fc.constant('create'), box: nat, to: nat, reply: fc.boolean() }),
  fc.record({ by: fc.constant('jmap'), is: fc.constant('keywords'), of: some, system, add: fc.boolean() }),
  fc.record({ by: fc.constant('jmap'), is: fc.constant('mailboxes'), of: some, box: nat, to: nat }),
  fc.record({ by: fc.constant('jmap'), is: fc.constant('destroy'), of: some }),
  fc.record({ by: fc.constant('jmap'), is: fc.constant('destroyMailbox'), box: nat }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One email as the memberships that IMAP shows make it. */
interface Seen {
  readonly boxes: Set<number>;
  seen: boolean;
  readonly system: Set<number>;
  readonly keywords: Set<string>;
}

class Life {
  readonly store: Store;
  readonly kept: Mailboxes;
  #made = 0;

  constructor(store: Store, kept: Mailboxes) {
    this.store = store;
    this.kept = kept;
  }

  async run(step: Step): Promise<void> {
    const boxes = await this.kept.list(alice);
    const box = 'box' in step ? boxes[step.box % boxes.length]! : boxes[0]!;
    if (step.by === 'imap') return this.#imap(step, boxes, box);
    return this.#jmap(step, boxes, box);
  }

  /** All their parts of the same size but for some, a reply now and then: `n` is unique. */
  #mail(n: number, reply: boolean) {
    const to = reply && n > 0 ? `References: <m${n - 1}@x.test>\n` : '';
    const subject = `Subject: ${reply ? 'Re: ' : ''}talk\n`;
    const text = `${subject}Message-ID: <m${n}@x.test>\n${to}\n${'x'.repeat((n * 7) % 50)}\n`;
    return message(text, { receivedAtMs: 1_700_000_000_000 + ((n * 37) % 11) * 1000 });
  }

  async #imap(step: Step, boxes: readonly MailboxInfo[], box: MailboxInfo): Promise<void> {
    const { kept } = this;
    const of = 'of' in step ? step.of.map((each) => each + 1) : [];
    const to = 'to' in step ? boxes[step.to % boxes.length]! : box;
    switch (step.is) {
      case 'append':
        await kept.append(
          alice,
          box.id,
          of.map(() => this.#mail(this.#made++, false)),
        );
        return;
      case 'place':
        await this.store.write(place, placement(`k${step.key}`));
        return;
      case 'flag': {
        const flags = { system: step.system, keywords: ['Blue'] };
        await kept.storeFlags(alice, box.id, of, { how: step.add ? 'add' : 'remove', flags });
        return;
      }
      case 'hide': {
        const flags = { system: deleted, keywords: [] };
        await kept.storeFlags(alice, box.id, of, { how: step.add ? 'add' : 'remove', flags });
        return;
      }
      case 'copy':
      case 'move':
        await kept[step.is](alice, box.id, of, to.id);
        return;
      case 'expunge':
        await kept.expunge(alice, box.id, undefined, false);
        return;
      default:
        await this.#mailbox(boxes, box, 'add' in step && step.add);
    }
  }

  async #mailbox(boxes: readonly MailboxInfo[], box: MailboxInfo, add: boolean): Promise<void> {
    if (add && boxes.length < 9) await this.kept.create(alice, `New ${this.#made++}`);
    else if (box.role === undefined) await this.kept.delete(alice, box.name);
  }

  async #jmap(step: Step, boxes: readonly MailboxInfo[], box: MailboxInfo): Promise<void> {
    const { mail } = this.kept;
    const all = await mail.query(alice, { filter: undefined, sort: [], collapse: false }, undefined);
    const of =
      'of' in step && all.emails.length > 0 ? step.of.map((n) => all.emails[n % all.emails.length]!) : [];
    const numbers = boxes.map(({ id }) => mailboxNumber(id)!);
    const to = 'to' in step ? numbers[step.to % numbers.length]! : numbers[0]!;
    const from = mailboxNumber(box.id)!;
    switch (step.is) {
      case 'create':
        await mail.create(alice, [...new Set([from, to])], this.#mail(this.#made++, step.reply));
        return;
      case 'keywords': {
        const flags = { system: step.system, keywords: ['Work'] };
        const how = step.add ? { add: flags } : { remove: flags };
        await mail.change(
          alice,
          [...new Set(of)].map((email) => ({ email, ...how, into: [], outOf: [] })),
        );
        return;
      }
      case 'mailboxes':
        await mail.change(
          alice,
          [...new Set(of)].map((email) => ({ email, into: [to], outOf: from === to ? [] : [from] })),
        );
        return;
      case 'destroy':
        await mail.destroy(alice, [...new Set(of)], undefined);
        return;
      default:
        if (box.role === undefined) await mail.tree.destroy(alice, box.id, true);
    }
  }

  /** What IMAP's sessions show. */
  async shown(): Promise<ReadonlyMap<EmailNumber, Seen>> {
    const emails = new Map<EmailNumber, Seen>();
    for (const { id } of await this.kept.list(alice)) {
      using session = await this.kept.open(alice, id);
      const { view } = session;
      for (let at = 0; at < view.count; at++) {
        const { system: flags, keywords } = view.flagsAt(at);
        if ((flags & deleted) !== 0) continue;
        const email = view.emailAt(at);
        const known = emails.get(email) ?? {
          boxes: new Set(),
          seen: true,
          system: new Set(),
          keywords: new Set(),
        };
        known.boxes.add(mailboxNumber(id)!);
        known.seen &&= (flags & seen) !== 0;
        for (const flag of [flagged, draft]) if ((flags & flag) !== 0) known.system.add(flag);
        for (const keyword of keywords) known.keywords.add(keyword.toLowerCase());
        emails.set(email, known);
      }
    }
    return emails;
  }
}

const words = ({ boxes, seen: isSeen, system: flags, keywords }: Seen): string =>
  [[...boxes].sort(), isSeen, [...flags].sort(), [...keywords].sort()].join(' ');

const ask = (
  filter: EmailFilter | undefined,
  sort: readonly EmailOrder[] = [],
  collapse = false,
): EmailQuery => ({
  filter,
  sort,
  collapse,
});

function queriesFor(boxes: readonly number[]): EmailQuery[] {
  const bySize: EmailOrder[] = [{ by: 'size', descending: false }];
  const byFlag: EmailOrder[] = [{ by: 'keyword', keyword: '$flagged', descending: true }];
  const unseen: EmailFilter = { is: 'not', of: { is: 'keyword', keyword: '$seen' } };
  return [
    ask(undefined),
    ask(undefined, [], true),
    ask(undefined, bySize),
    ask(unseen, byFlag),
    ask({ is: 'threadKeyword', keyword: '$flagged', have: 'some' }),
    ...boxes.map((mailbox) => ask({ is: 'inMailbox', mailbox }, bySize, mailbox % 2 === 0)),
    ask({ is: 'outside', mailboxes: boxes.slice(0, 1) }),
  ];
}

async function agree(life: Life): Promise<ReadonlyMap<EmailNumber, Seen>> {
  const { kept, store } = life;
  using fresh = mailboxesOf(store);
  const shown = await life.shown();
  const boxes = (await kept.list(alice)).map(({ id }) => mailboxNumber(id)!);
  for (const query of queriesFor(boxes)) {
    const [moved, anew] = [kept, fresh].map(({ mail }) => mail.query(alice, query, undefined));
    assert.deepEqual(await moved, await anew, JSON.stringify(query));
  }
  const { emails } = await kept.mail.query(alice, ask(undefined), undefined);
  assert.deepEqual([...emails].sort(), [...shown.keys()].sort());
  for (const [keyword, has] of [
    ['$seen', (each: Seen) => each.seen],
    ['$flagged', (each: Seen) => each.system.has(flagged)],
    ['blue', (each: Seen) => each.keywords.has('blue')],
    ['work', (each: Seen) => each.keywords.has('work')],
  ] as const) {
    const found = await kept.mail.query(alice, ask({ is: 'keyword', keyword }), undefined);
    const wanted = [...shown].filter(([, each]) => has(each)).map(([email]) => email);
    assert.deepEqual([...found.emails].sort(), wanted.sort(), keyword);
  }
  const counts = await kept.mail.counts(alice, undefined, undefined);
  assert.deepEqual(counts, await fresh.mail.counts(alice, undefined, undefined));
  for (const box of boxes) {
    const inside = [...shown.values()].filter((each) => each.boxes.has(box));
    const unread = inside.filter((each) => !each.seen && !each.system.has(draft));
    const { totalEmails = 0, unreadEmails = 0 } = counts.get(box) ?? {};
    assert.deepEqual([totalEmails, unreadEmails], [inside.length, unread.length]);
  }
  return shown;
}

/** Whoever has `before` and hears what changed since has what there is, and hears of each email that is another. */
async function tells(
  life: Life,
  version: number,
  before: ReadonlyMap<EmailNumber, Seen>,
  now: ReadonlyMap<EmailNumber, Seen>,
): Promise<void> {
  const changes = await life.kept.mail.changes(alice, String(version), undefined);
  assert.ok(changes);
  const has = new Set(before.keys());
  const told = new Set<EmailNumber>();
  for (const { number, is } of changes.emails) {
    // What came and went may be told as gone (RFC 8620, 5.2).
    if (is !== 'destroyed') assert.equal(has.has(number), is === 'updated', `${is} ${number}`);
    told.add(number);
    if (is === 'destroyed') has.delete(number);
    else has.add(number);
  }
  assert.deepEqual([...has].sort(), [...now.keys()].sort());
  for (const [email, each] of now) {
    const was = before.get(email);
    if (was === undefined || words(was) !== words(each)) assert.ok(told.has(email), `not told of ${email}`);
  }
}

export function sideBySideContract(engine: Engine): void {
  test('whatever is done by IMAP and by JMAP side by side, both show the same, and changes tell it all', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25, size: 'max' }), async (steps) => {
        await using store = await engine.open();
        using kept = mailboxesOf(store);
        await kept.list(alice);
        const life = new Life(store, kept);
        let before = await agree(life);
        let version = await kept.mail.version(alice);
        const first = { before, version };
        for (const each of steps) {
          await life.run(each);
          const now = await agree(life);
          await tells(life, version, before, now);
          await tells(life, first.version, first.before, now);
          before = now;
          version = await kept.mail.version(alice);
        }
        assert.deepEqual(await problemsOf(store), []);
      }),
      { numRuns: Math.ceil(engine.runs / 3) },
    );
  });
}
