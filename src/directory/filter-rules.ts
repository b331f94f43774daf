/** What an organisation has otherwise in the filters of mail than the server's settings say (`filters`, of the same names). */

/** All that is absent is as the server has it. */
export interface FilterRules {
  /** The score from which on something is done; null: never for a score. */
  readonly mark?: number | null;
  readonly junk?: number | null;
  readonly quarantine?: number | null;
  readonly refuse?: number | null;
  readonly quarantineDays?: number;
  /** By name of the rule, or `name.*`. They come before those of the server, not instead. */
  readonly weights?: Readonly<Record<string, number>>;
}
