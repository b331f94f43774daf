/** The codes in what a server said: the reply code (RFC 5321, 4.2) and the enhanced one (RFC 3463), wherever reports put them. */

export interface ReplyCodes {
  /** `550`, or `''`. */
  readonly code: string;
  /** `5.1.1`, or `''`. */
  readonly status: string;
}

const together = /(?<![\d.])([245][0-5]\d)[ -]?[ -]#?\(?([245]\.\d{1,3}\.\d{1,3})\b/;
const alone =
  /(?<![\d.\w[#-])(?<!\d:)([245][0-5]\d)(?=[ :,;-]|$)(?!\s*(?:bytes|kb|mb|seconds|minutes|hours|days))/im;
const enhanced = /(?<![\d.[])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d|\])/;

/** A plain `x.0.0` says no more than the reply code does. */
export const saysNothing = (status: string): boolean => status === '' || /^\d\.0\.0$/.test(status);

export function replyCodes(text: string): ReplyCodes {
  const both = together.exec(text);
  if (both) return { code: both[1]!, status: both[2]! };
  return { code: alone.exec(text)?.[1] ?? '', status: enhanced.exec(text)?.[1] ?? '' };
}
