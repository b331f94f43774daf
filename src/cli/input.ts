/** Texts that commands are given: a file, or what is piped in. */
import { readFile } from 'node:fs/promises';
import { usageError } from './failure.ts';

/** `-` is standard input. */
export async function textOfFile(path: string): Promise<string> {
  if (path !== '-') {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw usageError((error as Error).message);
    }
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}
