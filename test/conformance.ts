/**
 * Where the public conformance data lie. They are large and come from many projects, so they live beside the
 * repository, not in it: in the folder of HIKYAKU_CONFORMANCE, or in `../shared/conformance`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const places = [
  process.env['HIKYAKU_CONFORMANCE'],
  join(import.meta.dirname, '../../shared/conformance'),
  join(import.meta.dirname, '../../../shared/conformance'),
];

/** The folder of a set, or undefined when the data are not on this machine: skip the test then. */
export function conformanceFolder(set: string): string | undefined {
  for (const place of places) {
    if (place !== undefined && existsSync(join(place, set))) return join(place, set);
  }
  return undefined;
}

/** The `skip` option of a test that needs a set. */
export function skipWithout(set: string): { skip: string } | Record<string, never> {
  if (conformanceFolder(set) !== undefined) return {};
  return { skip: `no conformance set ${set}: set HIKYAKU_CONFORMANCE to its folder` };
}
