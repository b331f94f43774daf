/** Networks and lists of lines whose address changes, as the settings have them (IP25B). */
import { readFileSync } from 'node:fs';
import type { Settings } from '../config/schema.ts';
import { lineFinder, type LineFinder } from '../policy/line-check.ts';
import type { LineParts } from '../policy/line.ts';
import { networksIn } from './network-list.ts';

/** Throws an Error that names every line of a file which is no network. */
export function lineLists({ ip25b }: Settings): Pick<LineParts, 'networks' | 'lists'> {
  const read = [
    ...ip25b.networks.map((text) => networksIn(text, text)),
    ...ip25b.networkFiles.map((file) => networksIn(readFileSync(file, 'utf8'), file)),
  ];
  const problems = read.flatMap((one) => one.problems);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const lists = ip25b.lists.map((text) => {
    const [zone = '', answers = ''] = text.split('=');
    return {
      zone: zone.trim().toLowerCase(),
      answers: answers.split(',').flatMap((one) => one.trim() || []),
    };
  });
  return { networks: read.flatMap(({ networks }) => networks), lists };
}

/** Undefined: the settings do not want it looked at. */
export function openLines(settings: Settings, dns: LineParts['dns']): LineFinder | undefined {
  const { action } = settings.ip25b;
  if (action === 'none') return undefined;
  return lineFinder({ dns, ...lineLists(settings), action: action === 'weigh' ? undefined : action });
}
