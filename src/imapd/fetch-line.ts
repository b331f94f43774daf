/** How a line about one message begins. UIDONLY has a name of its own for it (RFC 9586, 3.2). */
export function fetchLineStart(session: { readonly uidOnly: boolean }, number: number, uid: number): string {
  return session.uidOnly ? `* ${uid} UIDFETCH (` : `* ${number} FETCH (`;
}
