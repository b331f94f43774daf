/** Arguments that methods of all types share (RFC 8620, 5): read once, with the errors that the RFC names. */
import { limits } from './limits.ts';
import { invalidArguments, MethodError } from './method-error.ts';
import { isObject } from './pointer.ts';
import { type Arguments, isId } from './request.ts';

export function optionalString(args: Arguments, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidArguments(`${name} is a String`);
  return value;
}

export function requiredString(args: Arguments, name: string): string {
  const value = optionalString(args, name);
  if (value === undefined) throw invalidArguments(`${name} is missing`);
  return value;
}

export function booleanOf(args: Arguments, name: string, otherwise = false): boolean {
  const value = args[name] ?? otherwise;
  if (typeof value !== 'boolean') throw invalidArguments(`${name} is a Boolean`);
  return value;
}

/** RFC 8620, 1.3: within what every client can hold. */
export function integerOf(args: Arguments, name: string): number | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value)) throw invalidArguments(`${name} is an Int`);
  return value as number;
}

export function unsignedOf(args: Arguments, name: string): number | undefined {
  const value = integerOf(args, name);
  if (value !== undefined && value < 0) throw invalidArguments(`${name} is an UnsignedInt`);
  return value;
}

/** An Id, or `#` and a creation id. */
const isIdOrReference = (value: unknown): value is string =>
  isId(value) || (typeof value === 'string' && value.startsWith('#') && isId(value.slice(1)));

/** Undefined for null. Each id once. */
export function idsOf(
  args: Arguments,
  name: string,
  most: number = limits.maxObjectsInGet,
): readonly string[] | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isIdOrReference)) throw invalidArguments(`${name} is an Id[]`);
  const ids = [...new Set<string>(value)];
  if (ids.length > most) throw new MethodError('requestTooLarge', `more than ${most} in ${name}`);
  return ids;
}

export function stringsOf(args: Arguments, name: string): readonly string[] | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    throw invalidArguments(`${name} is a String[]`);
  return [...new Set<string>(value)];
}

/**
 * The properties asked for, `id` always among them; `all` when none are named. MethodError for one that there is not. Where there may be properties of any
 * name `all` is undefined.
 */
export function propertiesOf(args: Arguments, all: readonly string[]): readonly string[];
export function propertiesOf(
  args: Arguments,
  all: readonly string[] | undefined,
): readonly string[] | undefined;
export function propertiesOf(
  args: Arguments,
  all: readonly string[] | undefined,
): readonly string[] | undefined {
  const asked = stringsOf(args, 'properties');
  if (asked === undefined) return all;
  const unknown = all && asked.find((name) => !all.includes(name));
  if (unknown !== undefined) throw invalidArguments(`there is no property ${unknown}`);
  return ['id', ...asked.filter((name) => name !== 'id')];
}

export function picked(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}

export interface SetArguments {
  readonly ifInState: string | undefined;
  readonly create: readonly (readonly [id: string, record: Arguments])[];
  readonly update: readonly (readonly [id: string, patch: Arguments])[];
  readonly destroy: readonly string[];
}

/** RFC 8620, 5.3. */
export function readSet(args: Arguments): SetArguments {
  const create = recordsOf(args, 'create');
  const update = recordsOf(args, 'update');
  const destroy = idsOf(args, 'destroy', Infinity) ?? [];
  if (create.length + update.length + destroy.length > limits.maxObjectsInSet)
    throw new MethodError('requestTooLarge', `more than ${limits.maxObjectsInSet} records`);
  return { ifInState: optionalString(args, 'ifInState'), create, update, destroy };
}

/** The map of new records that a method cannot do without. */
export function mapOf(args: Arguments, name: string): readonly (readonly [string, Arguments])[] {
  if (args[name] === undefined || args[name] === null) throw invalidArguments(`${name} is missing`);
  const records = recordsOf(args, name);
  if (records.length > limits.maxObjectsInSet)
    throw new MethodError('requestTooLarge', `more than ${limits.maxObjectsInSet} records`);
  return records;
}

export function recordsOf(args: Arguments, name: string): readonly (readonly [string, Arguments])[] {
  const value = args[name];
  if (value === undefined || value === null) return [];
  if (!isObject(value)) throw invalidArguments(`${name} is a map of Ids`);
  return Object.entries(value).map(([id, record]) => {
    if (!isIdOrReference(id) || !isObject(record))
      throw invalidArguments(`${name} is a map of Ids to objects`);
    return [id, record];
  });
}
