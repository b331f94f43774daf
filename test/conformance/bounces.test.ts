/** Returned mail of seventy systems, delivery reports and feedback reports: floors for what is read of them, and no file that breaks the reader. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readReturned } from '../../src/proto/bounce/read-returned.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';
import { mark, readLabels, type Mark } from './bounce-marks.ts';

const share = (marks: readonly Mark[], right: (one: Mark) => boolean): number =>
  marks.filter(right).length / marks.length;

test('bounces of seventy systems: class, reason and recipient', skipWithout('bounce-sisimai'), () => {
  const folder = conformanceFolder('bounce-sisimai')!;
  const marks = readLabels(folder).map((label) => mark(label, folder));
  const seen = marks.filter((one) => !one.label.heldOut);
  const heldOut = marks.filter((one) => one.label.heldOut);
  assert.ok(share(seen, (one) => one.classRight) >= 0.98, 'class of the seen part');
  assert.ok(share(seen, (one) => one.reasonRight) >= 0.95, 'reason of the seen part');
  assert.ok(share(heldOut, (one) => one.classRight) >= 0.93, 'class of the part kept unseen');
  assert.ok(share(heldOut, (one) => one.reasonRight) >= 0.84, 'reason of the part kept unseen');
  const named = marks.filter((one) => one.recipientRight !== undefined);
  assert.ok(share(named, (one) => one.recipientRight === true) >= 0.99, 'recipients');
});

test('what has no label is read without harm', skipWithout('bounce-sisimai'), () => {
  const folder = join(conformanceFolder('bounce-sisimai')!, 'unlabelled');
  for (const file of globSync('*', { cwd: folder })) {
    const returned = readReturned(readFileSync(join(folder, file)));
    assert.ok(['bounce', 'complaint', 'autoReply', 'none'].includes(returned.is), file);
  }
});

interface Fact {
  readonly file: string;
  readonly [name: string]: unknown;
}

test('feedback reports are complaints', skipWithout('arf-feedback'), () => {
  const folder = conformanceFolder('arf-feedback')!;
  const facts = readFileSync(join(folder, 'facts.python.jsonl'), 'utf8').trim().split('\n');
  for (const { file } of facts.map((line) => JSON.parse(line) as Fact)) {
    const bytes = readFileSync(join(folder, file));
    if (!/message\/feedback-report/i.test(bytes.toString('latin1'))) continue;
    assert.equal(readReturned(bytes).is, 'complaint', file);
  }
});

test('mail of people is not taken for a report', skipWithout('japanese-mail'), () => {
  const folder = join(conformanceFolder('japanese-mail')!, 'eml');
  for (const file of globSync('*.eml', { cwd: folder }))
    assert.equal(readReturned(readFileSync(join(folder, file))).is, 'none', file);
});
