/** The tag `:zone` (RFC 5260, 4.1). */
import { parseZone } from '../date-part.ts';
import type { Call } from './call.ts';
import type { TagDefinition } from './definition.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

export const zoneTags: readonly TagDefinition[] = [
  { name: 'zone', group: 'zone', value: 'string', needs: 'date' },
];

/** The zone that the script names, in minutes; undefined: the local one. */
export function compileZone(call: Call, scope: Scope): (run: Run) => number | undefined {
  const text = call.tagText('zone');
  if (text === undefined) return () => undefined;
  if (text.constant !== undefined && parseZone(text.constant) === undefined)
    scope.error(text.at, 'zoneInvalid', text.constant);
  return (run) => {
    const given = text.read(run);
    const zone = parseZone(given);
    if (zone === undefined) throw run.error('zoneInvalid', given);
    return zone;
  };
}
