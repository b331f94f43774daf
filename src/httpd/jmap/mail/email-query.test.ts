import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, MailboxId } from '../../../base/ids.ts';
import { answered, flagged, seen } from '../../../mailbox/flags.ts';
import { message } from '../../../mailbox/testing.ts';
import { openTestJmap, type TestJmap } from '../testing.ts';

interface Mail {
  readonly subject: string;
  readonly from?: string;
  readonly to?: string;
  readonly id?: string;
  readonly refers?: string;
  readonly at: number;
  readonly body?: string;
  readonly flags?: number;
  readonly keywords?: readonly string[];
  readonly more?: string;
  readonly box?: string;
}

const second = 1_000_000_000_000;

class Fixture {
  readonly jmap: TestJmap;
  readonly boxes: Readonly<Record<string, MailboxId>>;

  constructor(jmap: TestJmap, boxes: Readonly<Record<string, MailboxId>>) {
    this.jmap = jmap;
    this.boxes = boxes;
  }

  async put(mail: Mail): Promise<string> {
    const {
      subject,
      from = 'a@x.test',
      to = 'b@x.test',
      id = subject,
      refers,
      at,
      body = 'text',
      more = '',
    } = mail;
    const reference = refers === undefined ? '' : `In-Reply-To: <${refers}@x>\n`;
    const text = `From: ${from}\nTo: ${to}\nSubject: ${subject}\nMessage-ID: <${id.replaceAll(' ', '-')}@x>\n${reference}${more}\n${body}\n`;
    const { emails } = await this.jmap.api.parts.mailboxes.append(
      this.jmap.account as AccountId,
      this.boxes[mail.box ?? 'inbox']!,
      [
        message(text, {
          receivedAtMs: second + at * 1000,
          flags: { system: mail.flags ?? 0, keywords: mail.keywords ?? [] },
        }),
      ],
    );
    return `e${emails[0]!.toString(32)}`;
  }

  async ids(args: object = {}): Promise<string[]> {
    const answer = await this.jmap.call('Email/query', args);
    assert.ok(answer.ids, JSON.stringify(answer));
    return answer.ids;
  }

  filtered(filter: object): Promise<string[]> {
    return this.ids({ filter, sort: [{ property: 'receivedAt', isAscending: true }] });
  }
}

async function fixture(jmap: TestJmap): Promise<Fixture> {
  const { list } = await jmap.call('Mailbox/get');
  return new Fixture(
    jmap,
    Object.fromEntries(list.map(({ role, id }: { role: string; id: MailboxId }) => [role, id])),
  );
}

const at = (seconds: number): string => new Date(second + seconds * 1000).toISOString().replace('.000Z', 'Z');

