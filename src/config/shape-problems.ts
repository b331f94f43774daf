/** What is wrong with the shape of a file of settings, each with its path. */
import type { TSchema } from 'typebox';
import { Settings as SchemaSettings } from 'typebox/system';
import * as Value from 'typebox/value';

/** The library stops at eight errors unless told otherwise. */
SchemaSettings.Set({ maxErrors: 1000 });

export interface Problem {
  /** As `listeners.2.port`; `''` when it is the whole file. */
  readonly path: string;
  readonly text: string;
}

/** All of them: where a file does not have the shape that its schema wants. */
export function shapeProblems(schema: TSchema, value: unknown): Problem[] {
  const found: Problem[] = [];
  for (const error of Value.Errors(schema, value)) {
    const path = error.instancePath.slice(1).replaceAll('/', '.');
    // The parent says nothing that its unknown child does not say better.
    if (error.keyword === 'additionalProperties') continue;
    found.push({ path, text: error.keyword === 'boolean' ? 'is not a setting' : wording(error) });
  }
  return found;
}

function wording(error: { keyword: string; message: string; params: object }): string {
  const params = error.params as {
    allowedValues?: readonly string[];
    requiredProperties?: readonly string[];
  };
  if (error.keyword === 'enum') return `must be one of: ${(params.allowedValues ?? []).join(', ')}`;
  if (error.keyword === 'required') return `lacks ${(params.requiredProperties ?? []).join(', ')}`;
  return error.message;
}
