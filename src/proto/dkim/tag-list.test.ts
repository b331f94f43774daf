import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKeyRecord } from './key-record.ts';
import { readSignature } from './signature.ts';
import { parseTagList } from './tag-list.ts';

test('hostile tag lists take linear time', () => {
  const start = process.cpuUsage().user;
  for (const piece of [' ', '\t', '\r\n ', '=', ';', 'a', 'a=', 'a=b;', ':', '\u00e9', '%'])
    for (const [before, after] of [
      ['', ''],
      ['v=DKIM1; p=x', 'x'],
      ['a', '='],
      ['h=a', ':b'],
      ['v=1;', ';x'],
    ]) {
      const text = `${before}${piece.repeat(100_000 / piece.length)}${after}`;
      parseTagList(text);
      readKeyRecord(text);
      readSignature(text);
    }
  assert(process.cpuUsage().user - start < 6_000_000);
});