test('Email/query knows every filter', async () => {
  await using jmap = await openTestJmap();
  const f = await fixture(jmap);
  const a = await f.put({
    subject: 'alpha plan',
    from: '"Ann Lee" <ann@x.test>',
    at: 1,
    flags: seen,
    body: 'the quick brown fox',
    more: 'X-Tag: Red\nCc: c@cc.test\n',
  });
  const b = await f.put({
    subject: 'Re: alpha plan',
    refers: 'alpha-plan',
    at: 2,
    keywords: ['work'],
    body: 'quick fox brown',
  });
  const c = await f.put({
    subject: '東京の会議',
    at: 3,
    flags: flagged,
    box: 'archive',
    body: '大阪で会いましょう',
    more: 'Content-Type: multipart/mixed; boundary=q\n',
  });
  const d = await f.put({
    subject: 'big',
    at: 4,
    body: 'y'.repeat(3000),
    more: 'Bcc: hidden@x.test\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n',
  });
  const { inbox, archive, trash } = f.boxes;
  const cases: [object, string[]][] = [
    [{}, [a, b, c, d]],
    [{ inMailbox: archive }, [c]],
    [{ inMailbox: 'm9' }, []],
    [{ inMailboxOtherThan: [inbox] }, [c]],
    [{ inMailboxOtherThan: [inbox, archive] }, []],
    [{ inMailboxOtherThan: [trash] }, [a, b, c, d]],
    [{ before: at(2) }, [a]],
    [{ after: at(3) }, [c, d]],
    [{ before: at(4), after: at(2) }, [b, c]],
    [{ minSize: 3000 }, [d]],
    [{ maxSize: 3000 }, [a, b, c]],
    [{ hasKeyword: '$seen' }, [a]],
    [{ notKeyword: '$Seen' }, [b, c, d]],
    [{ hasKeyword: 'WORK' }, [b]],
    [{ allInThreadHaveKeyword: '$seen' }, []],
    [{ allInThreadHaveKeyword: '$flagged' }, [c]],
    [{ someInThreadHaveKeyword: '$seen' }, [a, b]],
    [{ noneInThreadHaveKeyword: '$seen' }, [c, d]],
    [{ hasAttachment: true }, [d]],
    [{ hasAttachment: false }, [a, b, c]],
    [{ text: 'fox' }, [a, b]],
    [{ text: 'ann' }, [a]],
    [{ text: 'fox "quick brown"' }, [a]],
    [{ body: 'brown quick' }, [a, b]],
    [{ body: "'brown fox'" }, [a]],
    [{ from: 'Lee' }, [a]],
    [{ from: 'ann@x.test' }, [a]],
    [{ to: 'b@x.test' }, [a, b, c, d]],
    [{ cc: 'cc.test' }, [a]],
    [{ bcc: 'hidden' }, [d]],
    [{ subject: 'ALPHA' }, [a, b]],
    [{ subject: '京の' }, [c]],
    [{ header: ['X-Tag'] }, [a]],
    [{ header: ['x-tag', 'red'] }, [a]],
    [{ header: ['x-tag', 'blue'] }, []],
    [{ operator: 'AND', conditions: [{ text: 'fox' }, { hasKeyword: '$seen' }] }, [a]],
    [{ operator: 'OR', conditions: [{ hasKeyword: '$flagged' }, { text: 'fox' }] }, [a, b, c]],
    [{ operator: 'NOT', conditions: [{ hasKeyword: '$flagged' }, { body: 'fox' }] }, [d]],
    [{ operator: 'AND', conditions: [] }, [a, b, c, d]],
  ];
  for (const [filter, ids] of cases) assert.deepEqual(await f.filtered(filter), ids, JSON.stringify(filter));
  const error = async (filter: object) => (await jmap.call('Email/query', { filter })).type;
  assert.equal(await error({ before: 'x' }), 'invalidArguments');
  assert.equal(await error({ minSize: -1 }), 'invalidArguments');
  assert.equal(await error({ hasKeyword: 'a b' }), 'invalidArguments');
  assert.equal(await error({ header: [] }), 'invalidArguments');
  assert.equal(await error({ hasAttachment: 'x' }), 'invalidArguments');
  assert.equal(await error({ unknown: 1 }), 'unsupportedFilter');
});

