/**
 * Sends mail back that comes after a message was accepted, to one server (`to`), in order of its time. Never to anyone else: a practice run must not
 * reach strangers. Without a server it is counted and dropped.
 */
import type { Clock } from '../base/clock.ts';
import { newSecret } from '../base/ids.ts';
import { dial } from '../net/dialer.ts';
import type { Connection, Endpoint } from '../net/connection.ts';
import { DotStuffer } from '../proto/smtp/dot-stuffing.ts';
import { formatPath } from '../proto/smtp/path.ts';
import { ReplyReader, type Reply } from '../proto/smtp/reply.ts';
import type { SunkMail } from './conversation.ts';
import type { ReturnRule } from './options.ts';
import { returnMail, type ReturnMail } from './returned-mail.ts';
import type { Tally } from './tally.ts';

/** Mails that wait for their time; what is beyond is dropped. */
const waitingMax = 100_000;
const sendingMax = 4;
const replyMaxMs = 60_000;

interface Outgoing {
  readonly mail: ReturnMail;
  readonly tally: Tally;
}

export class Returns {
  readonly #clock: Clock;
  readonly #to: Endpoint | undefined;
  readonly #ready: Outgoing[] = [];
  #waiting = 0;
  #sending = 0;

  constructor(clock: Clock, to: Endpoint | undefined) {
    this.#clock = clock;
    this.#to = to;
  }

  /** Takes what the rule makes of this mail. */
  take(rule: ReturnRule, sunk: SunkMail, at: { readonly hostname: string; readonly tally: Tally }): void {
    const { tally, hostname } = at;
    const mail = returnMail({
      rule,
      recipient: sunk.envelope.recipients[0]!,
      sender: sunk.envelope.sender,
      header: sunk.text.header(),
      ip: sunk.ip,
      hostname,
      atMs: this.#clock.nowMs(),
      token: newSecret(12),
    });
    if (mail === undefined) return;
    if (this.#to === undefined || this.#waiting >= waitingMax) {
      tally.returns.dropped += 1;
      return;
    }
    this.#waiting += 1;
    this.#clock.after(rule.afterSeconds * 1000, () => {
      this.#ready.push({ mail, tally });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#sending >= sendingMax) return;
    this.#sending += 1;
    for (let one = this.#ready.shift(); one !== undefined; one = this.#ready.shift()) {
      this.#waiting -= 1;
      const sent = await sendMail(one.mail, this.#to!, this.#clock).catch(() => false);
      if (sent) one.tally.returns.sent += 1;
      else one.tally.returns.failed += 1;
    }
    this.#sending -= 1;
  }
}

/** One mail over one connection. False: it was refused. */
async function sendMail({ sender, to, bytes }: ReturnMail, at: Endpoint, clock: Clock): Promise<boolean> {
  const connection = await dial({ ip: at.ip, port: at.port, clock });
  connection.setIdle(replyMaxMs);
  const replies = new Replies(connection);
  const say = async (line: string): Promise<number> => {
    connection.write(`${line}\r\n`);
    return (await replies.next()).code;
  };
  try {
    if ((await replies.next()).code !== 220 || (await say('EHLO sink.example')) !== 250) return false;
    if ((await say(`MAIL FROM:${formatPath(sender)}`)) !== 250) return false;
    if ((await say(`RCPT TO:${formatPath(to)}`)) !== 250 || (await say('DATA')) !== 354) return false;
    const stuffer = new DotStuffer();
    stuffer.push(bytes, (piece) => void connection.write(piece));
    connection.write(stuffer.end());
    const { code } = await replies.next();
    connection.write('QUIT\r\n');
    return code === 250;
  } finally {
    connection.end();
  }
}

class Replies {
  readonly #come: Reply[] = [];
  #wanted: PromiseWithResolvers<Reply> | undefined;
  #over = false;

  constructor(connection: Connection) {
    const reader = new ReplyReader();
    connection.onData((chunk) => {
      try {
        reader.push(chunk, (reply) => this.#got(reply));
      } catch {
        connection.destroy('no reply');
      }
    });
    connection.onClose(() => {
      this.#over = true;
      this.#wanted?.reject(new Error('closed'));
    });
  }

  async next(): Promise<Reply> {
    const reply = this.#come.shift();
    if (reply !== undefined) return reply;
    if (this.#over) throw new Error('closed');
    this.#wanted = Promise.withResolvers<Reply>();
    return this.#wanted.promise;
  }

  #got(reply: Reply): void {
    if (this.#wanted === undefined) return void this.#come.push(reply);
    this.#wanted.resolve(reply);
    this.#wanted = undefined;
  }
}
