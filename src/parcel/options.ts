/** What may be handed out by link, and for how long. */
export interface ParcelOptions {
  /** Octets of one file; 0: nothing is handed out. */
  readonly fileMaxBytes: number;
  /** Octets of all files of one account that are there at once. */
  readonly accountMaxBytes: number;
  /** Days that a link holds when nobody says otherwise. */
  readonly days: number;
  readonly daysMax: number;
  /** Octets from which on the page offers a link in place of an attachment. */
  readonly offerFromBytes: number;
}

const mebibyte = 1024 * 1024;

export const parcelDefaults: ParcelOptions = {
  fileMaxBytes: 2048 * mebibyte,
  accountMaxBytes: 10_240 * mebibyte,
  days: 14,
  daysMax: 90,
  offerFromBytes: 15 * mebibyte,
};

/** Files of one account that are there at once. */
export const parcelsMax = 500;
/** Octets of one piece: so much comes within a minute over a slow line. */
export const pieceMaxBytes = 8 * mebibyte;
/** A file that was not finished within a day goes. */
export const unfinishedKeptMs = 24 * 60 * 60 * 1000;
/** Wrong passwords of one file in an hour. */
export const wrongMax = 10;
export const wrongWithinMs = 60 * 60 * 1000;
export const nameMaxChars = 200;
export const passwordMaxChars = 200;
export const downloadsMax = 100_000;
