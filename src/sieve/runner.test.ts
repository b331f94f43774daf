/** Scripts that take long are run elsewhere, with the same end. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import { TestClock } from '../base/test-clock.ts';
import { defaultLimits } from '../proto/sieve/limits.ts';
import type { Question } from '../proto/sieve/surroundings.ts';
import { runScripts, type ScriptRun, type Verdict } from './run-scripts.ts';
import { ScriptRunner } from './runner.ts';
import { isLarge, programOf, type RunnableScript } from './script.ts';
import { Workshop } from './workshop.ts';

const workshop = new Workshop({ clock: systemClock, log: silentLog });
const runner = new ScriptRunner(workshop);
after(() => workshop[Symbol.asyncDispose]());

function script(text: string, stage: RunnableScript['stage'] = 'active'): RunnableScript {
  const source = Buffer.from(text);
  const program = isLarge(source) ? 'large' : programOf(source);
  return { owner: 'account:alice', name: stage, stage, source, program };
}

function runOf(scripts: readonly RunnableScript[], more: Partial<ScriptRun> = {}, text = mail): ScriptRun {
  const message = Buffer.from(text);
  return {
    of: 'alice' as AccountId,
    scripts,
    message: { head: message, sizeBytes: message.length },
    around: {
      envelope: { from: 'bob@there.test', to: 'alice@here.test' },
      nowMs: 0,
      zoneMinutes: () => 0,
      environment: new Map([['name', 'Hikyaku']]),
      ownAddress: 'alice@here.test',
    },
    limits: defaultLimits,
    answer: async (question: Question) => {
      if (question.is === 'mailbox') return { exists: question.name === 'Lists', uses: [] };
      if (question.is === 'script') return programOf(Buffer.from('require "fileinto"; fileinto "Included";'));
      throw new Error(`not asked here: ${question.is}`);
    },
    ...more,
  };
}

const mail = 'From: Bob <bob@there.test>\r\nSubject: Hello\r\n\r\nHi.\r\n';
/** More work than is done in a thread that serves others. */
const long = `require "variables"; set "a" "${'x'.repeat(60)}"; ${'set "a" "${a}${a}";'.repeat(10)}${'set "b" "${a}";'.repeat(100)}\n`;

const shown = ({ taken, keep, troubles }: Verdict): unknown => [
  ...taken.map(({ action }) => [
    action.is,
    action.is === 'fileinto' ? action.mailbox : '',
    'letter' in action ? action.letter.bytes().toString() : '',
  ]),
  keep && ['keep', keep.letter.edited, ...keep.flags],
  ...troubles.map(({ problem }) => problem.code),
];

test('much work ends as it would have here, and the message with it', async () => {
  const rest = `require ["fileinto", "editheader", "mailbox", "environment", "imap4flags", "include", "copy"];
    # rule:[lists]
    if allof (mailboxexists "Lists", environment "name" "Hikyaku", header "subject" "Hello") {
      addheader "X-One" "1"; fileinto :copy "Lists"; addheader "X-Two" "2"; addflag "\\\\Flagged";
    }
    include "other"; keep;`;
  const [requires, ...lines] = rest.split('\n');
  const run = runOf([script(`${requires}${long}${lines.join('\n')}`)]);
  const here = await runScripts(run, (program, input) =>
    import('../proto/sieve/interpret.ts').then(({ decide }) => decide(program, input, run.answer)),
  );
  const verdict = await runner.run({ ...run, traced: true });
  assert.deepEqual(shown(verdict), shown(here));
  assert.match(JSON.stringify(shown(verdict)), /Lists.*Included.*X-Two.*"keep",true/s);
  assert.equal(verdict.taken[0]!.rule, 'lists');
  assert.deepEqual(verdict.followed, here.followed);
  assert.deepEqual(verdict.letter.values('subject'), ['Hello']);
  assert.ok(verdict.steps.some(({ what, result }) => what === 'mailboxexists' && result));
});

