/** Commands and tests of `vnd.dovecot.testsuite`, over a World. */
import { compileMatch, matchTags } from '../../src/proto/sieve/match/match-type.ts';
import {
  type CommandDefinition,
  step,
  test,
  type TestDefinition,
} from '../../src/proto/sieve/language/definition.ts';
import { Letter } from '../../src/proto/sieve/letter.ts';
import type { Run } from '../../src/proto/sieve/language/run.ts';
import { octetsOf } from '../../src/proto/sieve/text.ts';
import type { World } from './suite-world.ts';

export const testsuite = 'vnd.dovecot.testsuite';
const needs = testsuite;

export interface TestResult {
  readonly name: string;
  /** Undefined: it passed. */
  readonly failure: string | undefined;
}

/** Thrown by `test_fail`. */
class Failure extends Error {}

export interface Suite {
  readonly world: World;
  readonly results: TestResult[];
}

export function suiteCommands(suite: Suite): CommandDefinition[] {
  const { world } = suite;
  const named = (name: string, act: (text: string, run: Run) => void): CommandDefinition => ({
    name,
    needs,
    args: ['string'],
    compile(call) {
      const text = call.text(0);
      return step((run) => act(text.read(run), run));
    },
  });
  const pair = (name: string, act: (first: string, second: string, run: Run) => void): CommandDefinition => ({
    name,
    needs,
    args: ['string', 'string'],
    compile(call) {
      const [first, second] = [call.text(0), call.text(1)];
      return step((run) => act(first.read(run), second.read(run), run));
    },
  });
  const bare = (name: string, act: () => void): CommandDefinition => ({
    name,
    needs,
    compile: () => step(act),
  });
  return [
    testCommand(suite),
    named('test_fail', (reason) => {
      throw new Failure(reason);
    }),
    pair('test_set', (what, value, run) => setObject(world, what, { value, run })),
    pair('test_config_set', (name, value) => void world.settings.set(name, value)),
    named('test_config_unset', (name) => void world.settings.delete(name)),
    {
      name: 'test_config_reload',
      needs,
      tags: [{ name: 'extension', value: 'string' }],
      compile: () => step(() => {}),
    },
    {
      name: 'test_mailbox_create',
      needs,
      args: ['string'],
      compile(call) {
        const name = call.text(0);
        return step(
          (run) => void world.mailboxes.set(name.read(run), world.mailboxes.get(name.read(run)) ?? []),
        );
      },
    },
    named('test_mailbox_delete', (name) => void world.mailboxes.delete(name)),
    metadataCommand(world),
    bare('test_result_reset', () => {
      world.actions = [];
    }),
    bare('test_result_print', () => {}),
    named('test_binary_save', () => {}),
    named('test_binary_load', () => {}),
    { ...messageDefinition, compile: (call, scope) => asCommand(messageTest(world).compile(call, scope)) },
  ];
}

function asCommand({ holds }: { holds: (run: Run) => boolean }) {
  return step((run) => {
    if (!holds(run)) throw new Failure('test_message: there is no such message');
  });
}

function testCommand({ results }: Suite): CommandDefinition {
  return {
    name: 'test',
    needs,
    args: ['string'],
    block: true,
    compile(call, scope) {
      const name = call.text(0);
      const block = scope.compiler.block(call.block, scope);
      return step((run) => {
        let failure: string | undefined;
        try {
          block(run);
        } catch (error) {
          failure = error instanceof Error ? error.message : String(error);
        }
        run.loops = [];
        results.push({ name: name.read(run), failure });
      });
    },
  };
}

function setObject(world: World, what: string, { value, run }: { value: string; run: Run }): void {
  switch (what.toLowerCase()) {
    case 'message':
      world.message = octetsOf(value);
      run.letter = letterOf(world.message);
      return;
    case 'envelope.from':
      world.envelope.from = value;
      return;
    case 'envelope.to':
    case 'envelope.orig_to':
      world.envelope.to = value;
      return;
    case 'envelope.auth':
      return;
    default:
      throw new Failure(`test_set: no object ${what}`);
  }
}

export const letterOf = (bytes: Buffer): Letter =>
  Letter.received({ head: bytes, sizeBytes: bytes.length, whole: () => bytes });

function metadataCommand(world: World): CommandDefinition {
  return {
    name: 'test_imap_metadata_set',
    needs,
    tags: [{ name: 'mailbox', value: 'string' }],
    args: ['string', 'string'],
    compile(call) {
      const mailbox = call.tagText('mailbox');
      const [name, value] = [call.text(0), call.text(1)];
      return step((run) => {
        world.annotations.set(`${mailbox?.read(run) ?? ''} ${name.read(run)}`, value.read(run));
      });
    },
  };
}

const messageDefinition = {
  name: 'test_message',
  needs,
  tags: [
    { name: 'folder', group: 'where', value: 'string' },
    { name: 'smtp', group: 'where' },
  ],
  args: ['number'],
} as const;

/** Makes a stored or sent message the current one. */
function messageTest(world: World): TestDefinition {
  return {
    ...messageDefinition,
    compile(call) {
      const folder = call.tagText('folder');
      const index = call.number(0);
      return test((run) => {
        const mails = folder ? world.mailboxes.get(folder.read(run)) : world.sent;
        const mail = mails?.[index];
        if (mail === undefined) return false;
        world.message = mail.bytes;
        if (!folder) world.envelope = { from: world.sent[index]!.from, to: world.sent[index]!.to[0] ?? '' };
        if (folder) run.flags = (mail as { flags?: readonly string[] }).flags ?? [];
        run.letter = letterOf(mail.bytes);
        return true;
      });
    },
  };
}

const actionNames: Readonly<Record<string, string>> = { keep: 'keep', fileinto: 'store' };

export function suiteTests({ world }: Suite): TestDefinition[] {
  return [
    messageTest(world),
    {
      name: 'test_script_compile',
      needs,
      args: ['string'],
      compile(call) {
        const name = call.text(0);
        return test((run) => world.compile(name.read(run)));
      },
    },
    {
      name: 'test_script_run',
      needs,
      tags: [{ name: 'append_result' }],
      compile(call) {
        const append = call.has('append_result');
        return test(() => world.run(append));
      },
    },
    {
      name: 'test_multiscript',
      needs,
      args: ['strings'],
      compile(call) {
        const names = call.texts(0);
        return test((run) => world.multiscript(names.map((name) => name.read(run))));
      },
    },
    { name: 'test_result_execute', needs, compile: () => test(() => world.execute()) },
    listTest('test_result_action', () => world.actions.map((action) => actionNames[action.is] ?? action.is)),
    listTest('test_error', () => world.errors),
  ];
}

/** All values, or the one that `:index` names. */
function listTest(name: string, values: () => readonly string[]): TestDefinition {
  return {
    name,
    needs,
    tags: [...matchTags, { name: 'index', value: 'number' }],
    args: ['strings'],
    compile(call, scope) {
      const match = compileMatch(call, scope, call.texts(0));
      const index = call.tagNumber('index');
      return test((run) => {
        const all = values();
        const chosen = index === undefined ? all : all.slice(index - 1, index);
        return match(run, { values: chosen });
      });
    },
  };
}
