import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeaderFacts } from './header-facts.ts';

const tlsOptional = (header: string): boolean => readHeaderFacts(Buffer.from(header)).tlsOptional;

test('TLS-Required: only "No" means something, in any case, and only once (RFC 8689, 3)', () => {
  assert.equal(tlsOptional('TLS-Required: No\r\n'), true);
  assert.equal(tlsOptional('A: b\r\ntls-required:\r\n no \r\n'), true);
  for (const other of [
    'A: b\r\n',
    'TLS-Required: Yes\r\n',
    'TLS-Required:\r\n',
    'TLS-Required: No\r\nTLS-Required: No\r\n',
    'X-TLS-Required: No\r\n',
  ])
    assert.equal(tlsOptional(other), false, other);
});
