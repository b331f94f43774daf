/** What is kept of who sends how much, for whoever watches it: see sending/signs.ts. */
export { claimTelling, type SendingPause, untoldPauses } from './sending/limit-rows.ts';
export { forgiveSending, noteSending, setWatchedTo, watchedTo } from './sending/profile-rows.ts';
export type { SendingDeed } from './sending/signs.ts';
