/** The commands for people and addresses, against a running server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { demoAccounts, demoSettings, makeDemoOrganisation } from '../../src/app/demo.ts';
import { Supervisor } from '../../src/app/supervisor.ts';
import { silentLog } from '../../src/base/log.ts';
import { exitCodes } from '../../src/cli/failure.ts';
import { main } from '../../src/cli/main.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'hikyaku-commands-'));
const data = join(folder, 'data');
let server: Supervisor;

interface Ran {
  readonly code: number;
  /** What was printed on standard output. */
  readonly out: string;
  readonly error: string;
}

/** Runs a command in this process, with what it prints caught. */
async function hikyaku(...args: readonly string[]): Promise<Ran> {
  const out: string[] = [];
  const error: string[] = [];
  const { log, error: toError } = console;
  const write = process.stderr.write.bind(process.stderr);
  console.log = (...parts: unknown[]) => void out.push(parts.join(' '));
  console.error = (...parts: unknown[]) => void error.push(parts.join(' '));
  process.stderr.write = (text: string | Uint8Array) => error.push(String(text)) > 0;
  try {
    await main(['node', 'hikyaku', '--data', data, ...args]);
    return { code: Number(process.exitCode ?? 0), out: out.join('\n'), error: error.join('\n') };
  } finally {
    console.log = log;
    console.error = toError;
    process.stderr.write = write;
    process.exitCode = 0;
  }
}

