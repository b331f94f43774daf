/**
 * The numbers and letters of the milter protocol, version 6: how a mail server asks a filter about a session and its messages. There is no RFC; the
 * reference is libmilter of Sendmail 8.14 and later, and what Postfix makes of it.
 */

export const milterVersion = 6;
/** Filters of before Sendmail 8.14 speak 2; nothing older is in use. */
export const milterVersionMin = 2;

/** What a filter may do to a message (SMFIF_*). */
export const milterActions = {
  addHeader: 0x01,
  replaceBody: 0x02,
  addRecipient: 0x04,
  deleteRecipient: 0x08,
  changeHeader: 0x10,
  quarantine: 0x20,
  changeSender: 0x40,
  addRecipientWithParams: 0x80,
  chooseMacros: 0x100,
} as const;

/** What a filter does not want to hear of, or does not answer (SMFIP_*). */
export const milterSteps = {
  noConnect: 0x01,
  noHelo: 0x02,
  noMail: 0x04,
  noRcpt: 0x08,
  noBody: 0x10,
  noHeaders: 0x20,
  noEndOfHeaders: 0x40,
  silentHeaders: 0x80,
  noUnknown: 0x100,
  noData: 0x200,
  maySkip: 0x400,
  wantsRejected: 0x800,
  silentConnect: 0x1000,
  silentHelo: 0x2000,
  silentMail: 0x4000,
  silentRcpt: 0x8000,
  silentData: 0x10000,
  silentUnknown: 0x20000,
  silentEndOfHeaders: 0x40000,
  silentBody: 0x80000,
  leadingSpace: 0x100000,
} as const;

/** Commands to the filter (SMFIC_*). */
export const milterCommands = {
  abort: 'A',
  body: 'B',
  connect: 'C',
  macros: 'D',
  endOfMessage: 'E',
  helo: 'H',
  nextSession: 'K',
  header: 'L',
  mail: 'M',
  endOfHeaders: 'N',
  negotiate: 'O',
  quit: 'Q',
  rcpt: 'R',
  data: 'T',
} as const;

export type MilterCommand = keyof typeof milterCommands;

/** Octets of one piece of a body (MILTER_CHUNK_SIZE). */
export const milterChunkBytes = 65_535;
