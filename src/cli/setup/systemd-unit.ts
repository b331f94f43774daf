/**
 * The systemd unit of the server: a user of its own, the one privilege to bind low ports, and a file system that it can read but, its data apart, not
 * write. What is left out is left out on purpose: MemoryDenyWriteExecute, for V8 compiles while it runs.
 */
import { join } from 'node:path';

export interface Unit {
  /** Absolute paths, all of them. */
  readonly node: string;
  readonly program: string;
  readonly config: string;
  readonly data: string;
  readonly user: string;
  /** `systemd-notify` is there: the unit counts as started when the server is ready, not when its process is. */
  readonly canNotify: boolean;
}

/** Folder that systemd makes and owns for the unit, when data are there. */
const stateRoot = '/var/lib/';
/** The server itself takes 25 seconds at most to stop in order. */
const stopSeconds = 40;

export function systemdUnit(unit: Unit): string {
  const { user, node, program, config, canNotify } = unit;
  return `# Written by "hikyaku setup". Changes of your own: systemctl edit hikyaku
[Unit]
Description=Hikyaku mail server
Documentation=file:${escaped(join(program, '../../docs/guide/README.md'))}
Wants=network-online.target
After=network-online.target nss-lookup.target postgresql.service

[Service]
${canNotify ? 'Type=notify\nNotifyAccess=all' : 'Type=exec'}
ExecStart=${[node, program, '--config', config, 'serve'].map(word).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=${stopSeconds}
LimitNOFILE=524288

User=${user}
Group=${user}
UMask=0077
${dataLines(unit)}
CacheDirectory=hikyaku
Environment=XDG_CACHE_HOME=/var/cache/hikyaku

AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=${isAtHome([node, program, config, unit.data]) ? 'read-only' : 'yes'}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** systemd makes a folder of the unit below /var/lib; any other is only opened to it. */
function dataLines({ data }: Unit): string {
  const name = data.startsWith(stateRoot) ? data.slice(stateRoot.length) : '';
  if (/^[\w.-]+$/.test(name)) return `StateDirectory=${name}\nStateDirectoryMode=0700`;
  return `ReadWritePaths=${word(data)}`;
}

const isAtHome = (paths: readonly string[]): boolean =>
  paths.some((path) => /^\/(home|root|run\/user)\//.test(path));

/** `%` begins a specifier everywhere in a unit. */
const escaped = (text: string): string => text.replaceAll('%', '%%');

/** A word of a command line (systemd.service(5), "Command lines"). */
function word(text: string): string {
  const plain = escaped(text).replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : `"${plain.replaceAll(/["\\]/g, '\\$&')}"`;
}
