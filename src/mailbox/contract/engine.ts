/** A kind of store that the contract of mailboxes is run on. */
import type { Store } from '../../store/store.ts';

export interface Engine {
  /** An empty store with the operations of mailboxes and of these tests. */
  open(): Promise<Store>;
  /** Random lives that the model test tries. */
  readonly runs: number;
}
