/** Dovecot of Debian as a peer: IMAP and LMTP, its mail in a temporary folder. Any user of its domain exists, all with one password. Needs root. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listening } from './load.ts';

export interface DovecotPlan {
  readonly imapPort: number;
  readonly lmtpPort: number;
  readonly pop3Port?: number;
  readonly layout: 'maildir' | 'sdbox';
  readonly password: string;
  readonly connectionsMax?: number;
  /** With full text search by Debian's dovecot-fts-xapian; `index` makes the index. */
  readonly fullText?: boolean;
}

export interface Dovecot extends AsyncDisposable {
  readonly pid: number;
  /** Indexes all of a user's INBOX, and resolves when that is done. */
  index(user: string): Promise<void>;
}

const mailUser = 5000;

export const haveDovecot = (): boolean =>
  process.getuid!() === 0 && existsSync('/usr/sbin/dovecot') && existsSync('/usr/lib/dovecot/lmtp');

export const haveXapian = (): boolean =>
  haveDovecot() && existsSync('/usr/lib/dovecot/modules/lib21_fts_xapian_plugin.so');

export async function startDovecot(plan: DovecotPlan): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-bench-dovecot-'));
  chmodSync(folder, 0o755);
  for (const sub of ['mail', 'run', 'state']) mkdirSync(join(folder, sub));
  chownSync(join(folder, 'mail'), mailUser, mailUser);
  const conf = join(folder, 'dovecot.conf');
  writeFileSync(conf, settings(folder, plan));
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', conf], { stdio: 'ignore' });
  const stop = (): void => void spawnSync('/usr/bin/doveadm', ['-c', conf, 'stop'], { stdio: 'ignore' });
  process.once('exit', stop);
  await listening(plan.imapPort);
  await listening(plan.lmtpPort);
  return {
    pid: child.pid!,
    index: async (user) => {
      const run = spawn('/usr/bin/doveadm', ['-c', conf, 'index', '-u', user, 'INBOX'], { stdio: 'ignore' });
      const [status] = (await once(run, 'exit')) as [number | null];
      if (status !== 0) throw new Error('doveadm index failed');
    },
    [Symbol.asyncDispose]: async () => {
      process.off('exit', stop);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      stop();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Stock, but for what a test set-up needs; saved mail is synced to disk, as it is by default. */
function settings(
  folder: string,
  { imapPort, lmtpPort, pop3Port, layout, password, connectionsMax = 1000, fullText }: DovecotPlan,
): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
instance_name = bench
protocols = imap lmtp${pop3Port === undefined ? '' : ' pop3'}
listen = 0.0.0.0
ssl = no
hostname = mx.example.test
postmaster_address = postmaster@example.test
mail_home = ${folder}/mail/%Ln
mail_location = ${layout}:~/${layout}
first_valid_uid = 500
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_cache_size = 10M
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${mailUser} gid=${mailUser} home=${folder}/mail/%Ln allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
}
default_client_limit = ${connectionsMax + 1000}
default_process_limit = ${connectionsMax + 100}
service imap-login {
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = 0
  }
  service_count = 0
  client_limit = ${connectionsMax + 1000}
}
${
  pop3Port === undefined
    ? ''
    : `service pop3-login {
  inet_listener pop3 {
    port = ${pop3Port}
  }
  inet_listener pop3s {
    port = 0
  }
  service_count = 0
}`
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
}
service imap {
  process_limit = ${connectionsMax + 100}
}
${fullText === true ? xapian : ''}
protocol imap {
  mail_max_userip_connections = ${connectionsMax + 100}
}
`;
}

/** Parts of words from three letters on, as its manual has it. */
const xapian = `mail_plugins = fts fts_xapian
plugin {
  plugin = fts fts_xapian
  fts = xapian
  fts_xapian = partial=3 full=20 verbose=0
  fts_autoindex = no
  fts_enforced = yes
}
service indexer-worker {
  vsz_limit = 4G
}
`;
