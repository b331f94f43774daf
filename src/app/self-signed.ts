/** The self-signed certificate in the data folder: made at first start, and anew when the name of the server changes or it runs out. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { certificateFacts } from '../net/certificate-facts.ts';
import type { Certificate } from '../net/tls-contexts.ts';

export async function selfSignedIn(folder: string, hostname: string): Promise<Certificate> {
  const file = join(folder, 'self-signed.pem');
  const kept = read(file);
  if (kept !== undefined && serves(kept, hostname)) return kept;
  // Large and seldom needed.
  const { makeSelfSigned } = await import('../net/self-signed.ts');
  const made = await makeSelfSigned([hostname, 'localhost', '127.0.0.1', '::1'], systemClock);
  // Key and certificate in one file, put in its place in one step: never one without the other.
  writeFileSync(`${file}.new`, made.key + made.chain, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}

function read(file: string): Certificate | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf('-----BEGIN CERTIFICATE-----');
  return at === -1 ? undefined : { key: text.slice(0, at), chain: text.slice(at) };
}

function serves({ chain }: Certificate, hostname: string): boolean {
  try {
    const { names, expiresAtMs } = certificateFacts(chain);
    return names.includes(hostname.toLowerCase()) && expiresAtMs > systemClock.nowMs();
  } catch {
    return false;
  }
}
