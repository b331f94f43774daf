/** Parameters as they came, names in lower case, quoting removed, RFC 2231 pieces not yet joined: `[name, value]`. */
export type Parameters = readonly (readonly [name: string, value: string])[];

/** `value; name=value; ...`: Content-Type, Content-Disposition. */
export interface ParameterizedValue {
  /** In lower case: `text/plain`, `attachment`; `''` when there was none. */
  readonly value: string;
  readonly params: Parameters;
}
export function parseParameterized(text: string): ParameterizedValue {
  throw new Error(text);
}
/** One parameter, decoded: RFC 2231 pieces joined (in any order) and RFC 2047 words undone. Name in lower case. */
export function parameter(params: Parameters, name: string): string | undefined {
  throw new Error(name + params.length);
}
