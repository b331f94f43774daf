import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isWrapped, unwrapped, wrapped } from './return-path.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 24, 12);
const keptDays = 21;
const here = { domain: 'here.test', key: 'a secret', nowMs };
const back = (address: string, more: Partial<Parameters<typeof unwrapped>[1]> = {}): string | undefined =>
  unwrapped(address.slice(0, address.lastIndexOf('@')), { key: here.key, nowMs, keptDays, ...more });

test('a sender becomes an address of ours, and this address the sender again', () => {
  const address = wrapped('Bob.Smith+x@there.test', here)!;
  assert.match(address, /^SRS0=[A-Z2-7]{8}=[A-Z2-7]{2}=there\.test=Bob\.Smith\+x@here\.test$/);
  assert.equal(back(address), 'Bob.Smith+x@there.test');
  // Others may lose the case of it.
  assert.equal(back(address.toLowerCase()), 'bob.smith+x@there.test');
});

test('any local part comes back as it was, for some weeks and no longer', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60 }), fc.nat({ max: 3000 }), (local, day) => {
      fc.pre(!isWrapped(local));
      const at = nowMs + day * dayMs;
      const address = wrapped(`${local}@there.test`, { ...here, nowMs: at })!;
      assert.equal(back(address, { nowMs: at }), `${local}@there.test`);
      assert.equal(back(address, { nowMs: at + keptDays * dayMs }), `${local}@there.test`);
      assert.equal(back(address, { nowMs: at + (keptDays + 1) * dayMs }), undefined);
      assert.equal(back(address, { nowMs: at - dayMs }), undefined);
    }),
  );
});

test('whoever comes later names the first forwarder alone, and bounces go back in two steps', () => {
  const first = wrapped('bob@there.test', { ...here, domain: 'first.test', key: 'theirs' })!;
  const second = wrapped(first, { ...here, domain: 'second.test', key: 'others' })!;
  const third = wrapped(second, here)!;
  assert.match(second, /^SRS1=[A-Z2-7]{8}=first\.test==[A-Z2-7]{8}=..=there\.test=bob@second\.test$/);
  assert.match(third, /^SRS1=[A-Z2-7]{8}=first\.test==[A-Z2-7]{8}=..=there\.test=bob@here\.test$/);
  assert.equal(back(third), first);
  assert.equal(back(first, { key: 'theirs' }), 'bob@there.test');
  // Separators that others use are kept.
  for (const given of ['SRS0+ab12=CD=there.test=bob@first.test', 'srs0-ab12=cd=there.test=bob@first.test'])
    assert.equal(back(wrapped(given, here)!), given.replace(/^srs/, 'SRS'));
});

test('what was not made with our key is nobody’s, however it is changed', () => {
  const address = wrapped('bob@there.test', here)!;
  assert.equal(back(address, { key: 'another secret' }), undefined);
  const local = address.slice(0, address.indexOf('@'));
  for (let at = 'SRS0='.length; at < local.length; at++) {
    const changed = local[at]!.toLowerCase() === 'x' ? 'y' : 'x';
    assert.equal(
      back(`${local.slice(0, at)}${changed}${local.slice(at + 1)}@here.test`),
      undefined,
      String(at),
    );
  }
  // An address of one kind is none of the other.
  assert.equal(back(address.replace('SRS0', 'SRS1')), undefined);
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('SRS0=', 'SRS1=', 'SRS0=AAAAAAAA='), (text, head) => {
      assert.equal(back(`${head}${text}@here.test`), undefined);
    }),
  );
});

test('what does not fit into an address, or is none, is left as it is', () => {
  assert.equal(wrapped(`${'x'.repeat(240)}@there.test`, here), undefined);
  for (const sender of ['', 'postmaster', 'bob@[192.0.2.1]']) assert.equal(wrapped(sender, here), undefined);
  assert.match(wrapped('bob@例え.jp', here)!, /=xn--r8jz45g\.jp=bob@here\.test$/);
});
