/** What whoever writes a mail for a script brings along: time, ids and names come from outside. */
export interface ReplyFacts {
  readonly nowMs: number;
  readonly zoneMinutes: number;
  /** With its brackets. */
  readonly messageId: string;
  /** Of the owner of the script: `alice@here.test`, perhaps with a name in front. */
  readonly ownAddress: string;
  /** Our name in reports. */
  readonly hostname: string;
  /** Random: no line of the message may be it. */
  readonly boundary: string;
  /** Of what is written without words of the script. */
  readonly language: 'en' | 'ja';
}

/** A mail to be sent, with the null sender: nobody is told when it cannot be delivered (RFC 3834, 3.3). */
export interface WrittenMail {
  readonly to: readonly string[];
  readonly bytes: Buffer;
}
