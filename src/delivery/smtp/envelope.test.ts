import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { TlsInfo } from '../../events/event.ts';
import { systemClock } from '../../base/clock.ts';
import { Extensions } from '../../proto/smtp/extensions.ts';
import type { DeliverBy } from '../../queue/message.ts';
import { testAttempt } from '../testing.ts';
import { abilitiesOf, fit, Misfit, rcptCommand, wireAddress } from './envelope.ts';
import { wholeText } from './text.ts';

const can = (...keywords: string[]) =>
  abilitiesOf(new Extensions(new Map(keywords.map((k) => [k, []]))), null);
const everything = can('DSN', '8BITMIME', 'SMTPUTF8', 'SIZE', 'MT-PRIORITY');

test('addresses are quoted where the grammar needs it, and carriers’ old ones are', () => {
  assert.equal(wireAddress('a.b+c@x.example', false), 'a.b+c@x.example');
  assert.equal(wireAddress('a..b@docomo.ne.jp', false), '"a..b"@docomo.ne.jp');
  assert.equal(wireAddress('a.@ezweb.ne.jp', false), '"a."@ezweb.ne.jp');
  assert.equal(wireAddress('with space@x.example', false), '"with space"@x.example');
  assert.equal(wireAddress('x@日本.example', false), 'x@xn--wgv71a.example');
  assert.equal(wireAddress('x@日本.example', true), 'x@日本.example');
  assert.equal(wireAddress('日@x.example', false), undefined);
  assert.equal(wireAddress('', false), '');
});

test('nothing that comes from outside can add a line or a parameter', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[a-z]{0,3}(\r\n|\n|\r| |=|\+|\\|")?RCPT TO:<x>[\r\n ]*$/),
    fc.constant('a\r\nDATA'),
  );
  fc.assert(
    fc.property(nasty, nasty, nasty, fc.boolean(), (local, envid, orcpt, smtpUtf8) => {
      const { message, recipients } = testAttempt([`${local}@x.example`], {
        site: '',
        sender: `${local}@here.test`,
        envid,
        smtpUtf8,
        ret: 'hdrs',
        recipient: { orcpt: `utf-8;${orcpt}`, notify: ['failure'] },
      });
      const fitted = fit(message, wholeText(Buffer.from('x\r\n')), {
        can: everything,
        clock: systemClock,
        eightBitAnyway: false,
      });
      const lines = [
        fitted instanceof Misfit ? '' : fitted.mail,
        rcptCommand(recipients[0]!, everything, smtpUtf8),
        rcptCommand({ ...recipients[0]!, orcpt: `${orcpt};x` }, everything, smtpUtf8),
      ];
      for (const line of lines) {
        if (line instanceof Misfit || line === '') continue;
        assert.equal(line.search(/[\r\n]/), line.length - 2, JSON.stringify(line));
        assert.ok(!line.includes('\0'));
        assert.match(
          line,
          /^(?:MAIL FROM|RCPT TO):<(?:"(?:[^"\\]|\\.)*"|[^" ]*)@[^ ]*>(?: [A-Z0-9-]+(?:=[^ ]+)?)*\r\n$/u,
        );
      }
    }),
    { numRuns: 2000 },
  );
});

test('the time by which mail is to be delivered is passed on as what is left of it (RFC 2852)', () => {
  const nowMs = 1_700_000_000_000;
  const mailOf = (deliverBy: DeliverBy, ...params: string[]) => {
    const extensions = new Extensions(new Map([['DELIVERBY', params]]));
    const { message } = testAttempt(['a@x.example'], { site: '', deliverBy });
    const server = {
      can: abilitiesOf(extensions, null),
      clock: { nowMs: () => nowMs },
      eightBitAnyway: false,
    };
    const fitted = fit(message, wholeText(Buffer.from('x\r\n')), server);
    assert.ok(!(fitted instanceof Misfit));
    return `${fitted.mail.trim().replace(/^\S+ \S+/, '')} ${fitted.keepsTime}`;
  };
  const at = (seconds: number, mode: DeliverBy['mode'] = 'return', trace = false) =>
    ({ atMs: nowMs + seconds * 1000, mode, trace }) as const;
  assert.equal(mailOf(at(119.2)), ' BY=120;R true');
  assert.equal(mailOf(at(-30, 'notify', true)), ' BY=-30;NT true');
  assert.equal(mailOf(at(2e9, 'notify')), ' BY=999999999;N true');
  assert.equal(mailOf(at(120), '240'), ' false', 'it keeps no time so short');
  assert.equal(mailOf(at(300), '240'), ' BY=300;R true');
  const { message } = testAttempt(['a@x.example'], { site: '', deliverBy: at(60) });
  const plain = fit(message, wholeText(Buffer.from('x\r\n')), {
    can: can('DSN'),
    clock: systemClock,
    eightBitAnyway: false,
  });
  assert.ok(!(plain instanceof Misfit) && !plain.mail.includes('BY=') && !plain.keepsTime);
});

test('REQUIRETLS mail is not named to a server that does not offer it, or has not proved its name', () => {
  const { message } = testAttempt(['a@x.example'], { site: '', requireTls: true });
  const tls = { version: 'TLSv1.3', cipher: 'x', verified: true };
  const told = (offered: boolean, proof: TlsInfo | null): string => {
    const extensions = new Extensions(new Map(offered ? [['REQUIRETLS', []]] : []));
    const server = { can: abilitiesOf(extensions, proof), clock: systemClock, eightBitAnyway: false };
    const fitted = fit(message, wholeText(Buffer.from('x\r\n')), server);
    return fitted instanceof Misfit ? fitted.reply.slice(0, 10) : fitted.mail.trimEnd();
  };
  assert.equal(told(true, tls), 'MAIL FROM:<sender@here.test> REQUIRETLS');
  for (const no of [told(false, tls), told(true, { ...tls, verified: false }), told(true, null)])
    assert.equal(no, '550 5.7.30');
});

test('for a server that takes 7 bits only, our own signature comes off the text that is encoded anew; nobody else’s does', () => {
  const { message } = testAttempt(['x@there.test'], { site: '', sender: 'a@here.test' });
  const sevenBit = { can: can('SIZE'), clock: systemClock, eightBitAnyway: false };
  const text = 'From: a@here.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\u00fc\u00dfe\r\n';
  const ours = 'DKIM-Signature: v=1; d=here.test\r\nDKIM-Signature: v=1; d=here.test\r\n';
  const trace = 'Received: by mx.here.test; Tue, 24 Nov 2026 11:41:50 +0000\r\n';
  const converted = fit(message, wholeText(Buffer.from(ours + trace + text)), sevenBit);
  assert.ok(!(converted instanceof Misfit) && converted.text.is === 'whole');
  const sent = converted.text.bytes.toString();
  assert.ok(sent.startsWith(trace) && sent.endsWith('Gr=C3=BC=C3=9Fe\r\n'), sent);
  for (const theirs of [trace + ours + text, ours + text, `${ours}Delivered-To: x\r\n${trace}${text}`])
    assert.ok(fit(message, wholeText(Buffer.from(theirs)), sevenBit) instanceof Misfit, theirs);
});
