/** Which shard is whose own, for `app`. */
export { takeSeat } from './rows/seat.ts';
