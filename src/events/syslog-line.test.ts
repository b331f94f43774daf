import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageId } from '../base/ids.ts';
import type { LedgerEvent } from './ledger.ts';
import { syslogLine } from './syslog-line.ts';

const event: LedgerEvent = {
  seq: 7,
  is: 'complained',
  atMs: 1_800_000_000_123,
  message: '01k8'.padEnd(20, '0') as MessageId,
  org: 'org1',
  recipient: '山田@there.test',
  data: { reason: 'abuse', by: 'fbl', notice: 'x' },
};

test('an event is a message of syslog: priority, version, time, who, what, and JSON in ASCII', () => {
  const line = syslogLine(event, 'mx.here.test');
  const parts = /^<(\d+)>1 (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (.*)$/.exec(line)!.slice(1, 8);
  // Facility mail (2), warning (4).
  assert.deepEqual(parts, [
    '20',
    '2027-01-15T08:00:00.123Z',
    'mx.here.test',
    'hikyaku',
    '-',
    'complained',
    '-',
  ]);
  const json = line.slice(line.indexOf('{'));
  assert.match(json, /^[\x20-\x7e]+$/);
  assert.deepEqual(JSON.parse(json), event);
});

test('what is no name of a host is left out', () => {
  assert.match(syslogLine(event, ' '), / - hikyaku - complained - /);
});
