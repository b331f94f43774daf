/** Files that are there whole or not at all, whenever the writer is stopped. */
import { rename, utimes, writeFile } from 'node:fs/promises';

/** `receivedAtMs`: what the file is dated, as Maildir and mailers want it. */
export async function writeWhole(
  path: string,
  content: Uint8Array | string,
  { by = `${path}.part`, receivedAtMs }: { readonly by?: string; readonly receivedAtMs?: number } = {},
): Promise<void> {
  await writeFile(by, content);
  if (receivedAtMs !== undefined) await utimes(by, receivedAtMs / 1000, receivedAtMs / 1000);
  await rename(by, path);
}

/** A level of a mailbox's name as the name of a folder or file: never one that leads elsewhere. */
export function fileLevel(level: string): string {
  const text = level.replaceAll(/[/\0]/g, '_');
  return text.startsWith('.') ? `_${text.slice(1)}` : text;
}
