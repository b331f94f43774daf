/** The Request object and its method calls (RFC 8620, 3.3), and references to results of earlier ones (3.7). */
import { invalidArguments, MethodError } from './method-error.ts';
import { isObject, valueAt } from './pointer.ts';

export type Arguments = Readonly<Record<string, unknown>>;
/** Name, arguments, and the id that the client gave to the call. */
export type Invocation = readonly [name: string, args: Arguments, callId: string];

export interface Request {
  readonly using: readonly string[];
  readonly methodCalls: readonly Invocation[];
  /** Undefined when the client did not send them: then it does not get them back. */
  readonly createdIds: Readonly<Record<string, string>> | undefined;
}

/** Undefined: it is JSON, but no request. */
export function readRequest(value: unknown): Request | undefined {
  if (!isObject(value)) return undefined;
  const { using, methodCalls, createdIds } = value;
  if (!Array.isArray(using) || !using.every((each) => typeof each === 'string')) return undefined;
  if (!Array.isArray(methodCalls) || !methodCalls.every(isInvocation)) return undefined;
  if (createdIds === undefined || createdIds === null) return { using, methodCalls, createdIds: undefined };
  if (!isObject(createdIds)) return undefined;
  const known = Object.entries(createdIds);
  if (!known.every((each): each is [string, string] => isId(each[0]) && isId(each[1]))) return undefined;
  return { using, methodCalls, createdIds: Object.fromEntries(known) };
}

function isInvocation(value: unknown): value is Invocation {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === 'string' &&
    isObject(value[1]) &&
    typeof value[2] === 'string'
  );
}

const idForm = /^[A-Za-z0-9_-]{1,255}$/;

/** RFC 8620, 1.2. */
export const isId = (value: unknown): value is string => typeof value === 'string' && idForm.test(value);

/** The arguments with each `#name` replaced by what it refers to. Throws a MethodError. */
export function resolveReferences(args: Arguments, responses: readonly Invocation[]): Arguments {
  if (!Object.keys(args).some((name) => name.startsWith('#'))) return args;
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      resolved[name] = value;
      continue;
    }
    const plain = name.slice(1);
    if (Object.hasOwn(args, plain)) throw invalidArguments(`both ${plain} and ${name}`);
    resolved[plain] = resultOf(value, responses);
  }
  return resolved;
}

function resultOf(reference: unknown, responses: readonly Invocation[]): unknown {
  const fail = (why: string): MethodError => new MethodError('invalidResultReference', why);
  if (!isObject(reference)) throw fail('not a ResultReference');
  const { resultOf: id, name, path } = reference;
  if (typeof id !== 'string' || typeof name !== 'string' || typeof path !== 'string')
    throw fail('resultOf, name and path are strings');
  const response = responses.find(([, , callId]) => callId === id);
  if (response === undefined) throw fail(`no result of ${id}`);
  if (response[0] !== name) throw fail(`${id} is a result of ${response[0]}`);
  try {
    return valueAt(response[1], path);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : '');
  }
}
