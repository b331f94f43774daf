import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isHijacked,
  knownFromMs,
  networkOf,
  newProfile,
  signsOf,
  signsText,
  withDeed,
  type SendingProfile,
} from './signs.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.UTC(2026, 0, 1);
let seq = 0;

function sent(
  profile: SendingProfile,
  atMs: number,
  more: { ip?: string; recipients?: string[] } = {},
): SendingProfile {
  const { ip = '192.88.1.5', recipients = ['friend@x.test'] } = more;
  return withDeed(profile, { is: 'sent', seq: ++seq, atMs, ip, recipients });
}

const strangers = (count: number, of = 's'): string[] =>
  Array.from({ length: count }, (_, i) => `${of}${i}@y.test`);

/** Two weeks of ten mails a day. */
function usual(): SendingProfile {
  let profile = newProfile(start);
  for (let day = 0; day < 14; day++)
    for (let i = 0; i < 10; i++) profile = sent(profile, start + day * dayMs + i * hourMs);
  return profile;
}
const now = start + 14 * dayMs;

test('a jump alone pauses nobody: a newsletter to people one knows, or one from home to new ones', () => {
  const toFriends = sent(usual(), now, { recipients: Array.from({ length: 500 }, () => 'friend@x.test') });
  assert.equal(signsOf(toFriends).jump, true);
  assert.equal(isHijacked(toFriends, signsOf(toFriends), now), false);
  const toStrangers = sent(usual(), now, { recipients: strangers(500) });
  assert.deepEqual([signsOf(toStrangers).strangers, signsOf(toStrangers).newNetwork], [true, false]);
  assert.equal(isHijacked(toStrangers, signsOf(toStrangers), now), false);
});

test('a jump from a new network to strangers, or one to strangers that comes back, does', () => {
  const abroad = sent(usual(), now, { ip: '45.9.7.3', recipients: strangers(200) });
  assert.equal(isHijacked(abroad, signsOf(abroad), now), true);
  assert.equal(signsText(signsOf(abroad)), 'jump 209/10, new network, strangers');
  let back = sent(usual(), now, { recipients: strangers(200) });
  for (let i = 0; i < 40; i++) back = withDeed(back, { is: 'bounced', seq: ++seq, atMs: now + 1000 });
  assert.equal(isHijacked(back, signsOf(back), now), true);
});

test('a few mails from a journey, an account that nobody knows yet, and mail from inside are left alone', () => {
  const journey = sent(usual(), now, { ip: '45.9.7.3', recipients: strangers(40) });
  assert.equal(isHijacked(journey, signsOf(journey), now), false);
  const young = sent(newProfile(now), now + 1, { ip: '45.9.7.3', recipients: strangers(9000) });
  assert.equal(isHijacked(young, signsOf(young), now + 1), false);
  assert.equal(isHijacked(young, { ...signsOf(young), newNetwork: true }, now + knownFromMs), true);
  assert.deepEqual(
    ['10.0.0.1', '127.0.0.1', '192.0.2.1', '', 'fe80::1'].map(networkOf),
    Array(5).fill(undefined),
  );
  assert.equal(networkOf('45.9.7.3'), networkOf('45.9.200.1'));
  assert.notEqual(networkOf('2a00:1::1'), networkOf('2a01:1::1'));
});

test('a network is new for a day only, what was usual is the most of a day, and a profile stays small', () => {
  let profile = usual();
  for (let i = 0; i < 30; i++) profile = sent(profile, now + i * hourMs, { ip: '45.9.7.3' });
  const later = sent(profile, now + 30 * hourMs, { ip: '45.9.7.3', recipients: strangers(300) });
  assert.equal(signsOf(later).newNetwork, false);
  assert.equal(signsOf(later).usual, 10);
  for (let i = 0; i < 200; i++)
    profile = sent(profile, now + (2 + i) * dayMs, {
      ip: `45.${i}.0.1`,
      recipients: strangers(100, `d${i}-`),
    });
  assert.ok(JSON.stringify(profile).length < 50_000);
  assert.equal(withDeed(profile, { is: 'bounced', seq: 1, atMs: now }), profile);
});
