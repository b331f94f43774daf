import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpret } from './interpret.ts';
import type { Limits } from './limits.ts';
import { KnownAnswers, Unanswered } from './surroundings.ts';
import { program, run, shown } from './testing.ts';

const outcomes: readonly (readonly [what: string, source: string, ...actions: string[]])[] = [
  ['nothing said is a keep', '', 'implicit keep'],
  ['keep in so many words', 'keep;', 'keep'],
  ['discard', 'discard;', 'discard'],
  ['stop takes the implicit keep', 'stop; discard;', 'implicit keep'],
  ['fileinto cancels the implicit keep', 'require "fileinto"; fileinto "a";', 'fileinto a'],
  ['a copy does not', 'require ["fileinto", "copy"]; fileinto :copy "a";', 'fileinto a', 'implicit keep'],
  ['redirect cancels it, a copy does not', 'redirect "a@b.example";', 'redirect a@b.example'],
  [
    'the same mailbox once',
    'require "fileinto"; fileinto "a"; fileinto "a"; keep; fileinto "inbox";',
    'fileinto a',
    'keep',
  ],
  ['the same address once', 'redirect "a@b.example"; redirect "A@B.example";', 'redirect a@b.example'],
  ['discard and fileinto is fileinto', 'require "fileinto"; discard; fileinto "a";', 'discard', 'fileinto a'],
  ['blanks around the sign', 'redirect " bob @ b . example ";', 'redirect bob@b.example'],
  ['dots that carriers gave out', 'redirect "a..b.@docomo.ne.jp";', 'redirect "a..b."@docomo.ne.jp'],
  ['a name in front of an address', 'redirect "Bob <bob@b.example>";', 'redirect bob@b.example'],
  [
    'flags gathered, and flags of one action',
    'require ["imap4flags", "fileinto"]; setflag "\\\\Seen"; fileinto :flags "x" "a"; fileinto "b"; keep;',
    'fileinto a x',
    'fileinto b \\Seen',
    'keep \\Seen',
  ],
  ['the implicit keep has the last flags', 'require "imap4flags"; addflag "x";', 'implicit keep x'],
  [
    'an error keeps the message and nothing else',
    'require "ihave"; redirect "a@b.example"; error "no";',
    'implicit keep',
    'error ownError',
  ],
  ['a second reject', 'require "reject"; reject "a"; reject "b";', 'implicit keep', 'error rejectTwice'],
  ['ereject', 'require "ereject"; ereject "no";', 'ereject no'],
];

for (const [what, source, ...actions] of outcomes) {
  test(`decided: ${what}`, async () => assert.deepEqual(shown(await run(source)), actions));
}

test('a script that includes another asks for it, and goes on from the start', async () => {
  const scripts = { other: 'require "fileinto"; fileinto "x"; stop;' };
  const decision = await run('require "include"; include "other"; discard;', { scripts });
  assert.deepEqual(shown(decision), ['fileinto x']);
});

test('a script with errors that is included is an error of the run', async () => {
  const decision = await run('require "include"; include "other";', { scripts: { other: 'frob;' } });
  assert.deepEqual(shown(decision), ['implicit keep', 'error scriptInvalid']);
});

test('questions that repeat are asked once', () => {
  const asked: string[] = [];
  const answers = new KnownAnswers();
  const source =
    'require ["mailbox", "fileinto"]; if anyof (mailboxexists "a", mailboxexists "a", mailboxexists "b") { keep; }';
  const head = Buffer.from('Subject: x\r\n\r\n');
  const around = {
    envelope: { from: '', to: '' },
    nowMs: 0,
    zoneMinutes: () => 0,
    environment: new Map<string, string>(),
    ownAddress: '',
  };
  for (;;) {
    try {
      interpret(program(source), { message: { head, sizeBytes: head.length }, around }, answers);
      break;
    } catch (error) {
      assert.ok(error instanceof Unanswered && error.question.is === 'mailbox');
      asked.push(error.question.name);
      answers.give(error.question, { exists: false, uses: [] });
    }
  }
  assert.deepEqual(asked, ['a', 'b']);
});

test('work is bounded: a script that goes on for ever is stopped, and the message kept', async () => {
  const doubling = 'require "variables"; set "a" "xxxxxxxxxxxxxxxx";';
  const source = doubling + ' set "a" "${a}${a}${a}${a}";'.repeat(200);
  const decision = await run(source, { limits: { stepsMax: 100_000 } });
  assert.deepEqual(shown(decision), ['implicit keep', 'error tooMuchWork']);
});

const above: readonly (readonly [limits: Partial<Limits>, source: string, problem: string])[] = [
  [{ actionsMax: 2 }, 'require "fileinto"; fileinto "a"; fileinto "b"; keep;', 'tooManyActions'],
  [
    { redirectsMax: 2 },
    'redirect "a@x.example"; redirect "b@x.example"; redirect "c@x.example";',
    'tooManyRedirects',
  ],
  [{ redirectsMax: 2 }, 'require "extlists"; redirect :list "mailto:all@here.test";', 'tooManyRedirects'],
  [
    { notificationsMax: 1 },
    'require "enotify"; notify "mailto:a@x.example"; notify "mailto:b@x.example";',
    'tooManyNotifications',
  ],
  [{ includeDepthMax: 3 }, 'require "include"; include "one";', 'includeDepth'],
  [
    { includesMax: 2 },
    'require "include"; include "last"; include "last"; include "last";',
    'tooManyIncludes',
  ],
  [
    { questionsMax: 2 },
    'require "mailbox"; if anyof (mailboxexists "a", mailboxexists "b", mailboxexists "c", mailboxexists "d") { stop; }',
    'tooManyQuestions',
  ],
  [{ addedFieldsMax: 1 }, 'require "editheader"; addheader "X-A" "1"; addheader "X-B" "2";', 'tooManyFields'],
];

