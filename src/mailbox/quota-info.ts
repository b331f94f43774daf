/** What an account takes of its room, and how much it may take. */
export interface QuotaInfo {
  readonly usedBytes: number;
  /** 0 when unlimited. */
  readonly limitBytes: number;
  readonly emails: number;
}

/** Limits besides that of room; 0 when unlimited. */
export interface CountLimits {
  readonly emailsMax: number;
  readonly mailboxesMax: number;
  readonly annotationsMaxBytes: number;
}
