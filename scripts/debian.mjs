// Debian packages that tests use as peers: installed when we may, named when we may not. Tests skip what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const packages = [
  'postgresql',
  'postfix',
  'dovecot-imapd',
  'dovecot-lmtpd',
  'dovecot-pop3d',
  'swaks',
  'libnet-ssleay-perl',
  'curl',
  'msmtp',
  'openssl',
  'mutt',
  'isync',
  'fetchmail',
  'offlineimap3',
  's-nail',
  'thunderbird',
  'bsdutils',
  'php-cli',
  'libphp-phpmailer',
  'python3',
  'python3-dkim',
  'python3-nacl',
  'unbound',
  'nsd',
  'bind9-utils',
  'pebble',
  'nftables',
  'iproute2',
  'systemd-container',
  'bind9-dnsutils',
  'sieve-connect',
  'clamav-daemon',
  'spamd',
  'rspamd',
  'opendkim',
  'zip',
  'p7zip-full',
  'chromium',
  'fonts-noto-cjk',
];

export function ensureDebianPackages() {
  if (!existsSync('/etc/debian_version'))
    return console.log('Not Debian: tests against Debian’s programs use what is installed.');
  const missing = packages.filter((name) => !installed(name));
  if (missing.length === 0) return;
  if (process.getuid() !== 0) {
    return console.log(
      `Not root, so these Debian packages are not installed and their tests are skipped: ${missing.join(' ')}`,
    );
  }
  console.log(`Installing Debian packages for tests: ${missing.join(' ')}`);
  withoutStartingServices(() => {
    run('debconf-set-selections', [], 'postfix postfix/main_mailer_type select No configuration\n');
    run('apt-get', ['update', '-qq']);
    // One that cannot be had must not keep the others away.
    if (run('apt-get', installArgs(missing)) !== 0)
      for (const name of missing) run('apt-get', installArgs([name]));
  });
}

const installArgs = (names) => ['install', '-y', '-qq', '--no-install-recommends', ...names];

function installed(name) {
  const found = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Status}', name], { encoding: 'utf8' });
  return found.status === 0 && found.stdout === 'installed';
}

function run(command, args, input) {
  return spawnSync(command, args, {
    input,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status;
}

/** Debian's packages start their daemons unless this script says no; tests start their own. */
function withoutStartingServices(work) {
  const script = '/usr/sbin/policy-rc.d';
  const before = existsSync(script) ? readFileSync(script) : undefined;
  writeFileSync(script, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    if (before === undefined) rmSync(script);
    else writeFileSync(script, before, { mode: 0o755 });
  }
}