for (const [limits, source, problem] of above) {
  test(`above a limit the message is kept, and nothing else is done: ${problem}, ${source}`, async () => {
    const scripts = {
      one: 'require "include"; include "two";',
      two: 'require "include"; include "last";',
      last: '',
    };
    const lists = { 'mailto:all@here.test': ['a@x.example', 'b@x.example', 'c@x.example'] };
    const given = { scripts, lists };
    assert.deepEqual(shown(await run(source, { ...given, limits })), ['implicit keep', `error ${problem}`]);
    assert.equal((await run(source, given)).problem, undefined);
  });
}

test('a variable is cut at its size, by characters', async () => {
  const doubling = 'set "a" "${a}${a}"; '.repeat(6);
  const source = `require "variables"; set "a" "あ"; ${doubling} if string :is "\${a}" "${'あ'.repeat(3)}" { discard; }`;
  assert.deepEqual(shown(await run(source, { limits: { variableMaxBytes: 10 } })), ['discard']);
});

test('times asked for are brought within their limits', async () => {
  const [reply] = (await run('require "vacation"; vacation :days 10000 "x";')).actions;
  assert.ok(reply?.is === 'vacation' && reply.seconds === 90 * 86_400);
  const { tracked } = await run('require "duplicate"; if duplicate :seconds 99999999 { stop; }');
  assert.equal(tracked[0]?.seconds, 30 * 86_400);
});

test('wildcards and expressions made to be slow are not', async () => {
  const message = `Subject: ${'a'.repeat(50_000)}\n\n`;
  const stars = `${'*a'.repeat(200)}*b`;
  assert.deepEqual(shown(await run(`if header :matches "subject" "${stars}" { discard; }`, { message })), [
    'implicit keep',
  ]);
  const marks = `${'*?a'.repeat(200)}*b`;
  const slow = await run(`if header :matches "subject" "${marks}" { discard; }`, {
    message,
    limits: { stepsMax: 10_000_000 },
  });
  assert.ok(slow.actions[0]!.is === 'keep');
  const regex = 'require "regex"; if header :regex "subject" "(a+)+$x" { discard; }';
  assert.deepEqual(shown(await run(regex, { message })), ['implicit keep']);
});

test('a message that is enclosed or replaced in its own loop ends the loop', async () => {
  const source = 'require ["foreverypart", "enclose"]; foreverypart { enclose "more"; }';
  const decision = await run(source);
  assert.equal(decision.problem, undefined);
  const replacing =
    'require ["foreverypart", "replace"]; foreverypart { replace :mime text:\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x--\n.\n; }';
  assert.equal((await run(replacing)).problem, undefined);
});

test('redirect sends what was not yet enclosed', async () => {
  const { actions } = await run('require "enclose"; enclose "look"; redirect "a@b.example"; keep;');
  const [sent, kept] = actions;
  assert.ok(sent?.is === 'redirect' && kept?.is === 'keep');
  assert.equal(sent.letter.edited, false);
  assert.match(kept.letter.bytes().toString(), /multipart\/mixed/);
});

test('a trace tells each step and what came of it', async () => {
  const steps: string[] = [];
  const { compileScript } = await import('./compile.ts');
  const compiled = compileScript('if header :contains "subject" "Hello" { stop; }');
  assert.ok(compiled.is === 'program');
  const head = Buffer.from('Subject: Hello\r\n\r\n');
  const around = {
    envelope: { from: '', to: '' },
    nowMs: 0,
    zoneMinutes: () => 0,
    environment: new Map<string, string>(),
    ownAddress: '',
  };
  const trace = ({ at, what, result }: { at: { line: number }; what: string; result?: boolean }): void =>
    void steps.push(`${at.line} ${what}${result === undefined ? '' : ` ${result}`}`);
  interpret(
    compiled.program,
    { message: { head, sizeBytes: head.length }, around, trace },
    new KnownAnswers(),
  );
  assert.deepEqual(steps, ['1 header true', '1 stop']);
});

test('only the header is needed until a test asks for more', () => {
  const head = Buffer.from('Subject: x\r\n\r\nbeginning');
  const message = { head, sizeBytes: 1_000_000 };
  const around = {
    envelope: { from: '', to: '' },
    nowMs: 0,
    zoneMinutes: () => 0,
    environment: new Map<string, string>(),
    ownAddress: '',
  };
  const decide = (source: string) => interpret(program(source), { message, around }, new KnownAnswers());
  assert.deepEqual(shown(decide('if size :over 500K { discard; }')), ['discard']);
  assert.throws(() => decide('require "body"; if body :contains "x" { discard; }'), Unanswered);
});

test('what a list holds is ${0} (RFC 6134)', async () => {
  const source =
    'require ["extlists", "variables", "fileinto"]; if header :list "from" "known" { fileinto "${0}"; }';
  const decision = await run(source, {
    message: 'From: bob@there.test\n\nHello\n',
    lists: { known: ['bob@there.test'] },
  });
  assert.deepEqual(shown(decision), ['fileinto bob@there.test']);
});
