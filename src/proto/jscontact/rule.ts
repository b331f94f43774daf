/** What a value of a Card may be: small rules from which the rules of RFC 9553 are put together. */
import type { Json, JsonObject } from './card.ts';

/** Notes in `wrong` the paths (JSON pointers without a leading slash) of what is not as it must be. */
export type Rule = (value: Json, path: string, wrong: string[]) => void;

const when =
  (holds: (value: Json) => boolean): Rule =>
  (value, path, wrong) => {
    if (!holds(value)) wrong.push(path);
  };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const text: Rule = when((value) => typeof value === 'string');
export const filled: Rule = when((value) => typeof value === 'string' && value !== '');
export const truth: Rule = when((value) => typeof value === 'boolean');
/** A value of a set (RFC 9553, 1.4.2: `String[Boolean]`). */
const member: Rule = when((value) => value === true);
export const anything: Rule = () => {};
export const whole = (min: number, max: number): Rule =>
  when((value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max);
export const matching = (pattern: RegExp): Rule =>
  when((value) => typeof value === 'string' && pattern.test(value));

/** Lower case, as enumerated values are; others than the known ones are let in (RFC 9553, 1.7.4). */
export const word: Rule = matching(/^[A-Za-z0-9:._/-]{1,255}$/);
const utc =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d*[1-9])?Z$/;
export const utcDate: Rule = matching(utc);
/** RFC 5646, as far as its shape goes. */
export const languageTag: Rule = matching(/^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/);
/** RFC 3986, its scheme; `data:` and `mailto:` among them. */
export const uri: Rule = matching(/^[A-Za-z][A-Za-z0-9+.-]*:\S*$/s);
export const mediaType: Rule = matching(/^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(?:\s*;.*)?$/s);

const idPattern = /^[A-Za-z0-9_-]{1,255}$/;

/** Entries by Id (RFC 9553, 1.4.1). */
export const byId =
  (rule: Rule): Rule =>
  (value, path, wrong) => {
    if (!isObject(value)) {
      wrong.push(path);
      return;
    }
    for (const [id, each] of Object.entries(value)) {
      if (idPattern.test(id)) rule(each ?? null, `${path}/${id}`, wrong);
      else wrong.push(`${path}/${id}`);
    }
  };

export const setOf =
  (names: RegExp): Rule =>
  (value, path, wrong) => {
    if (!isObject(value)) {
      wrong.push(path);
      return;
    }
    for (const [name, each] of Object.entries(value)) {
      if (names.test(name)) member(each ?? null, `${path}/${name}`, wrong);
      else wrong.push(`${path}/${name}`);
    }
  };

export const mapOf =
  (rule: Rule): Rule =>
  (value, path, wrong) => {
    if (!isObject(value)) {
      wrong.push(path);
      return;
    }
    for (const [name, each] of Object.entries(value)) rule(each ?? null, `${path}/${name}`, wrong);
  };

export const listOf =
  (rule: Rule): Rule =>
  (value, path, wrong) => {
    if (!Array.isArray(value)) {
      wrong.push(path);
      return;
    }
    for (const [index, each] of (value as readonly Json[]).entries()) rule(each, `${path}/${index}`, wrong);
  };

interface Shape {
  /** Of `@type`; may be absent (RFC 9553, 1.3.4). */
  readonly type: string;
  readonly must?: Readonly<Record<string, Rule>>;
  readonly may?: Readonly<Record<string, Rule>>;
  /** One of these is there. */
  readonly oneOf?: readonly string[];
}

/** An object of this shape; properties that it does not name are let in. */
export const shaped =
  ({ type, must = {}, may = {}, oneOf }: Shape): Rule =>
  (value, path, wrong) => {
    if (!isObject(value)) {
      wrong.push(path);
      return;
    }
    const at = (name: string): string => (path === '' ? name : `${path}/${name}`);
    if (value['@type'] !== undefined && value['@type'] !== type) wrong.push(at('@type'));
    for (const [name, rule] of Object.entries(must)) rule(value[name] ?? null, at(name), wrong);
    for (const [name, rule] of Object.entries(may)) {
      const given = value[name];
      if (given !== undefined) rule(given, at(name), wrong);
    }
    if (oneOf && !oneOf.some((name) => value[name] !== undefined)) wrong.push(path);
  };

/** The first of the rules whose `@type` it is; the first one where it has none. */
export const eitherType =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value, path, wrong) => {
    if (!isObject(value)) {
      wrong.push(path);
      return;
    }
    const named = value['@type'] ?? Object.keys(rules)[0]!;
    const rule = typeof named === 'string' && Object.hasOwn(rules, named) ? rules[named] : undefined;
    if (rule === undefined) wrong.push(path === '' ? '@type' : `${path}/@type`);
    else rule(value, path, wrong);
  };
