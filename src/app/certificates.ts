/** Certificates as PEM text: those of the settings, or a self-signed one that is made once and kept in the data folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Settings } from '../config/schema.ts';
import type { Certificate } from '../net/tls-contexts.ts';
import type { DataFolder } from './data-folder.ts';

/** Throws with the file's name when one cannot be read. */
export async function readCertificates(
  settings: Settings,
  folder: DataFolder,
): Promise<readonly Certificate[]> {
  const named = settings.tls.certificates.map((one) => ({
    chain: readFileSync(one.certificate, 'utf8'),
    key: readFileSync(one.key, 'utf8'),
  }));
  return named.length > 0 ? named : [await selfSigned(settings, folder)];
}

async function selfSigned(settings: Settings, folder: DataFolder): Promise<Certificate> {
  const cert = join(folder.tls, 'self-signed.crt');
  const key = join(folder.tls, 'self-signed.key');
  if (!existsSync(cert) || !existsSync(key)) {
    // Large and needed once in the life of a server.
    const { makeSelfSigned } = await import('../net/self-signed.ts');
    const made = await makeSelfSigned([settings.hostname, 'localhost', '127.0.0.1', '::1'], systemClock);
    writeFileSync(key, made.key, { mode: 0o600 });
    writeFileSync(cert, made.chain);
  }
  return { chain: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}
