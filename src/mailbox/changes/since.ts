/**
 * A state of an account as clients of JMAP hold it (RFC 8620, 5.2): a version, or a place within one, where a transaction changed more than
 * a client takes at once. `17` is all up to version 17; `17.40` is all before version 17, and of that one what has numbers up to 40.
 */
export interface Since {
  readonly version: number;
  /** Infinity: all of the version. */
  readonly upTo: number;
}

const form = /^(\d{1,15})(?:\.(\d{1,15}))?$/;

/** Undefined: none that was ever given out. */
export function parseState(state: string): Since | undefined {
  const match = form.exec(state);
  if (match === null) return undefined;
  return { version: Number(match[1]), upTo: match[2] === undefined ? Infinity : Number(match[2]) };
}

export const formatState = ({ version, upTo }: Since): string =>
  upTo === Infinity ? `${version}` : `${version}.${upTo}`;

/** Whether what has this number and came with this version is behind the state. */
export const isAfter = (since: Since, version: number, number: number): boolean =>
  version > since.version || (version === since.version && number > since.upTo);
