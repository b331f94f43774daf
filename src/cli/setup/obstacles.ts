/** Whether what was chosen can be done on this machine: all that is in the way, at once. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { certificateProblems, unbindable } from '../../app/machine.ts';
import type { Choices } from './choices.ts';
import type { SetupWords } from './words.ts';

export async function obstacles(
  { config, data, listeners, certificate, hostname }: Choices,
  say: SetupWords,
): Promise<string[]> {
  const taken = await unbindable(listeners);
  return [
    ...notWritable(dirname(config), say),
    ...notWritable(data, say),
    ...taken.map(({ host, port, why }) =>
      say.bind(why, host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, port),
    ),
    ...(certificate === undefined
      ? []
      : certificateProblems(certificate, hostname).map((problem) => say.certificate(problem, hostname))),
  ];
}

/** The folder, or where it would be made. */
function notWritable(folder: string, say: SetupWords): string[] {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    if (!statSync(nearest).isDirectory()) return [say.notWritable(nearest, 'ENOTDIR')];
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    return [say.notWritable(nearest, (error as NodeJS.ErrnoException).code ?? String(error))];
  }
}