test('a large script is compiled and run elsewhere, and looked at there', async () => {
  const large = '# a comment of some length, to make it large\n'.repeat(2000);
  const verdict = await runner.run(runOf([script(`${large}discard;`)]));
  assert.deepEqual(shown(verdict), [['discard', '', ''], undefined]);
  const wrong = await workshop.check(Buffer.from(`${large}frob;`));
  assert.ok(wrong.is === 'unsound' && wrong.problems[0]!.at.line === 2001);
  const sound = await workshop.check(Buffer.from(`${large}keep;`));
  assert.ok(sound.is === 'sound' && sound.rules.length === 1);
});

test('a large message is read there; a question that fails is a failure of the whole', async () => {
  const head = Buffer.from(mail);
  const body = Buffer.concat([head, Buffer.alloc(3_000_000, 'x\r\n')]);
  const message = { head, sizeBytes: body.length };
  const scripts = [script('require "body"; if body :raw :contains "x" { discard; }')];
  const reading = runOf(scripts, { message, answer: async () => body });
  assert.deepEqual(shown(await runner.run(reading)), [['discard', '', ''], undefined]);
  const failing = runOf(scripts, { message, answer: () => Promise.reject(new Error('the store is down')) });
  await assert.rejects(runner.run(failing), /the store is down/);
  assert.deepEqual(shown(await runner.run(reading)), [['discard', '', ''], undefined]);
});

test('a script that never ends its work keeps the message', async () => {
  const endless = `${long}${'set "b" "${a}";'.repeat(4000)}discard;`;
  const limits = { ...defaultLimits, stepsMax: 3_000_000 };
  const verdict = await runner.run(runOf([script(endless)], { limits }));
  assert.deepEqual(shown(verdict), [['keep', false], 'tooMuchWork']);
});

test('by default too the work of a run has an end, and of it a small part is done here', async () => {
  const text = 'x'.repeat(60_000);
  const work = `if string :contains "\${a}" "y" { discard; }\n`.repeat(4000);
  const endless = script(`require "variables"; set "a" "${text}";\n${work}discard;`);
  assert.equal(endless.program, 'large');
  assert.deepEqual(shown(await runner.run(runOf([endless]))), [['keep', false], 'tooMuchWork']);
  const loop = script(`require ["variables", "include"]; set "a" "${'x'.repeat(60)}";
    ${'set "a" "${a}${a}";'.repeat(10)} ${'include "more";'.repeat(99)}`);
  const more = programOf(
    Buffer.from(`require "variables"; ${'if string :contains "${b}" "y" { stop; }'.repeat(30)}`),
  );
  const asked: string[] = [];
  const answer = async (question: Question): Promise<unknown> => {
    asked.push(question.is);
    return more;
  };
  assert.equal((await runner.run(runOf([loop], { answer }))).troubles.length, 0);
  assert.deepEqual(new Set(asked), new Set(['script']));
});

test('one account’s mail does not wait in front of that of all others', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const waiting = runOf([script(`require ["mailbox", "variables"]; if mailboxexists "x" {} ${long}`)], {
    answer: () => promise,
  });
  const large = { ...waiting, scripts: [script(`${'# comment\n'.repeat(8000)}if true {}`)] };
  const busy = { ...large, message: { ...large.message } };
  const first = workshop.run({ ...waiting, scripts: waiting.scripts });
  const second = runner.run(busy);
  await assert.rejects(
    runner.run(busy),
    (error: unknown) => error instanceof Refusal && error.reason === 'rateLimited',
  );
  const other = runner.run({ ...busy, of: 'bob' as AccountId });
  resolve({ exists: false, uses: [] });
  await Promise.all([first, second, other]);
});

test('work that does not end in time is given up, and the next is begun anew', async () => {
  const clock = new TestClock();
  await using slow = new Workshop({ clock, log: silentLog });
  const asked = Promise.withResolvers<void>();
  const run = runOf([script('require "mailbox"; if mailboxexists "x" { discard; }')], {
    answer: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const verdict = slow.run(run);
  await asked.promise;
  await clock.advance(60_000);
  assert.deepEqual(shown(await verdict), [['keep', false], 'tooMuchWork']);
  assert.deepEqual(shown(await slow.run(runOf([script('discard;')]))), [['discard', '', ''], undefined]);
});
