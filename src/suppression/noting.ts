/** The list, as whoever reads the event ledger brings it up to date. */
export { tidySuppressions } from './rows/list-rows.ts';
export { noteDeeds, watchedTo } from './rows/note-rows.ts';
