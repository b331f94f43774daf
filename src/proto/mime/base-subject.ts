/** RFC 5256, 2.1 on a decoded subject, with Japanese reply and forward marks; `isReplyOrForward` as JMAP threading and SORT want. */
export function baseSubject(subject: string): { base: string; isReplyOrForward: boolean } {
  throw new Error(subject);
}
