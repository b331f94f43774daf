/**
 * Random lives of an account against a model in plain arrays. After each step: the open session, synced, equals the model; at the end: a view built along the
 * way equals one built from the store, the log tells every expunge since any moment, and recounting finds nothing wrong.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { MailboxId } from '../../base/ids.ts';
import { deleted, flagged, seen } from '../flags.ts';
import type { MailboxInfo } from '../mailbox.ts';
import type { MailboxSession } from '../mailbox-session.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { place } from '../place.ts';
import { alice, mailboxesOf, placement, problemsOf, simple } from '../testing.ts';
import type { Engine } from './engine.ts';
import type { Store } from '../../store/store.ts';

interface ModelMessage {
  uid: number;
  system: number;
  keywords: string[];
}

interface ModelBox {
  readonly id: MailboxId;
  uidNext: number;
  messages: ModelMessage[];
}

type Action =
  | { is: 'append'; box: number; count: number }
  | { is: 'place'; key: number }
  | {
      is: 'flags';
      box: number;
      pick: number[];
      how: 'add' | 'remove' | 'replace';
      system: number;
      keyword: boolean;
    }
  | { is: 'transfer'; from: number; to: number; pick: number[]; move: boolean }
  | { is: 'expunge'; box: number; pick: number[] | undefined; always: boolean };

const box = fc.nat(2);
const pick = fc.array(fc.nat(15), { minLength: 1, maxLength: 8, size: 'max' });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ is: fc.constant('append' as const), box, count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ is: fc.constant('place' as const), key: fc.nat(6) }),
  fc.record({
    is: fc.constant('flags' as const),
    box,
    pick,
    how: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
    system: fc.constantFrom(0, seen, deleted, seen | deleted, flagged),
    keyword: fc.boolean(),
  }),
  fc.record({ is: fc.constant('transfer' as const), from: box, to: box, pick, move: fc.boolean() }),
  fc.record({
    is: fc.constant('expunge' as const),
    box,
    pick: fc.option(pick, { nil: undefined }),
    always: fc.boolean(),
  }),
);

/** Uids the action speaks of: some that exist, some that do not. */
function chosen(model: ModelBox, picked: readonly number[]): number[] {
  const uids = picked.map((n) => (n < model.messages.length ? model.messages[n]!.uid : n + 1));
  return [...new Set(uids)].sort((a, b) => a - b);
}

class Life {
  readonly mailboxes: Mailboxes;
  readonly boxes: ModelBox[];
  readonly placed = new Set<number>();
  readonly store: Store;

  constructor(store: Life['store'], mailboxes: Mailboxes, infos: readonly MailboxInfo[]) {
    this.store = store;
    this.mailboxes = mailboxes;
    this.boxes = infos.slice(0, 3).map(({ id }) => ({ id, uidNext: 1, messages: [] }));
  }

  async run(action: Action): Promise<void> {
    const { mailboxes } = this;
    switch (action.is) {
      case 'append': {
        const to = this.boxes[action.box]!;
        const { uids } = await mailboxes.append(
          alice,
          to.id,
          Array.from({ length: action.count }, () => simple('s')),
        );
        assert.deepEqual(
          uids,
          Array.from({ length: action.count }, () => this.#add(to, 0, [])),
        );
        return;
      }
      case 'place': {
        const placed = await this.store.write(place, placement(`k${action.key}`));
        assert.equal(placed.duplicate, this.placed.has(action.key));
        if (!placed.duplicate) assert.equal(placed.uid, this.#add(this.boxes[0]!, 0, []));
        this.placed.add(action.key);
        return;
      }
      case 'flags':
        return this.#flags(action);
      case 'transfer':
        return this.#transfer(action);
      case 'expunge': {
        const from = this.boxes[action.box]!;
        const uids = action.pick && chosen(from, action.pick);
        const gone = await mailboxes.expunge(alice, from.id, uids, action.always && uids !== undefined);
        const expected = from.messages.filter(
          (each) =>
            (uids === undefined || uids.includes(each.uid)) &&
            ((action.always && uids !== undefined) || (each.system & deleted) !== 0),
        );
        assert.deepEqual(
          gone,
          expected.map((each) => each.uid),
        );
        from.messages = from.messages.filter((each) => !expected.includes(each));
      }
    }
  }

  async #flags(action: Extract<Action, { is: 'flags' }>): Promise<void> {
    const model = this.boxes[action.box]!;
    const uids = chosen(model, action.pick);
    const keywords = action.keyword ? ['Work'] : [];
    const flags = { system: action.system, keywords };
    const stored = await this.mailboxes.storeFlags(alice, model.id, uids, { how: action.how, flags });
    const changed: number[] = [];
    for (const each of model.messages.filter(({ uid }) => uids.includes(uid))) {
      const before = `${each.system} ${each.keywords.join()}`;
      if (action.how === 'replace') each.system = action.system;
      else each.system = action.how === 'add' ? each.system | action.system : each.system & ~action.system;
      if (action.how === 'replace') each.keywords = keywords;
      else if (action.keyword) each.keywords = action.how === 'add' ? ['Work'] : [];
      if (before !== `${each.system} ${each.keywords.join()}`) changed.push(each.uid);
    }
    assert.deepEqual(stored.changed, changed);
  }

  async #transfer(action: Extract<Action, { is: 'transfer' }>): Promise<void> {
    const from = this.boxes[action.from]!;
    const to = this.boxes[action.to]!;
    const uids = chosen(from, action.pick);
    const done = await this.mailboxes[action.move ? 'move' : 'copy'](alice, from.id, uids, to.id);
    const taken = from.messages.filter(({ uid }) => uids.includes(uid));
    if (action.move) from.messages = from.messages.filter((each) => !taken.includes(each));
    assert.deepEqual(
      done.from,
      taken.map((each) => each.uid),
    );
    assert.deepEqual(
      done.to,
      taken.map((each) => this.#add(to, each.system, each.keywords)),
    );
  }

  #add(to: ModelBox, system: number, keywords: string[]): number {
    const uid = to.uidNext++;
    to.messages.push({ uid, system, keywords: [...keywords] });
    return uid;
  }
}

