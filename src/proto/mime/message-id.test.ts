import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseSubject } from './base-subject.ts';
import { idsMax, parseMessageIds } from './message-id.ts';

test('ids are taken between brackets, each once, and broken ones do no harm', () => {
  assert.deepEqual(parseMessageIds('<a@b> (c) <d@e><a@b>'), ['a@b', 'd@e']);
  assert.deepEqual(parseMessageIds('<a@b <c@d>'), ['a@b', 'c@d']);
  assert.deepEqual(parseMessageIds('a@b'), ['a@b']);
  assert.deepEqual(parseMessageIds('your message of Monday'), []);
});

test('of too many references the root and the nearest are kept', () => {
  const ids = parseMessageIds(Array.from({ length: 1000 }, (_, i) => `<${i}@x>`).join(' '));
  assert.equal(ids.length, idsMax);
  assert.deepEqual([ids[0], ids[1], ids.at(-1)], ['0@x', `${1000 - idsMax + 1}@x`, '999@x']);
});

test('reply and forward marks go, in full width and in Japanese too', () => {
  const marked = [
    'Re: 会議',
    'RE：会議',
    'Re[2]: Fwd: 会議',
    '返信: 会議',
    'FW: 転送：会議',
    '[list] Re: [list] 会議',
    '[Fwd: 会議]',
    '会議 (fwd)',
    'ＲＥ：　会議',
  ];
  for (const subject of marked)
    assert.deepEqual(baseSubject(subject), { base: '会議', isReplyOrForward: true }, subject);
  assert.deepEqual(baseSubject('[list]   会議  の件'), { base: '会議 の件', isReplyOrForward: false });
  assert.deepEqual(baseSubject('[only]'), { base: '[only]', isReplyOrForward: false });
  assert.deepEqual(baseSubject('Recall: x'), { base: 'Recall: x', isReplyOrForward: false });
});

test('hostile subjects and ids take linear time', () => {
  const start = process.cpuUsage().user;
  for (const evil of ['Re:', '[', '[a]', ' ', '[Fwd:', '<', '<a@b>']) {
    baseSubject(evil.repeat(100_000));
    parseMessageIds(evil.repeat(100_000));
  }
  assert(process.cpuUsage().user - start < 3_000_000);
});
