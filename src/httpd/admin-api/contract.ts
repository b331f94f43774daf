/**
 * What crosses the admin API, as schemas: they check what comes in, describe it in OpenAPI, and give the types of the answers. Here are the words
 * that all of it is written in, problems and pages; the rest is in contract-*.ts, by what it is about. Times are milliseconds since 1970; 0 stands
 * for never.
 */
import * as Type from 'typebox';
import type { Static, TObject, TProperties, TSchema } from 'typebox';

/** A closed object: unknown fields are errors, not silently dropped. */
export const closed = <T extends TProperties>(fields: T, options: object = {}): TObject<T> =>
  Type.Object(fields, { ...options, additionalProperties: false });

export const oneOf = <const T extends readonly string[]>(values: T, description?: string) =>
  Type.Unsafe<T[number]>({
    type: 'string',
    enum: [...values],
    ...(description === undefined ? {} : { description }),
  });

type Absent<T, K extends keyof T> = Partial<Pick<T, K>> extends Pick<T, K> ? undefined : never;

/** What a handler may give for a schema: the same, read-only, and with `undefined` for what is absent. */
export type Given<T> = T extends readonly (infer U)[]
  ? readonly Given<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Given<T[K]> | Absent<T, K> }
    : T;

/** The schema of an answer. */
export const answer = <S extends TSchema>(schema: S) => Type.Unsafe<Given<Static<S>>>(schema);

/** 204: done, and nothing to tell. */
export const nothing = Type.Unsafe<void>({ type: 'null', description: 'Done.' });

export const text = (description: string, maxLength = 1000) => Type.String({ description, maxLength });
export const time = (description: string) => Type.Integer({ description, minimum: 0 });
export const id = text('Id, as given when it was made.', 40);

export const language = oneOf(['en', 'ja'], 'Language of notices and of the console.');
export const role = oneOf(['owner', 'admin', 'developer', 'marketer', 'support', 'user']);
export const toldOnce = (what: string) => Type.String({ description: `${what}: told once, not kept.` });
export const targets = (maxItems: number) =>
  Type.Array(text('Address, here or elsewhere.', 400), { maxItems });

export const problem = Type.Object(
  {
    type: Type.String({ description: '`urn:hikyaku:problem:` and the reason.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          at: Type.String({ description: 'Dotted path of the field at fault.' }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { description: 'RFC 9457 problem details.' },
);
export type Problem = Static<typeof problem>;

export const pageQuery = closed({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, description: 'Items of a page; 50 unless told.' }),
  ),
  cursor: Type.Optional(text('`next` of the page before.')),
  q: Type.Optional(text('Only items with this in their name.', 200)),
});

export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: 'Cursor of the next page; absent on the last.' })),
  });
