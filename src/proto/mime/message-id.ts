/** The ids of a Message-ID, In-Reply-To or References value, without brackets, at most `idsMax`. Never throws. */
export function parseMessageIds(text: string): string[] {
  throw new Error(text);
}
