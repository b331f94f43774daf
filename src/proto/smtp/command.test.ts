import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseCommand } from './command.ts';

const parse = (text: string) => parseCommand(Buffer.from(text));
const faultOf = (text: string): string => {
  const command = parse(text);
  return command.verb === 'fault' ? command.is : `not a fault: ${command.verb}`;
};
const params = (text: string): unknown => {
  const command = parse(`MAIL FROM:<a@b.test> ${text}`);
  return command.verb === 'MAIL' ? command.params : command;
};
const rcpt = (text: string): unknown => {
  const command = parse(`RCPT TO:<a@b.test> ${text}`);
  return command.verb === 'RCPT' ? command.params : command;
};

test('verbs and parameters are read in any case', () => {
  assert.deepEqual(parse('mail from:<a@b.test> size=7 body=8bitmime'), {
    verb: 'MAIL',
    from: { local: 'a', domain: 'b.test' },
    params: { sizeBytes: 7, body: '8bitmime' },
  });
  assert.deepEqual(parse('quit '), { verb: 'QUIT' });
  assert.deepEqual(parse('NOOP whatever'), { verb: 'NOOP' });
  assert.deepEqual(parse('Bdat 10 last'), { verb: 'BDAT', sizeBytes: 10, last: true });
  assert.deepEqual(parse('auth plain ='), { verb: 'AUTH', mechanism: 'PLAIN', initial: '=' });
  assert.deepEqual(parse('EHLO [192.0.2.1]'), { verb: 'EHLO', domain: '[192.0.2.1]' });
  assert.equal(parse('MAIL FROM: <a@b.test>').verb, 'MAIL', 'a common error is passed over');
});

test('what is wrong is named', () => {
  const cases: [string, string][] = [
    ['', 'unknownCommand'],
    ['FOO', 'unknownCommand'],
    ['MAILFROM:<a@b>', 'unknownCommand'],
    ['MAIL <a@b.test>', 'syntax'],
    ['MAIL FROM:a@b.test', 'senderSyntax'],
    ['MAIL FROM:<a@b.test>SIZE=1', 'syntax'],
    ['RCPT TO:<>', 'recipientSyntax'],
    ['RCPT TO:<a@b.test> SIZE=1', 'paramUnknown'],
    ['MAIL FROM:<a@b.test> X=1', 'paramUnknown'],
    ['MAIL FROM:<a@b.test> SIZE=x', 'paramSyntax'],
    ['MAIL FROM:<a@b.test> SIZE=1 SIZE=1', 'paramSyntax'],
    ['MAIL FROM:<a@b.test> __proto__=1', 'paramUnknown'],
    ['DATA now', 'syntax'],
    ['BDAT', 'syntax'],
    ['BDAT -1', 'syntax'],
    ['BDAT 1 LAST X', 'syntax'],
    ['BDAT 9999999999999999', 'syntax'],
    ['EHLO', 'syntax'],
    ['EHLO a b', 'syntax'],
    ['AUTH', 'syntax'],
    ['MAIL FROM:<a\u0000@b.test>', 'notText'],
  ];
  for (const [text, fault] of cases) assert.equal(faultOf(text), fault, text);
  const broken = parseCommand(Buffer.from([0x4e, 0x4f, 0x4f, 0x50, 0x20, 0xff]));
  assert.deepEqual([broken.verb, 'is' in broken && broken.is], ['fault', 'notText']);
});

test('parameters of MAIL follow their RFCs', () => {
  assert.deepEqual(params('RET=HDRS ENVID=a+2Bb'), { ret: 'hdrs', envid: 'a+b' });
  assert.deepEqual(params('AUTH=<>'), { submitter: null });
  assert.deepEqual(params('AUTH=e+3Dmc2@example.com'), {
    submitter: { local: 'e=mc2', domain: 'example.com' },
  });
  assert.deepEqual(params('HOLDFOR=60'), { holdForSeconds: 60 });
  assert.deepEqual(params('HOLDUNTIL=2026-11-24T00:00:00Z'), { holdUntilMs: Date.UTC(2026, 10, 24) });
  assert.deepEqual(params('BY=-10;NT'), { deliverBy: { seconds: -10, mode: 'notify', trace: true } });
  assert.deepEqual(params('MT-PRIORITY=-9 REQUIRETLS SMTPUTF8'), {
    priority: -9,
    requireTls: true,
    smtpUtf8: true,
  });
  for (const bad of [
    'BY=0;R',
    'BY=5',
    'HOLDFOR=0',
    'HOLDUNTIL=tomorrow',
    'HOLDUNTIL=2026-13-01T00:00:00Z',
    'MT-PRIORITY=10',
    'RET=ALL',
    'SMTPUTF8=1',
    'ENVID=a+0D+0Ab',
    'ENVID=a+',
    'BODY=9BIT',
    'BODY=constructor',
    `ENVID=${'x'.repeat(101)}`,
  ]) {
    assert.equal(faultOf(`MAIL FROM:<a@b.test> ${bad}`), 'paramSyntax', bad);
  }
});

test('parameters of RCPT follow RFC 3461', () => {
  assert.deepEqual(rcpt('NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob+2Bx@b.test'), {
    notify: ['success', 'delay'],
    orcpt: 'rfc822;Bob+x@b.test',
  });
  assert.deepEqual(rcpt('ORCPT=utf-8;\\x{65E5}@b.test'), { orcpt: 'utf-8;日@b.test' });
  for (const bad of [
    'NOTIFY=',
    'NOTIFY',
    'NOTIFY=NEVER,DELAY',
    'NOTIFY=DELAY,DELAY',
    'NOTIFY=SOON',
    'ORCPT=a@b',
    'ORCPT=rfc822;',
    'ORCPT=rfc822;a+0A@b',
    'ORCPT=utf-8;\\x{D800}@b',
  ]) {
    assert.equal(faultOf(`RCPT TO:<a@b.test> ${bad}`), 'paramSyntax', bad);
  }
});

test('any line is a command or a fault', () => {
  const heads = fc.constantFrom(
    '',
    'MAIL FROM:<',
    'RCPT TO:<a@b> ',
    'BDAT ',
    'AUTH ',
    'MAIL FROM:<a@b> ENVID=',
  );
  fc.assert(
    fc.property(heads, fc.uint8Array({ maxLength: 80 }), (head, noise) => {
      parseCommand(Buffer.concat([Buffer.from(head), noise]));
    }),
  );
});
