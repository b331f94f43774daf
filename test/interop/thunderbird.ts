/** Thunderbird without a screen, driven from inside by scripts: one account, IMAP over TLS, submission with STARTTLS. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Marionette } from './marionette.ts';
import { eventually, freePort, newFolder } from './programs.ts';
import { password, type World } from './world.ts';

/** What every script has: the account, its inbox, and how to wait. */
const prelude = `
  const account = MailServices.accounts.getAccount('account1');
  const root = account.incomingServer.rootFolder;
  const inbox = root.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox).QueryInterface(Ci.nsIMsgImapMailFolder);
  const until = async (holds) => {
    for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    if (!holds()) throw new Error('did not come true: ' + holds);
  };
  const update = (folder) => new Promise((resolve, reject) => {
    const OnStopRunningUrl = (_url, status) => (status === 0 ? resolve() : reject(new Error('status ' + status)));
    folder.updateFolderWithListener(null, { OnStartRunningUrl() {}, OnStopRunningUrl });
  });
  const bySubject = (folder, subject) => [...folder.messages].find((one) => one.mime2DecodedSubject === subject);
`;

export class Thunderbird implements AsyncDisposable {
  readonly #folder: Disposable & { readonly path: string };
  #program: ChildProcess | undefined;
  #marionette: Marionette | undefined;

  private constructor() {
    this.#folder = newFolder('thunderbird');
  }

  static async start(world: World, user: string): Promise<Thunderbird> {
    const thunderbird = new Thunderbird();
    try {
      await thunderbird.#start(settingsFor(world, user));
      await thunderbird.#trust(world, user);
      return thunderbird;
    } catch (error) {
      await thunderbird[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(settings: Settings): Promise<void> {
    const { path } = this.#folder;
    const port = await freePort();
    const lines = Object.entries({ ...settings, 'marionette.port': port }).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    writeFileSync(join(path, 'user.js'), lines.join(''));
    const flags = ['--headless', '--marionette', '--remote-allow-system-access', '--no-remote'];
    this.#program = spawn('thunderbird', [...flags, '--profile', path], {
      stdio: 'ignore',
      env: { ...process.env, HOME: path },
    });
    this.#marionette = await eventually('Thunderbird listens', () =>
      Marionette.connect(port).catch(() => undefined),
    );
  }

  /** The certificate, which nobody has signed, and the password. */
  async #trust(world: World, user: string): Promise<void> {
    const pem = readFileSync(world.certificate, 'utf8').replaceAll(/-----[^-]+-----|\s/g, '');
    const ports = [world.port('imaps'), world.port('submission')];
    await this.run(
      `const [pem, ports, user, password] = args;
      const database = Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB);
      const overrides = Cc['@mozilla.org/security/certoverride;1'].getService(Ci.nsICertOverrideService);
      const certificate = database.constructX509FromBase64(pem);
      for (const port of ports) overrides.rememberValidityOverride('localhost', port, {}, certificate, false);
      for (const origin of ['imap://localhost', 'smtp://localhost']) {
        const login = Cc['@mozilla.org/login-manager/loginInfo;1'].createInstance(Ci.nsILoginInfo);
        login.init(origin, null, origin, user, password, '', '');
        await Services.logins.addLoginAsync(login);
      }`,
      pem,
      ports,
      user,
      password,
    );
  }

  /** Runs the body of an asynchronous function within Thunderbird. */
  run(body: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#marionette!.run(prelude + body, ...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#marionette?.[Symbol.dispose]();
    const program = this.#program;
    if (program !== undefined && program.exitCode === null && program.signalCode === null) {
      const ended = once(program, 'exit');
      program.kill('SIGKILL');
      await ended;
    }
    this.#folder[Symbol.dispose]();
  }
}

type Settings = Readonly<Record<string, string | number | boolean>>;

function settingsFor(world: World, user: string): Settings {
  return {
    'mail.accountmanager.accounts': 'account1,account2',
    'mail.accountmanager.defaultaccount': 'account1',
    'mail.accountmanager.localfoldersserver': 'server2',
    'mail.account.account1.server': 'server1',
    'mail.account.account1.identities': 'id1',
    'mail.account.account2.server': 'server2',
    'mail.server.server1.type': 'imap',
    'mail.server.server1.hostname': 'localhost',
    'mail.server.server1.port': world.port('imaps'),
    'mail.server.server1.socketType': 3,
    'mail.server.server1.authMethod': 3,
    'mail.server.server1.userName': user,
    'mail.server.server1.name': user,
    'mail.server.server1.login_at_startup': false,
    'mail.server.server1.check_new_mail': false,
    'mail.server.server2.type': 'none',
    'mail.server.server2.hostname': 'Local Folders',
    'mail.server.server2.userName': 'nobody',
    'mail.server.server2.name': 'Local Folders',
    'mail.identity.id1.fullName': '有栖',
    'mail.identity.id1.useremail': user,
    'mail.identity.id1.valid': true,
    'mail.identity.id1.smtpServer': 'smtp1',
    'mail.smtpservers': 'smtp1',
    'mail.smtp.defaultserver': 'smtp1',
    'mail.smtpserver.smtp1.hostname': 'localhost',
    'mail.smtpserver.smtp1.port': world.port('submission'),
    'mail.smtpserver.smtp1.try_ssl': 2,
    'mail.smtpserver.smtp1.authMethod': 3,
    'mail.smtpserver.smtp1.username': user,
    'mail.provider.enabled': false,
    'mail.rights.version': 1,
    'mail.shell.checkDefaultClient': false,
    'mailnews.start_page.enabled': false,
    'app.update.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
  };
}
