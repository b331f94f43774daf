/** Dominic Sayers' isemail set: what RFC 5321 takes as a mailbox and what it does not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { conformanceFolder, skipWithout } from '../../../test/conformance.ts';
import { parseMailbox } from './path.ts';

interface Case {
  readonly address: string;
  readonly category: string;
  readonly diagnosis: string;
}

const folder = conformanceFolder('address');

/** Where we differ on purpose: dots anywhere (legacy addresses), long local parts and paths (VERP), `::` for a single group (RFC 4291). */
const liberties = /_(?:DOT_START|CONSECUTIVEDOTS|LOCAL_TOOLONG|TOOLONG|IPV6DEPRECATED)$/;

test('mailboxes of RFC 5321 are taken and nothing else is', skipWithout('address'), () => {
  const cases = JSON.parse(readFileSync(join(folder!, 'isemail-tests.json'), 'utf8')) as Case[];
  assert(cases.length > 50);
  for (const { address, category, diagnosis } of cases) {
    if (liberties.test(diagnosis)) continue;
    // The set writes control characters as their symbols.
    const text = address.replace(/[\u2400-\u241f]/g, (symbol) =>
      String.fromCharCode(symbol.charCodeAt(0) - 0x2400),
    );
    const expected = /VALID_CATEGORY|RFC5321|DNSWARN/.test(category);
    assert.equal(parseMailbox(text) !== undefined, expected, `${JSON.stringify(text)} ${diagnosis}`);
  }
});