const shown = (session: MailboxSession): ModelMessage[] =>
  Array.from({ length: session.count }, (_, i) => {
    const uid = session.uidOf(i + 1);
    const at = session.view.positionOf(uid);
    return { uid, system: session.view.systemFlagsAt(at), keywords: [...session.view.keywordsAt(at)] };
  });

const columns = ({ view }: MailboxSession): unknown[] =>
  Array.from({ length: view.count }, (_, at) => [
    view.uidAt(at),
    view.flagsAt(at),
    view.modseqAt(at),
    view.sizeAt(at),
    view.emailAt(at),
    view.threadAt(at),
    view.receivedAtMsAt(at),
    view.savedAtMsAt(at),
  ]);

/** A client that knows only what it was told, by sequence numbers. */
class Client {
  uids: number[];
  readonly session: MailboxSession;
  constructor(session: MailboxSession) {
    this.session = session;
    this.uids = Array.from({ length: session.count }, (_, i) => session.uidOf(i + 1));
  }
  sync(expunge: boolean): void {
    const updates = this.session.sync({ expunge });
    if (!expunge) assert.deepEqual(updates.expunged, []);
    for (const sequence of updates.expunged) this.uids.splice(sequence - 1, 1);
    if (updates.exists !== undefined) {
      assert.ok(updates.exists > this.uids.length);
      for (let n = this.uids.length + 1; n <= updates.exists; n++) this.uids.push(this.session.uidOf(n));
    }
    assert.deepEqual(
      this.uids,
      Array.from({ length: this.session.count }, (_, i) => this.session.uidOf(i + 1)),
    );
  }
}

/** Opened anew, from snapshots of any age, the mailboxes look the same. */
async function recalled(store: Store, sessions: readonly MailboxSession[]): Promise<void> {
  using quick = mailboxesOf(store, { snapshotMin: 1 });
  for (const session of sessions) {
    using again = await quick.open(alice, session.view.mailbox);
    assert.deepEqual(columns(again), columns(session));
    assert.equal(again.view.uidNext, session.view.uidNext);
    assert.equal(again.view.unseen, session.view.unseen);
  }
}

export function modelContract(engine: Engine): void {
  test('any life of an account: sessions, views, log and counters agree with a plain model', {
    timeout: 180_000,
  }, async () => {
    const lives = fc.array(fc.tuple(action, fc.boolean()), { minLength: 5, maxLength: 40, size: 'max' });
    await fc.assert(
      fc.asyncProperty(lives, async (steps) => {
        await using store = await engine.open();
        using mailboxes = mailboxesOf(store);
        const life = new Life(store, mailboxes, await mailboxes.list(alice));
        await life.run({ is: 'append', box: 0, count: 8 });
        await life.run({ is: 'append', box: 1, count: 5 });
        const sessions = await Promise.all(life.boxes.map(({ id }) => mailboxes.open(alice, id)));
        const clients = sessions.map((session) => new Client(session));
        const moments: { modseq: number; uids: number[][] }[] = [];
        let version = 0;
        for (const [step, expunge] of steps) {
          await life.run(step);
          await mailboxes.refresh(alice);
          const infos = await mailboxes.list(alice);
          const newest = Math.max(...infos.map((info) => info.modseq));
          assert.ok(newest >= version, 'modseq rises');
          version = newest;
          moments.push({
            modseq: newest,
            uids: life.boxes.map((each) => each.messages.map(({ uid }) => uid)),
          });
          for (const client of clients) client.sync(expunge);
          if (expunge) await recalled(store, sessions);
          for (const [i, model] of life.boxes.entries()) {
            if (!expunge) continue;
            assert.deepEqual(shown(sessions[i]!), model.messages);
          }
        }
        using fresh = mailboxesOf(store);
        for (const [i, model] of life.boxes.entries()) {
          using reopened = await fresh.open(alice, model.id);
          assert.deepEqual(columns(sessions[i]!), columns(reopened));
          assert.deepEqual(shown(reopened), model.messages);
          assert.equal(reopened.view.uidNext, model.uidNext);
          const info = (await fresh.get(alice, model.id))!;
          assert.equal(info.total, model.messages.length);
          assert.equal(info.unseen, model.messages.filter(({ system }) => (system & seen) === 0).length);
          for (const moment of moments) {
            const gone = moment.uids[i]!.filter((uid) => !model.messages.some((each) => each.uid === uid));
            const told = new Set<number>(await fresh.expungedSince(alice, model.id, moment.modseq));
            assert.ok(
              gone.every((uid) => told.has(uid)),
              'no expunge is missing from the log',
            );
            assert.ok(
              model.messages.every(({ uid }) => !told.has(uid)),
              'nothing that is there is told as gone',
            );
          }
        }
        for (const session of sessions) session[Symbol.dispose]();
        assert.deepEqual(await problemsOf(store), []);
      }),
      { numRuns: engine.runs },
    );
  });
}
