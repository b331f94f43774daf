/** INPROGRESS (RFC 9585): a command that takes long says how far it is, so that the client does not think it lost. */
import { string } from '../proto/imap/response.ts';
import type { Session } from './session.ts';

/** The first word comes after this long, and then one each time. */
const everyMs = 10_000;

export class Progress {
  readonly #session: Session;
  #toldAtMs: number;

  constructor(session: Session) {
    this.#session = session;
    this.#toldAtMs = session.server.parts.clock.monotonicMs();
  }

  /** Cheap: call it after each piece of work. */
  readonly tell = (done: number, total: number): void => {
    const nowMs = this.#session.server.parts.clock.monotonicMs();
    if (nowMs - this.#toldAtMs < everyMs) return;
    this.#toldAtMs = nowMs;
    const { tag, out } = this.#session;
    const how = total > done ? `${done} ${total}` : 'NIL NIL';
    out.text(`* OK [INPROGRESS (${string(tag)} ${how})] Still at it\r\n`);
    out.flush();
  };
}
