/** The old server and the login there, as options of a command. The password is asked for, or read from standard input. */
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import type { ServerLogin, ServerPlace } from '../../app/moving.ts';
import { usageError } from '../failure.ts';
import { firstLineOfInput, isInteractive, terminal } from '../terminal.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port?: string;
  readonly user?: string;
  readonly as?: string;
  readonly passwordStdin?: boolean;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
  readonly starttls?: boolean;
  readonly plain?: boolean;
  readonly ca?: string;
  readonly anyCertificate?: boolean;
}

export interface ServerPorts {
  readonly implicit: number;
  readonly other: number;
}

export function withServer(command: Command): Command {
  return command
    .requiredOption('--host <name>', 'the old server')
    .option('--port <number>', 'its port (default: the usual one)')
    .option('--user <name>', 'who logs in there (default: the address)')
    .option('--as <name>', 'whose mail it is, where the user is an administrator who may act for others')
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-file <file>', 'read it from the first line of a file')
    .option(
      '--token-file <file>',
      'log in with the access token (OAuth 2.0) in this file: Gmail, Exchange Online',
    )
    .option('--starttls', 'encrypt by STARTTLS instead of from the start')
    .option('--plain', 'do not encrypt: on this machine or a network of your own only')
    .option('--ca <file>', 'certificates (PEM) to trust instead of the system’s')
    .option('--any-certificate', 'take any certificate');
}

export function placeOf(options: ServerOptions, ports: ServerPorts): ServerPlace {
  const { host, port, starttls = false, plain = false, ca, anyCertificate = false } = options;
  if (starttls && plain) throw usageError('say either --starttls or --plain');
  const tls = plain ? 'none' : starttls ? 'starttls' : 'implicit';
  const number = port === undefined ? (tls === 'implicit' ? ports.implicit : ports.other) : Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw usageError(`--port: "${port}" is not a port`);
  const trusted = ca === undefined ? {} : { ca: [readFileSync(ca, 'utf8')] };
  return { host, port: number, tls, anyCertificate, ...trusted };
}

export async function loginOf(options: ServerOptions, address: string): Promise<ServerLogin> {
  const { user = address, as, passwordStdin, passwordFile, tokenFile, host } = options;
  if (tokenFile !== undefined)
    return { user, password: readFileSync(tokenFile, 'utf8').trim(), byToken: true };
  const password = await passwordOf({ passwordStdin, passwordFile }, `${user} at ${host}`);
  return { user, password, ...(as !== undefined && { as }) };
}

async function passwordOf(
  { passwordStdin, passwordFile }: { passwordStdin: boolean | undefined; passwordFile: string | undefined },
  whose: string,
): Promise<string> {
  if (passwordStdin === true) return firstLineOfInput();
  if (passwordFile !== undefined) return readFileSync(passwordFile, 'utf8').split(/\r?\n/)[0]!;
  if (!isInteractive())
    throw usageError('say where the password comes from: --password-stdin or --password-file');
  return terminal.secret(`Password of ${whose}`);
}
