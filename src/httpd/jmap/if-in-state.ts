/**
 * The state that a client says it knows (RFC 8620, 5.3: ifInState). It is looked at before anything else is done, and by the first write of the call in its own
 * transaction: what comes between the two is found there. Writes that follow in the same call change the state themselves.
 */
export class IfInState {
  #state: string | undefined;

  constructor(state: string | undefined) {
    this.#state = state;
  }

  /** Runs a write with what it must find; undefined: whatever there is. */
  async around<R>(write: (state: string | undefined) => Promise<R>): Promise<R> {
    const done = await write(this.#state);
    this.#state = undefined;
    return done;
  }
}
