/** What a script may take. Every bound has a name here; what is above one is an error that the owner of the script is told. */
export interface Limits {
  /** Octets of one script. */
  readonly scriptMaxBytes: number;
  /** Blocks in blocks, and tests in tests. RFC 5228, 2.10.7 wants fifteen. */
  readonly nestingMax: number;
  /** Work of compiling, besides what is linear in the script: making regular expressions. */
  readonly compileStepsMax: number;
  /** Work of one run with all that it includes, in characters looked at; a command or a test counts as 100. A million takes some milliseconds. */
  readonly stepsMax: number;
  /** Actions of one run. */
  readonly actionsMax: number;
  /** Mails that one run may send on: `redirect`. */
  readonly redirectsMax: number;
  /** Mails that one run may write to others: `notify`. */
  readonly notificationsMax: number;
  /** Scripts within scripts, the first included. RFC 6609, 3.1 wants three. */
  readonly includeDepthMax: number;
  /** Scripts run in all. */
  readonly includesMax: number;
  /** Variables of one script. RFC 5229, 6 wants 128. */
  readonly variablesMax: number;
  /** Octets of a variable; more is cut (RFC 5229, 6: at least 4000 characters). */
  readonly variableMaxBytes: number;
  readonly variableNameMax: number;
  /** The highest `${n}`. RFC 5229, 6 wants 9. */
  readonly matchVariableMax: number;
  /** Loops within loops: `foreverypart`. RFC 5703, 3 wants two. */
  readonly loopDepthMax: number;
  /** Questions to the mailboxes, lists and scripts around: each may be a read of the store. */
  readonly questionsMax: number;
  /** Header fields that one run may add. */
  readonly addedFieldsMax: number;
  /** Shortest and longest time between two vacation replies to the same sender (RFC 5230, 4.1; RFC 6131, 2). */
  readonly vacationSecondsMin: number;
  readonly vacationSecondsMax: number;
  readonly vacationSecondsDefault: number;
  /** How long a message is remembered for `duplicate` (RFC 7352, 3.1). */
  readonly duplicateSecondsDefault: number;
  readonly duplicateSecondsMax: number;
}

const daySeconds = 86_400;

export const defaultLimits: Limits = {
  scriptMaxBytes: 1024 * 1024,
  nestingMax: 32,
  compileStepsMax: 5_000_000,
  stepsMax: 200_000_000,
  actionsMax: 32,
  redirectsMax: 10,
  notificationsMax: 5,
  includeDepthMax: 10,
  includesMax: 100,
  variablesMax: 255,
  variableMaxBytes: 64 * 1024,
  variableNameMax: 64,
  matchVariableMax: 32,
  loopDepthMax: 10,
  questionsMax: 200,
  addedFieldsMax: 100,
  vacationSecondsMin: 0,
  vacationSecondsMax: 90 * daySeconds,
  vacationSecondsDefault: 7 * daySeconds,
  duplicateSecondsDefault: 7 * daySeconds,
  duplicateSecondsMax: 30 * daySeconds,
};
