/** From nothing to a server that takes and gives mail, as an administrator gets there. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { exitCodes } from '../../src/cli/failure.ts';
import { missingPostgres, startPostgres } from '../postgres-server.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/hikyaku.ts');
const isRoot = process.getuid?.() === 0;
const env = { ...process.env, LC_ALL: 'C.UTF-8', HIKYAKU_CONFIG: '' };

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** A folder that goes with the test, and commands on the settings file in it. */
class Desk implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'hikyaku-setup-'));
  readonly config = join(this.folder, 'hikyaku.toml');

  run(...args: readonly string[]): Ran {
    const run = spawnSync(process.execPath, [program, '--config', this.config, ...args], {
      encoding: 'utf8',
      env,
    });
    return { code: run.status, out: run.stdout, error: run.stderr };
  }

  done(...args: readonly string[]): string {
    const { code, out, error } = this.run(...args);
    assert.equal(code, 0, `${args.join(' ')}:\n${out}${error}`);
    return out;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const local = ['--ports', 'auto', '--bind', '127.0.0.1', '--yes'];

interface Listener {
  readonly kind: string;
  readonly host: string;
  readonly port: number;
}

/** Runs `hikyaku serve` until it says that it is ready, and where. */
async function serve(config: string, more: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [program, '--config', config, 'serve'], {
    env: { ...env, ...more },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const listeners = await new Promise<readonly Listener[]>((resolve, reject) => {
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const line = log.split('\n').find((each) => each.includes('Hikyaku is ready'));
      if (line !== undefined) resolve((JSON.parse(line) as { listeners: Listener[] }).listeners);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}:\n${log}`)));
  });
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended(child);
  };
  return { at: (kind: string) => listeners.find((one) => one.kind === kind)!, stop, child };
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode === null
    ? new Promise((resolve) => child.once('exit', (code) => resolve(code)))
    : Promise.resolve(child.exitCode);

async function sendAndRead(
  { at }: Awaited<ReturnType<typeof serve>>,
  { login, password }: { login: string; password: string },
): Promise<void> {
  const tls = { rejectUnauthorized: false };
  const transport = createTransport({
    ...at('submissions'),
    secure: true,
    tls,
    auth: { user: login, pass: password },
  });
  await transport.sendMail({ from: login, to: login, subject: '初めてのメール', text: 'Hello' });
  transport.close();
  const reader = new ImapFlow({
    ...at('imaps'),
    secure: true,
    tls,
    auth: { user: login, pass: password },
    logger: false,
  });
  await reader.connect();
  await reader.mailboxOpen('INBOX');
  let subjects: (string | undefined)[] = [];
  for (let tries = 0; tries < 300 && subjects.length === 0; tries++) {
    await reader.noop();
    subjects = (await reader.fetchAll('1:*', { envelope: true })).map(({ envelope }) => envelope?.subject);
  }
  assert.deepEqual(subjects, ['初めてのメール']);
  await reader.logout();
}

test('set up, started, and the administrator sends a mail and reads it; set up again, it says what there is', {
  timeout: 120_000,
}, async () => {
  using desk = new Desk();
  const made = desk.done(
    'setup',
    'mail.example.jp',
    '--org',
    '例の会社',
    '--admin-password',
    'correct horse',
    '--address',
    '203.0.113.5',
    ...local,
  );
  assert.match(made, /^administrator +admin@example\.jp: made$/m);
  assert.match(made, /^TXT +r\d+\._domainkey\.example\.jp .* v=DKIM1; k=rsa; p=/m);
  assert.match(made, /^MX +example\.jp .* 10 mail\.example\.jp\.$/m);
  assert.match(made, /^PTR +5\.113\.0\.203\.in-addr\.arpa .* mail\.example\.jp\.$/m);
  assert.doesNotMatch(made, /correct horse/);
  assert.equal(statSync(desk.config).mode & 0o777, 0o600);
  assert.match(desk.done('serve', '--check'), /no problems/);
  const before = readFileSync(desk.config, 'utf8');

  const server = await serve(desk.config);
  await sendAndRead(server, { login: 'admin@example.jp', password: 'correct horse' });
  const running = desk.done('setup', 'mail.example.jp', '--yes');
  for (const what of ['settings', 'organisation', 'domain', 'administrator'])
    assert.match(running, new RegExp(`^${what} .*: is there$`, 'm'));
  const second = ['--domain', '例え.jp', '--admin', 'boss', '--yes'];
  assert.match(desk.done('setup', ...second), /^administrator +boss@例え\.jp: made$/m);
  assert.equal(desk.run('account', 'show', 'boss@例え.jp').code, 0);
  server.child.kill('SIGHUP');
  assert.equal(await server.stop(), 0);

  const stopped = desk.done('setup', '--zone', '--address', '203.0.113.5');
  assert.match(stopped, /^example\.jp\.\t3600\tIN\tMX\t10 mail\.example\.jp\.$/m);
  assert.doesNotMatch(stopped, /is there/, 'standard output has the zone alone');
  assert.equal(readFileSync(desk.config, 'utf8'), before);
});

test('settings that are there are not written over, unless that is asked for; then the old ones are kept', () => {
  using desk = new Desk();
  desk.done('setup', 'mail.example.jp', ...local);
  const before = readFileSync(desk.config, 'utf8');
  const refused = desk.run('setup', 'mx.example.jp', ...local);
  assert.equal(refused.code, exitCodes.failed);
  assert.match(refused.error, /is there already, for the server mail\.example\.jp; --force/);
  assert.match(desk.done('setup', 'mx.example.jp', '--force', ...local), /^settings .*: made$/m);
  assert.match(readFileSync(desk.config, 'utf8'), /^hostname = "mx\.example\.jp"$/m);
  assert.equal(readFileSync(`${desk.config}.old`, 'utf8'), before);
});

test('all that is in the way is told at once, and nothing is made', async () => {
  using desk = new Desk();
  const wrong = desk.run('setup', 'localhost', '--store', 'mysql:', '--ports', 'odd', '--cert', 'x', '--yes');
  assert.equal(wrong.code, exitCodes.usage);
  for (const what of ['<hostname>: "localhost"', '--store: "mysql:"', '--ports: must', '--cert, --key: '])
    assert.ok(wrong.error.includes(what), `${what} in ${wrong.error}`);

  const taken = createServer().listen(4190, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve).once('error', resolve));
  writeFileSync(join(desk.folder, 'file'), '');
  const files = ['--cert', '/nowhere.crt', '--key', '/nowhere.key'];
  const place = ['--data', join(desk.folder, 'file/data'), '--ports', 'high', '--bind', '127.0.0.1', '--yes'];
  const blocked = desk.run('setup', 'mail.example.jp', ...files, ...place);
  taken.close();
  assert.equal(blocked.code, exitCodes.failed);
  assert.match(blocked.error, /127\.0\.0\.1:4190 is taken by another program \(.*sport = :4190/);
  assert.match(blocked.error, /nowhere\.crt: ENOENT/);
  assert.match(blocked.error, /nowhere\.key: ENOENT/);
  assert.match(blocked.error, /file: cannot be written \(ENOTDIR\)/);
  assert.equal(existsSync(desk.config), false);
  assert.equal(desk.run('setup', 'mail.example.jp').code, exitCodes.usage, 'nobody to ask');
});

test('at a terminal it asks, in the language of the terminal, and asks again when an answer is wrong', {
  skip: existsSync('/usr/bin/script') ? false : 'script (util-linux) is not installed',
}, async () => {
  using desk = new Desk();
  const command = [process.execPath, program, '--config', desk.config, 'setup', '--ports', 'auto'].join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...env, LC_ALL: 'ja_JP.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers: (readonly [RegExp, string])[] = [
    [/サーバーの名前.*: $/, 'mail\r'],
    [/完全な名前ではありません[^]*サーバーの名前.*: $/, 'mail.例え.jp\r'],
    [/ドメイン \[例え\.jp\]: $/, '\r'],
    [/組織の名前 \[例え\.jp\]: $/, '例の会社\r'],
    [/管理者のメールアドレス .*: $/, '山田\r'],
    [/進めますか？ \[y\/N\] $/, 'y\r'],
    [/パスワード.*: $/, 'correct horse\r'],
    [/もう一度: $/, 'correct horse\r'],
  ];
  let since = '';
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    since += text;
    if (answers[0]?.[0].test(since) !== true) return;
    since = '';
    child.stdin.write(answers.shift()![1]);
  });
  assert.equal(await ended(child), 0, shown);
  assert.match(shown, /管理者 +山田@例え\.jp: 作りました/);
  assert.doesNotMatch(shown, /correct horse/);
  assert.match(readFileSync(desk.config, 'utf8'), /^hostname = "mail\.xn--r8jz45g\.jp"$/m);
});

test('the organisation can be kept in PostgreSQL, and the server starts on it', {
  timeout: 120_000,
  skip: missingPostgres,
}, async () => {
  await using postgres = await startPostgres();
  using desk = new Desk();
  const url = postgres.database();
  const made = desk.done(
    'setup',
    'mail.example.jp',
    '--store',
    url,
    '--admin-password',
    'correct horse',
    ...local,
  );
  assert.match(made, /^administrator .*: made$/m);
  const server = await serve(desk.config);
  await sendAndRead(server, { login: 'admin@example.jp', password: 'correct horse' });
  assert.equal(await server.stop(), 0);
  const down = desk.run(
    'setup',
    'mail.example.jp',
    '--store',
    'postgres:///x?host=/nowhere',
    '--force',
    ...local,
  );
  assert.equal(down.code, exitCodes.failed);
  assert.match(readFileSync(desk.config, 'utf8'), new RegExp(`^url = "${RegExp.escape(url)}"$`, 'm'));
});

const python = spawnSync('python3', ['--version']).status === 0;
const notifies = python && spawnSync('systemd-notify', ['--version']).status === 0;

test('the service manager is told when the server is ready, and when it stops', {
  timeout: 180_000,
  skip: notifies ? false : 'systemd-notify or python3 is not installed',
}, async () => {
  using desk = new Desk();
  desk.done('setup', 'mail.example.jp', ...local);
  const socket = join(desk.folder, 'notify');
  const listen = `import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(${JSON.stringify(socket)})
print("bound", flush=True)
while True: print(s.recv(4096).decode(), flush=True)`;
  const manager = spawn('python3', ['-c', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  let heard = '';
  let wake = (): void => {};
  manager.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
    wake();
  });
  const hears = async (what: string): Promise<void> => {
    while (!heard.includes(what)) await new Promise<void>((resolve) => (wake = resolve));
  };
  await hears('bound');
  const server = await serve(desk.config, { NOTIFY_SOCKET: socket });
  await hears('READY=1');
  assert.doesNotMatch(heard, /STOPPING/);
  const stopped = server.stop();
  await hears('STOPPING=1');
  assert.equal(await stopped, 0);
  manager.kill();
  await ended(manager);
});

test('root can install the service: the settings are for root and the service alone, the data for the service', {
  skip: isRoot ? false : 'only root can',
}, () => {
  using desk = new Desk();
  const unit = join(desk.folder, 'hikyaku.service');
  const systemd = ['--systemd', '--unit-file', unit, '--user', 'nobody'];
  assert.match(desk.done('setup', 'mail.example.jp', ...systemd, ...local), /hikyaku\.service: made$/m);
  const settings = statSync(desk.config);
  const data = statSync(join(desk.folder, 'hikyaku-data'));
  assert.equal(settings.mode & 0o777, 0o640);
  assert.equal(settings.uid, 0);
  assert.notEqual(data.uid, 0);
  assert.equal(data.mode & 0o777, 0o700);
  const text = readFileSync(unit, 'utf8');
  assert.ok(text.includes(`--config ${desk.config} serve`));
  assert.match(text, /^User=nobody$/m);
  assert.match(desk.done('setup', ...systemd, '--yes'), /hikyaku\.service: is there$/m);
  assert.equal(desk.done('setup', '--print-unit', '--user', 'nobody', '--yes').startsWith(text.trim()), true);
});
