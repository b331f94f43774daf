/** The words in which the settings are described (schema.ts). */
import * as Type from 'typebox';
import type { TObject, TProperties } from 'typebox';

/** A section: all of its fields, nothing else, and absent means all defaults. */
export function section<P extends TProperties>(description: string, fields: P): TObject<P> {
  return Type.Object(fields, { description, additionalProperties: false, default: {} });
}

/** An element of a list: has no default of its own. */
export function item<P extends TProperties>(fields: P): TObject<P> {
  return Type.Object(fields, { additionalProperties: false });
}

export const text = (description: string, fallback?: string) =>
  Type.String({
    description,
    minLength: fallback === '' ? 0 : 1,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
export const count = (description: string, bounds: { min: number; max: number; default: number }) =>
  Type.Integer({ description, minimum: bounds.min, maximum: bounds.max, default: bounds.default });
export const decimal = (description: string, bounds: { min: number; max: number; default: number }) =>
  Type.Number({ description, minimum: bounds.min, maximum: bounds.max, default: bounds.default });
export const flag = (description: string, fallback: boolean) =>
  Type.Boolean({ description, default: fallback });
export const oneOf = <const T extends string>(
  description: string,
  choices: readonly T[],
  fallback?: NoInfer<T>,
) =>
  Type.Unsafe<T>({
    type: 'string',
    enum: [...choices],
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
export const list = <T extends Parameters<typeof Type.Array>[0]>(description: string, of: T) =>
  Type.Array(of, { description, default: [] });
