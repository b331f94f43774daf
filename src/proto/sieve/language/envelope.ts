/** The test `envelope` (RFC 5228, 5.4), with the parts of RFC 6009, 2 and 3. */
import { isoTime, timeIn } from '../date-part.ts';
import { compileMatch, isCount, matchTags } from '../match/match-type.ts';
import { flatten, parseAddresses } from '../../mime/address.ts';
import type { SieveEnvelope } from '../surroundings.ts';
import { addressPartTags, partOfAddress, type AddressPart } from './address.ts';
import { test, type TestDefinition } from './definition.ts';
import { nameOf } from './header.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { compileZone, zoneTags } from './zone.ts';

interface Reading {
  readonly part: AddressPart;
  readonly run: Run;
  readonly zoneMinutes: (atMs: number) => number;
}

interface EnvelopePart {
  readonly needs?: string;
  /** Nothing when the envelope does not say. */
  read(envelope: SieveEnvelope, how: Reading): readonly string[];
}

const dsn = (read: (envelope: NonNullable<SieveEnvelope['dsn']>) => string | undefined): EnvelopePart => ({
  needs: 'envelope-dsn',
  read: (envelope) => listed(envelope.dsn && read(envelope.dsn)),
});

const deliverBy = (
  read: (by: NonNullable<SieveEnvelope['deliverBy']>, how: Reading) => string,
): EnvelopePart => ({
  needs: 'envelope-deliverby',
  read: (envelope, how) => listed(envelope.deliverBy && read(envelope.deliverBy, how)),
});

const listed = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

const secondMs = 1000;

const parts: ReadonlyMap<string, EnvelopePart> = new Map(
  Object.entries<EnvelopePart>({
    // The null sender is the empty string whatever part of the address is asked for.
    from: { read: ({ from }, { part }) => (from === '' ? [''] : partOf(from, part)) },
    to: { read: ({ to }, { part }) => partOf(to, part) },
    notify: {
      needs: 'envelope-dsn',
      read: (envelope) => (envelope.dsn?.notify ?? '').split(',').filter((word) => word !== ''),
    },
    orcpt: dsn(({ orcpt }) => orcpt),
    ret: dsn(({ ret }) => ret),
    envid: dsn(({ envid }) => envid),
    bytimeabsolute: deliverBy(({ atMs }, { zoneMinutes }) => isoTime(timeIn(atMs, zoneMinutes(atMs)))),
    bytimerelative: deliverBy(({ atMs }, { run }) => `${Math.round((atMs - run.around.nowMs) / secondMs)}`),
    bymode: deliverBy(({ mode }) => mode),
    bytrace: deliverBy(({ trace }) => `${trace}`),
  }),
);

function partOf(text: string, part: AddressPart): readonly string[] {
  const [mailbox] = flatten(parseAddresses(text.startsWith('<') ? text : `<${text}>`));
  return listed(mailbox && part(mailbox));
}

export const envelope: TestDefinition = {
  name: 'envelope',
  needs: 'envelope',
  tags: [...matchTags, ...addressPartTags, ...zoneTags],
  args: ['strings', 'strings'],
  compile(call, scope) {
    const names = call.texts(0);
    for (const { constant, at } of names)
      if (constant !== undefined && !partNamed(constant, scope))
        scope.error(at, 'envelopePartUnknown', constant);
    const match = compileMatch(call, scope, call.texts(1));
    const part = partOfAddress(call);
    const zone = compileZone(call, scope);
    const count = isCount(call);
    return test((run) => {
      const how = { part, run, zoneMinutes: (atMs: number) => zone(run) ?? run.around.zoneMinutes(atMs) };
      const values = names.flatMap(
        (name) => partNamed(nameOf(name, run), scope)?.read(run.around.envelope, how) ?? [],
      );
      return match(run, { values: count ? values.filter((value) => value !== '') : values });
    });
  },
};

function partNamed(name: string, scope: Scope): EnvelopePart | undefined {
  const part = parts.get(name.toLowerCase());
  return part?.needs === undefined || scope.has(part.needs) ? part : undefined;
}
