/**
 * The unit that `hikyaku setup` installs, under a real systemd: booted in a container whose disk is this machine's with a layer of memory on top, so that
 * nothing of it is left.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { needingRoot, newFolder } from './programs.ts';

const root = join(import.meta.dirname, '../..');
const layers = `set -e
mount --make-rprivate /
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs layers "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"`;

/** What is run as root when the container is up. Each answer stands behind its name. */
const probe = `#!/bin/bash
export HOME=/root LANG=C.UTF-8
say() { echo "$1: $(echo "\${@:2}" | tr -d '\\r' | tr '\\n' ' ')"; }
until_active() { for i in {1..200}; do systemctl is-active -q hikyaku && return; sleep 0.1; done; }
${process.execPath} ${root}/bin/hikyaku.ts --config /etc/hikyaku/hikyaku.toml setup mx.here.test --yes --systemd --generate > /setup.out 2>&1 || cat /setup.out
systemctl enable -q --now hikyaku
say started "$(systemctl is-active hikyaku)"
PID=$(systemctl show -p MainPID --value hikyaku)
say owner "$(stat -c %U /proc/$PID)"
say caps "$(grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/$PID/status | tr -s '\\t' ' ')"
exec 3<>/dev/tcp/127.0.0.1/25; read -t 20 -u 3 LINE; say greeting "$LINE"
say accounts "$(hikyaku account list | tail -1)"
systemctl reload hikyaku
for i in {1..100}; do journalctl -q -u hikyaku | grep -q 'settings were read again' && break; sleep 0.1; done
say reloaded "$(journalctl -q -u hikyaku | grep -c 'settings were read again') $(systemctl is-active hikyaku)"
kill -9 $PID; sleep 1; until_active
say restarted "$(systemctl show -p NRestarts --value hikyaku) $(systemctl is-active hikyaku)"
systemctl stop hikyaku
say stopped "$(systemctl show -p Result,ExecMainStatus --value hikyaku)"
say exposure "$(systemd-analyze security --no-pager hikyaku.service | tail -1)"
say done yes
journalctl -q -u hikyaku > /journal.out
systemctl poweroff
`;

const units = {
  'probe.service': `[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/probe.sh
StandardOutput=file:/probe.out
StandardError=file:/probe.out
TimeoutStartSec=150
`,
  'probe.target': `[Unit]
Requires=basic.target
Wants=probe.service dbus.service
After=basic.target
AllowIsolate=yes
`,
};

/** Whether others than root may read the program where it is; the service is one of them. */
function isHidden(path: string): boolean {
  for (let at = path; at !== '/'; at = dirname(at)) if ((statSync(at).mode & 0o005) !== 0o005) return true;
  return false;
}

/** Folders of which a container, or a service with a /tmp of its own and without homes, sees nothing. */
const unseen = /^\/(tmp|var\/tmp|run|dev|home|root)\//;

function options(): ReturnType<typeof needingRoot> {
  const given = { ...needingRoot('systemd-nspawn', 'systemd', 'unshare', 'bash'), timeout: 200_000 };
  if (given.skip !== undefined) return given;
  if ([root, process.execPath].some(isHidden))
    return { ...given, skip: 'the program is in a folder of root alone' };
  if ([root, process.execPath].some((path) => unseen.test(path)))
    return { ...given, skip: 'the program is in a folder that services do not see' };
  if (existsSync('/etc/systemd/system/hikyaku.service'))
    return { ...given, skip: 'the service is installed here' };
  using folder = newFolder('layers');
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', layers, 'sh', folder.path]);
  return status === 0 ? given : { ...given, skip: 'no cgroups or layered file systems here' };
}

test(
  'the service starts, takes mail, reloads, comes back after a crash and stops, with one privilege',
  options(),
  async () => {
    using folder = newFolder('systemd');
    const copies = Object.entries(units).map(([name, text]) => {
      writeFileSync(join(folder.path, name), text);
      return `cp "$2/${name}" "$1/root/etc/systemd/system/"`;
    });
    writeFileSync(join(folder.path, 'probe.sh'), probe, { mode: 0o755 });
    using disk = newFolder('disk');
    const boot = `${layers}
${copies.join('\n')}
cp "$2/probe.sh" "$1/root/"
: > "$1/root/etc/machine-id"
timeout 160 systemd-nspawn --register=no --keep-unit -q -D "$1/root" --private-network -b --console=pipe systemd.unit=probe.target > "$2/console.out" 2>&1 < /dev/null || true
cp "$1/root/probe.out" "$1/root/journal.out" "$2/" || true`;
    await promisify(execFile)('unshare', ['-m', 'sh', '-c', boot, 'sh', disk.path, folder.path]);
    const said = (name: string): string => {
      const file = join(folder.path, name);
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    };
    const all = ['probe.out', 'journal.out', 'console.out'].map(said).join('\n');
    const answers = Object.fromEntries(
      said('probe.out')
        .split('\n')
        .map((line) => /^(\w+): (.*?) *$/.exec(line)?.slice(1) ?? ['', '']),
    ) as Record<string, string>;
    assert.equal(answers['done'], 'yes', all);
    assert.equal(answers['started'], 'active', all);
    assert.equal(answers['owner'], 'hikyaku');
    // CAP_NET_BIND_SERVICE, and nothing else.
    assert.equal(
      answers['caps'],
      'CapEff: 0000000000000400 CapBnd: 0000000000000400 NoNewPrivs: 1 Seccomp: 2',
    );
    assert.match(answers['greeting']!, /^220 mx\.here\.test ESMTP Hikyaku/);
    assert.match(answers['accounts']!, /^admin@here\.test /);
    assert.equal(answers['reloaded'], '1 active', all);
    assert.equal(answers['restarted'], '1 active', all);
    assert.equal(answers['stopped'], 'success 0', all);
    const exposure = Number(/([\d.]+) \w+/.exec(answers['exposure']!)?.[1]);
    assert.ok(exposure < 4, answers['exposure']!);
  },
);