test('Email/query sorts by each property, and collapses threads', async () => {
  await using jmap = await openTestJmap();
  const f = await fixture(jmap);
  const a = await f.put({
    subject: 'm',
    from: 'Zoe <a@x.test>',
    to: 'b@x.test',
    at: 3,
    flags: seen,
    more: 'Date: Fri, 01 Mar 2024 10:00:00 +0000\n',
  });
  const b = await f.put({
    subject: 'Re: m',
    refers: 'm',
    id: 'r',
    from: 'm@x.test',
    to: 'Ann <z@x.test>',
    at: 1,
    body: 'long '.repeat(50),
    more: 'Date: Fri, 01 Mar 2024 12:00:00 +0000\n',
  });
  const c = await f.put({
    subject: 'a',
    from: 'Ann <c@x.test>',
    to: 'Max <m@x.test>',
    at: 2,
    flags: answered,
    body: 'longer '.repeat(90),
    more: 'Date: Fri, 01 Mar 2024 11:00:00 +0000\n',
  });
  const by = (property: string, isAscending = true, more: object = {}) =>
    f.ids({ sort: [{ property, isAscending, ...more }] });
  assert.deepEqual(await f.ids(), [a, c, b]);
  assert.deepEqual(await by('receivedAt'), [b, c, a]);
  assert.deepEqual(await by('size'), [a, b, c]);
  assert.deepEqual(await by('size', false), [c, b, a]);
  assert.deepEqual(await by('from'), [c, b, a]);
  assert.deepEqual(await by('to'), [b, a, c]);
  assert.deepEqual(await by('sentAt'), [a, c, b]);
  assert.deepEqual((await by('subject'))[0], c);
  assert.deepEqual((await by('hasKeyword', false, { keyword: '$answered' }))[0], c);
  assert.deepEqual((await by('someInThreadHaveKeyword', true, { keyword: '$seen' }))[0], c);
  assert.deepEqual((await by('allInThreadHaveKeyword', false, { keyword: '$answered' }))[0], c);
  assert.deepEqual(
    await f.ids({ sort: [{ property: 'subject' }, { property: 'receivedAt', isAscending: false }] }),
    [c, a, b],
  );
  assert.deepEqual(await f.ids({ collapseThreads: true }), [a, c]);
  assert.deepEqual(
    await f.ids({ collapseThreads: true, sort: [{ property: 'receivedAt', isAscending: true }] }),
    [b, c],
  );
  assert.equal((await jmap.call('Email/query', { sort: [{ property: 'x' }] })).type, 'unsupportedSort');
  assert.equal(
    (await jmap.call('Email/query', { sort: [{ property: 'hasKeyword' }] })).type,
    'invalidArguments',
  );
});

test('a window of the results is chosen by position, anchor and limit', async () => {
  await using jmap = await openTestJmap();
  const f = await fixture(jmap);
  const all: string[] = [];
  for (let i = 0; i < 6; i++) all.unshift(await f.put({ subject: `s${i}`, at: i }));
  const query = (args: object) => jmap.call('Email/query', args);
  const window = async (args: object): Promise<[number, string[]]> => {
    const { position, ids } = await query(args);
    return [position, ids];
  };
  assert.deepEqual(await window({ position: 2, limit: 2 }), [2, all.slice(2, 4)]);
  assert.deepEqual(await window({ position: -2 }), [4, all.slice(4)]);
  assert.deepEqual(await window({ position: -99, limit: 1 }), [0, all.slice(0, 1)]);
  assert.deepEqual((await window({ position: 99 }))[1], []);
  assert.deepEqual(await window({ anchor: all[3], limit: 1 }), [3, [all[3]]]);
  assert.deepEqual(await window({ anchor: all[3], anchorOffset: -2, limit: 2 }), [1, all.slice(1, 3)]);
  assert.deepEqual(await window({ anchor: all[0], anchorOffset: -5, limit: 1 }), [0, [all[0]]]);
  assert.deepEqual(await window({ anchor: all[5], anchorOffset: 5 }), [10, []]);
  assert.equal((await query({ anchor: 'e99' })).type, 'anchorNotFound');
  assert.equal((await query({ limit: -1 })).type, 'invalidArguments');
  assert.equal((await query({ position: 'x' })).type, 'invalidArguments');
  const total = await query({ calculateTotal: true, limit: 1 });
  assert.deepEqual([total.total, total.canCalculateChanges, total.collapseThreads], [6, true, false]);
  assert.equal('total' in (await query({})), false);
  const { methodResponses } = await jmap.request([
    ['Email/query', { accountId: jmap.account, limit: 2 }],
    [
      'Email/get',
      {
        accountId: jmap.account,
        '#ids': { resultOf: '0', name: 'Email/query', path: '/ids' },
        properties: ['threadId'],
      },
    ],
    [
      'Thread/get',
      { accountId: jmap.account, '#ids': { resultOf: '1', name: 'Email/get', path: '/list/*/threadId' } },
    ],
    [
      'Email/get',
      {
        accountId: jmap.account,
        '#ids': { resultOf: '2', name: 'Thread/get', path: '/list/*/emailIds' },
        properties: ['subject'],
      },
    ],
  ]);
  assert.deepEqual(
    methodResponses[3][1].list.map((each: { subject: string }) => each.subject),
    ['s5', 's4'],
  );
});