async function done(...args: readonly string[]): Promise<string> {
  const { code, out, error } = await hikyaku(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${out}${error}`);
  return out;
}

const flags = (of: Readonly<Record<string, string | true | readonly string[]>>): string[] =>
  Object.entries(of).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().flatMap((one) => [`--${name}`, one]),
  );

/** What `--json` gives; the test knows its shape. */
async function json<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await done(...args, '--json')) as T;
}

async function fails(code: number, expected: RegExp, ...args: readonly string[]): Promise<void> {
  const ran = await hikyaku(...args);
  assert.equal(ran.code, code, `${args.join(' ')}: ${ran.out}${ran.error}`);
  assert.match(ran.error, expected);
}

describe('commands', () => {
  before(async () => {
    server = await Supervisor.start(demoSettings(data, true), silentLog);
    await makeDemoOrganisation(server);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test('organisations and domains', async () => {
    await done('org', 'add', 'Second', '--language', 'ja');
    await fails(
      exitCodes.usage,
      /say which organisation: --org "Demo", or "Second"/,
      'domain',
      'add',
      'two.test',
    );
    await done('domain', 'add', '例え.test', '--org', 'Second', '--separators', '-');
    const domain = await json<{ name: string; separators: string }>('domain', 'show', '例え.TEST');
    assert.deepEqual([domain.name, domain.separators], ['xn--r8jz45g.test', '-']);
    assert.match(await done('domain', 'list'), /^例え\.test +-$/m);
    await done('domain', 'change', '例え.test', '--separators', '', '--legacy-addresses');
    await done('account', 'add', 'a..b@例え.test', '--no-login');
    await fails(exitCodes.failed, /still has addresses/, 'domain', 'remove', '例え.test', '--yes');
    await fails(exitCodes.notFound, /nowhere\.test is not a domain/, 'domain', 'show', 'nowhere.test');
    await done('account', 'remove', 'a..b@例え.test', '--yes');
    await done('domain', 'remove', '例え.test', '--yes');
    await done('org', 'change', 'Second', '--name', 'Third');
    await done('org', 'remove', 'Third', '--yes');
    await fails(exitCodes.notFound, /no organisation is called Third/, 'org', 'show', 'Third');
  });

  test('accounts: made with a password that is told once, changed, renamed, removed', async () => {
    const made = await json<{ password: string; quotaBytes: number; roles: string[] }>(
      'account',
      'add',
      'carol@hikyaku.example',
      ...flags({ generate: true, name: 'キャロル', quota: '2G', role: ['developer', 'support'] }),
    );
    assert.match(made.password, /^\w{5}(-\w{5}){3}$/);
    assert.equal(made.quotaBytes, 2 * 2 ** 30);
    assert.deepEqual(made.roles, ['developer', 'support']);
    assert.match(await done('account', 'list', '-q', 'キャロル'), /carol@hikyaku\.example +キャロル/);
    assert.equal((await done('account', 'show', 'carol@hikyaku.example')).includes(made.password), false);
    await done('account', 'change', 'carol@hikyaku.example', '--disable');
    assert.match(await done('account', 'show', 'carol@hikyaku.example'), /switched off/);
    await done('account', 'rename', 'carol@hikyaku.example', 'caroline@hikyaku.example', '--drop-old');
    await fails(exitCodes.notFound, /no account carol@/, 'account', 'show', 'carol@hikyaku.example');
    await done('role', 'add', 'caroline@hikyaku.example', 'marketer');
    assert.match(
      await done('role', 'remove', 'caroline@hikyaku.example', 'support'),
      /: developer, marketer$/,
    );
    await done('quota', 'set', 'caroline@hikyaku.example', 'none');
    assert.match(
      await done('quota', 'list', '-q', 'caroline'),
      /caroline@hikyaku\.example +0 +0 B +no limit/,
    );
    await fails(exitCodes.usage, /say --yes/, 'account', 'remove', 'caroline@hikyaku.example');
    await done('account', 'remove', 'caroline@hikyaku.example', '--yes');
  });

  test('aliases, groups, forwards, catch-alls and rewriting', async () => {
    const [alice, bob] = ['alice@hikyaku.example', 'bob@tomodachi.example'];
    await done('alias', 'add', 'sales@hikyaku.example', '--to', alice, 'x@far.test', '--name', 'Sales');
    await done('alias', 'change', 'sales@hikyaku.example', '--add', bob, '--remove', 'x@far.test');
    const alias = await json<{ targets: string[]; displayName: string }>(
      'alias',
      'show',
      'sales@hikyaku.example',
    );
    assert.deepEqual([alias.targets, alias.displayName], [[alice, bob], 'Sales']);
    await done('group', 'add', 'all@hikyaku.example', '--to', 'sales@hikyaku.example', bob);
    assert.match(await done('group', 'list'), /all@hikyaku\.example +sales@hikyaku\.example, bob@/);
    await done('forward', 'add', 'out@hikyaku.example', '--to', 'x@far.test');
    await done('forward', 'remove', 'out@hikyaku.example', '--yes');
    assert.equal(await done('forward', 'list'), '(none)');
    await done('account', 'forward', alice, '--to', 'a@far.test');
    assert.match(await done('account', 'forward', alice), /forwarded to a@far\.test; a copy stays/);
    await done('account', 'forward', alice, '--stop');
    assert.match(await done('account', 'send-as', alice, '--add', '@hikyaku.example'), /^@hikyaku\.example$/);
    await done('account', 'access', alice, '--imap-without', 'QRESYNC', 'NOTIFY', '--pop3-days', '30');
    assert.match(
      await done('account', 'access', alice, '--transcript', '2', '--pop3-expire', '0'),
      /IMAP without: QRESYNC NOTIFY\nTranscripts: until .*\nPOP3 shows: INBOX, the last 30 days\nPOP3 deletes: what it retrieved, after 0 days/,
    );
    await done('catch-all', 'set', 'hikyaku.example', alice);
    assert.match(await done('catch-all', 'list'), /hikyaku\.example +alice@/);
    await done('rewrite', 'set', 'in', 'old@hikyaku.example', alice);
    assert.match(
      await done('rewrite', 'list'),
      /in +old@hikyaku\.example +alice@hikyaku\.example +envelope and header/,
    );
    await done('rewrite', 'remove', 'in', 'old@hikyaku.example', '--yes');
    await done('catch-all', 'remove', 'hikyaku.example');
  });

  test('what happens to mail for an address is told in steps, in either language', async () => {
    await done('group', 'add', 'team@hikyaku.example', '--to', 'alice@hikyaku.example', 'x@far.invalid');
    const told = await done('address', 'explain', 'team@hikyaku.example', '--language', 'en');
    assert.match(told, /^team@hikyaku\.example {2}is a group of 2: /m);
    assert.match(told, /^ {2}alice@hikyaku\.example {2}is stored in the mailbox of alice@hikyaku\.example/m);
    assert.match(told, /^ {2}x@far\.invalid {2}is at another server: far\.invalid/m);
    assert.match(told, /^✔ Mail for team@hikyaku\.example is taken\.$/m);
    const nobody = await done('address', 'explain', 'nobody@hikyaku.example', '--language', 'ja');
    assert.match(nobody, /^✖ .*550 5\.1\.1/m);
    assert.match(nobody, /存在しません/);
  });

  test('app passwords, API keys and the audit log', async () => {
    const args = [
      'app-password',
      'add',
      'alice@hikyaku.example',
      'phone',
      '--service',
      'imap',
      '--expires',
      '30d',
    ];
    const { password } = await json<{ password: string }>(...args);
    assert.match(password, /^\w{5}-/);
    assert.match(await done('app-password', 'list', 'alice@hikyaku.example'), /phone +imap +20\d\d-/);
    await done('app-password', 'remove', 'alice@hikyaku.example', 'phone', '--yes');
    await fails(
      exitCodes.notFound,
      /no app password phone/,
      'app-password',
      'remove',
      'alice@hikyaku.example',
      'phone',
      '-y',
    );
    const { key, id } = await json<{ key: string; id: string }>('api-key', 'add', 'ci', '--scope', 'send');
    assert.match(key, /^hk_/);
    await done('api-key', 'remove', id, '--yes');
    const audit = await done('audit', '-n', '0', '-q', 'key');
    assert.match(audit, /cli +key\.delete +ci/);
    assert.equal(audit.includes(key.slice(-20)), false);
  });

  test('what is wrong stands beside the word of the command line that it is about', async () => {
    const add = ['account', 'add'];
    await fails(exitCodes.failed, /^<address>: .*is taken$/m, ...add, 'alice@hikyaku.example', '--generate');
    await fails(
      exitCodes.failed,
      /^password: must have at least/m,
      ...add,
      'y@hikyaku.example',
      '--password',
      'short',
    );
    await fails(
      exitCodes.failed,
      /^--language: must be one of en, ja\n--role \(number 2\): must be one of owner, /m,
      ...add,
      'y@hikyaku.example',
      ...flags({ generate: true, language: 'fr', role: ['user', 'king'] }),
    );
    await fails(
      exitCodes.failed,
      /^--to \(number 2\): is not an address$/m,
      'group',
      'add',
      'g@hikyaku.example',
      '--to',
      'a@b.test',
      'what?',
    );
    await fails(exitCodes.usage, /"5Q" is not a size/, 'quota', 'set', 'alice@hikyaku.example', '5Q');
    await fails(
      exitCodes.usage,
      /several|not several/,
      ...add,
      'y@hikyaku.example',
      '--generate',
      '--password',
      'x',
    );
    await fails(exitCodes.usage, /where the password comes from/, ...add, 'y@hikyaku.example');
  });

  test('a wrong command line is met with a suggestion, and each way to end has its code', async () => {
    await fails(exitCodes.usage, /unknown command 'acount'\n\(Did you mean account\?\)/, 'acount');
    await fails(exitCodes.usage, /unknown option '--jsn'\n\(Did you mean --json\?\)/, 'org', 'list', '--jsn');
    await fails(exitCodes.usage, /missing required argument 'address'/, 'account', 'show');
    await fails(exitCodes.noServer, /no server is running/, '--data', join(folder, 'nothing'), 'org', 'list');
    await fails(exitCodes.settings, /nowhere\.toml/, '--config', '/nowhere.toml', 'serve', '--check');
    const wrong = join(folder, 'wrong.toml');
    writeFileSync(wrong, 'hostname = "mx.here.test"\n[dns]\nservers = ["a", "b"]\n');
    await fails(exitCodes.settings, /2 problems[^]*dns\.servers\.1/, '--config', wrong, 'serve', '--check');
    await fails(
      exitCodes.notFound,
      /Nothing is known of <none@here\.example>/,
      'journey',
      '<none@here.example>',
    );
  });

  test('scripts: stored, activated, tried over mail with every step, applied to it, and counted', async () => {
    const { address, password } = demoAccounts[1]!;
    const { host, port } = server.listeners.find(({ kind }) => kind === 'imaps')!;
    const reader = new ImapFlow({
      host,
      port,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: address, pass: password },
      logger: false,
    });
    await reader.connect();
    for (const subject of ['bill 1', 'hello', 'bill 2'])
      await reader.append('INBOX', `From: shop@there.test\r\nSubject: ${subject}\r\n\r\nx\r\n`);
    const file = join(folder, 'draft.sieve');
    writeFileSync(
      file,
      'require "fileinto";\n# rule:[bills]\nif header :contains "subject" "bill" { fileinto "Bills"; redirect "me@there.test"; }\n',
    );
    const tried = await done('sieve', 'try', address, ...flags({ file, trace: true, limit: '2' }));
    assert.match(
      tried,
      /^\d+ shop@there\.test: bill 2\n {4}3:4 header ✓\n[^]*files it into Bills \(bills, line 3\)\n {2}sends it on to me@there\.test/,
    );
    assert.match(
      tried,
      /: hello\n {4}3:4 header ✗\n {2}stays where it is\nThere is older mail: --before \d+/,
    );
    await done('sieve', 'put', address, 'mine', file, '--stage', 'active');
    assert.match(await done('sieve', 'list', address), /mine +active/);
    assert.match(await done('sieve', 'get', address, 'mine'), /^require "fileinto";\n# rule/);
    await fails(exitCodes.usage, /nobody is there to ask/, 'sieve', 'apply', address, '--script', 'mine');
    await done('sieve', 'apply', address, ...flags({ script: 'mine', limit: '0', yes: true }));
    const count = async (mailbox: string): Promise<number | undefined> =>
      ((await reader.status(mailbox, { messages: true })) || undefined)?.messages;
    assert.deepEqual([await count('INBOX'), await count('Bills')], [1, 2]);
    await reader.logout();
    assert.match(await done('sieve', 'stats', address, 'mine'), /3 +bills +0 +never/);
    writeFileSync(file, 'keep;\nbogus;\n');
    await fails(exitCodes.failed, /2:1: .*bogus/, 'sieve', 'put', address, 'mine', file);
    await fails(exitCodes.failed, /has errors/, 'sieve', 'check', file);
    await done('sieve', 'activate', address);
    await done('sieve', 'remove', address, 'mine', '--yes');
    writeFileSync(file, 'keep;');
    await done('sieve', 'put', 'server', 'first', file, '--stage', 'before');
    await done('sieve', 'put', 'org', 'last', file, '--stage', 'after');
    await done('sieve', 'put', address.split('@')[1]!, 'of domain', file);
    assert.match(await done('sieve', 'list', 'server'), /first +before/);
    assert.match(await done('sieve', 'list', address.split('@')[1]!), /of domain +-/);
    await done('sieve', 'activate', 'server');
    await done('sieve', 'activate', 'org', '--stage', 'after');
  });

  test('a password is asked for without an echo, twice, and what is asked before a removal is answered', {
    skip: existsSync('/usr/bin/script') ? false : 'script (util-linux) is not installed',
  }, async () => {
    const add = await typing(
      ['account', 'add', 'typed@hikyaku.example'],
      [
        [/Password for typed@hikyaku\.example .*: $/, 'correct horsex\b\r'],
        [/Once more: $/, 'battery staple\r'],
        [/They differ\. Try again\.\r\nPassword.*: $/, 'correct horse\r'],
        [/Once more: $/, 'correct horse\r'],
      ],
    );
    assert.match(add, /address +typed@hikyaku\.example/);
    assert.doesNotMatch(add, /horse|staple/);
    const kept = await typing(
      ['account', 'remove', 'typed@hikyaku.example'],
      [[/Remove typed@hikyaku\.example with its 0 messages .*\[y\/N\] $/, '\r']],
    );
    assert.match(kept, /nothing was changed/);
    await typing(['account', 'remove', 'typed@hikyaku.example'], [[/\[y\/N\] $/, 'y\r']]);
    await fails(exitCodes.notFound, /no account typed@/, 'account', 'show', 'typed@hikyaku.example');
  });
});

/** Runs a command at a terminal of its own, waits for each question and types the answer. Gives all that the terminal showed. */
function typing(args: readonly string[], answers: readonly (readonly [RegExp, string])[]): Promise<string> {
  const command = [process.execPath, join(root, 'bin/hikyaku.ts'), '--data', data, ...args].join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let since = '';
  let next = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    since += text;
    const wanted = answers[next];
    if (wanted === undefined || !wanted[0].test(since)) return;
    since = '';
    next += 1;
    child.stdin.write(wanted[1]);
  });
  return new Promise((resolve) => child.once('close', () => resolve(shown)));
}