/** What a client has after it took the changes to its results (RFC 8620, 5.6). */
function spliced(
  old: readonly string[],
  changes: { removed: string[]; added: { id: string; index: number }[] },
): string[] {
  const result = old.filter((id) => !changes.removed.includes(id));
  for (const { id, index } of changes.added) result.splice(index, 0, id);
  return result;
}

test('changes to results make the new ones of the old, whatever happened', async () => {
  await using jmap = await openTestJmap();
  const f = await fixture(jmap);
  const { inbox, trash } = f.boxes;
  const ids: string[] = [];
  for (let i = 0; i < 8; i++)
    ids.push(
      await f.put({
        subject: i % 3 === 0 ? 'base' : `Re: base`,
        id: `n${i}`,
        ...(i === 0 ? {} : { refers: i % 2 === 0 ? 'n0' : `z${i}` }),
        at: i,
      }),
    );
  const queries = [
    { filter: { inMailbox: inbox } },
    { filter: { inMailbox: inbox }, collapseThreads: true },
    { filter: { hasKeyword: '$seen' }, sort: [{ property: 'size' }] },
    { filter: { someInThreadHaveKeyword: '$flagged' }, sort: [{ property: 'subject' }] },
    {
      sort: [
        { property: 'hasKeyword', keyword: '$seen', isAscending: false },
        { property: 'receivedAt', isAscending: false },
      ],
    },
  ];
  const results = async () => Promise.all(queries.map((query) => jmap.call('Email/query', query)));
  let before = await results();
  const steps: (() => Promise<unknown>)[] = [
    () => f.put({ subject: 'base', id: 'late', at: 3.5 }),
    () =>
      jmap.call('Email/set', {
        update: { [ids[2]!]: { 'keywords/$seen': true }, [ids[4]!]: { 'keywords/$flagged': true } },
      }),
    () => jmap.call('Email/set', { update: { [ids[1]!]: { mailboxIds: { [trash!]: true } } } }),
    () => jmap.call('Email/set', { destroy: [ids[0], ids[6]] }),
    () =>
      jmap.call('Email/set', {
        update: { [ids[4]!]: { keywords: {} }, [ids[1]!]: { [`mailboxIds/${inbox}`]: true } },
      }),
  ];
  for (const [step, happen] of steps.entries()) {
    await happen();
    const after = await results();
    for (const [i, query] of queries.entries()) {
      const changes = await jmap.call('Email/queryChanges', {
        ...query,
        sinceQueryState: before[i].queryState,
        calculateTotal: true,
      });
      assert.deepEqual(spliced(before[i].ids, changes), after[i].ids, `step ${step}, query ${i}`);
      assert.deepEqual(
        [changes.oldQueryState, changes.newQueryState, changes.total],
        [before[i].queryState, after[i].queryState, after[i].ids.length],
      );
    }
    before = after;
  }
  const args = { ...queries[0], sinceQueryState: before[0].queryState };
  await jmap.call('Email/set', { destroy: [ids[2], ids[3]] });
  assert.equal((await jmap.call('Email/queryChanges', { ...args, maxChanges: 1 })).type, 'tooManyChanges');
  assert.equal(
    (await jmap.call('Email/queryChanges', { ...args, sinceQueryState: 'none' })).type,
    'cannotCalculateChanges',
  );
  assert.equal((await jmap.call('Email/queryChanges', {})).type, 'invalidArguments');
});
