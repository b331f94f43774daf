/**
 * One IMAP session on one connection: reads commands one at a time, runs them in order, answers each.
 *
 *   fresh --LOGIN, AUTHENTICATE--> loggedIn --SELECT--> selected --CLOSE, UNSELECT--> loggedIn
 *   any --LOGOUT, BYE--> closed
 *
 * What a command does is in commands/; here is what holds for all of them: the order of states, the tagged reply, what happens to whatever is thrown, pipelining
 * (read on only when the command in hand is done), literals, lines that continue a command, and time.
 *
 * Message numbers hold still during FETCH, STORE and SEARCH, and while the client has sent more than the command in hand (RFC 3501, 7.4.1; 5.5).
 */
import { randomFraction } from '../base/ids.ts';
import { WireError } from '../base/line-reader.ts';
import type { Principal } from '../directory/principal.ts';
import type { Connection } from '../net/connection.ts';
import { CommandReader, ReaderError, type Input } from '../proto/imap/command-reader.ts';
import { commandHead, parseCommand, tagOf } from '../proto/imap/parse-command.ts';
import { responseText } from '../proto/imap/response.ts';
import type { CommandText } from '../proto/imap/scanner.ts';
import { Appending } from './commands/append.ts';
import { capabilityText, refuseLogin } from './commands/login.ts';
import { runCommand } from './commands/run.ts';
import {
  badCommandsMax,
  inactiveMaxMs,
  keepAliveMs,
  limitsAfterLogin,
  limitsBeforeLogin,
  loginTimeoutMs,
  stalledMaxMs,
} from './options.ts';
import { ConnectionLost, Output } from './output.ts';
import type { Ask, Outcome } from './outcome.ts';
import { bad, isUnexpected, replyFor } from './replies.ts';
import type { Selected } from './selected.ts';
import type { ImapServer } from './server.ts';
import { sendUpdates } from './updates.ts';

interface Asked extends Ask {
  readonly tag: string;
  readonly verb: string;
}

export class Session {
  readonly server: ImapServer;
  readonly connection: Connection;
  readonly out: Output;
  principal: Principal | undefined;
  selected: Selected | undefined;
  /** Switched on by ENABLE or by a command that implies it; never off again. */
  condstore = false;
  qresync = false;
  utf8 = false;
  /** The tag of the command in hand. */
  tag = '*';
  /** Monotonic time of the last byte from the client. */
  activeAtMs: number;
  #reader = new CommandReader(limitsBeforeLogin);
  /** Set while IDLE lasts: when to send the next keep-alive. */
  #keepAliveAtMs = 0;
  #waiting: Buffer[] = [];
  #busy = false;
  /** The command that waits for a line. */
  #asked: Asked | undefined;
  #appending: Appending | undefined;
  #badCommands = 0;
  /** What is left of the chunk in hand is not to be read: it came before TLS. */
  #dropRest = false;
  #goodbye: string | undefined;

  constructor(server: ImapServer, connection: Connection) {
    this.server = server;
    this.connection = connection;
    this.out = new Output(connection, server.parts.clock);
    this.activeAtMs = server.parts.clock.monotonicMs();
  }

  greet(): void {
    this.connection.onData((chunk) => this.#heard(chunk));
    this.out.text(
      `* OK [CAPABILITY ${capabilityText(this)}] ${this.server.parts.options.hostname} Hikyaku IMAP ready\r\n`,
    );
    this.out.flush();
  }

  /** Between commands, or in IDLE: may be closed without harm. */
  get idle(): boolean {
    return !this.#busy || this.#keepAliveAtMs > 0;
  }

  /** The client has sent more than the command in hand. */
  get pipelined(): boolean {
    return this.#waiting.length > 0 || this.#reader.more;
  }

  /** An untagged line. */
  untagged(text: string): void {
    this.out.text(`* ${text}\r\n`);
  }

  loggedIn(principal: Principal): void {
    this.principal = principal;
    this.#reader.setLimits(limitsAfterLogin);
  }

  /** IDLE begins or ends: with it the keep-alives. */
  setIdling(idling: boolean): void {
    this.#keepAliveAtMs = idling ? this.#nextKeepAlive(this.server.parts.clock.monotonicMs()) : 0;
  }

  /** LOGOUT: the connection ends behind the tagged reply. */
  logOut(): void {
    this.#goodbye = '';
  }

  /** Everything heard in plain text is forgotten (CVE-2011-0411). */
  async startTls(): Promise<void> {
    const { tls } = this.server.parts;
    if (tls === undefined) throw bad('TLS is not available');
    this.out.flush();
    this.#waiting = [];
    this.#dropRest = true;
    this.#reader = new CommandReader(limitsBeforeLogin);
    await this.connection.startTls({ is: 'server', contexts: tls, alpn: ['imap'] });
  }

  /** Leaves the mailbox, if one is selected. */
  deselect(): void {
    const { selected } = this;
    this.selected = undefined;
    selected?.[Symbol.dispose]();
  }

  /** Ends the session: at once when it is idle, else when the command in hand is done. */
  bye(code: string | undefined, text: string): void {
    if (this.#goodbye !== undefined) return;
    this.#goodbye = `* BYE ${code === undefined ? '' : `[${code}] `}${text}\r\n`;
    if (this.idle) this.#leave();
  }

  /** The sweep: time limits and keep-alives. */
  look(nowMs: number): void {
    const silentMs = nowMs - this.activeAtMs;
    if (this.connection.outgoingBytes > 0 && silentMs > stalledMaxMs)
      return this.connection.destroy('client stalled');
    if (this.principal === undefined) {
      if (silentMs > loginTimeoutMs) this.bye(undefined, 'No login for too long');
    } else if (silentMs > inactiveMaxMs && this.idle) this.bye(undefined, 'Nothing was heard for too long');
    else if (this.#keepAliveAtMs > 0 && nowMs >= this.#keepAliveAtMs) {
      this.#keepAliveAtMs = this.#nextKeepAlive(nowMs);
      this.connection.write('* OK Still here\r\n');
    }
  }

  /** The connection is gone. */
  closed(): void {
    this.#goodbye ??= '';
    this.#waiting = [];
    this.#asked?.stop?.();
    void this.#appending?.abort();
    if (!this.#busy) this.deselect();
  }

  #nextKeepAlive(nowMs: number): number {
    return nowMs + keepAliveMs * (1 + randomFraction() / 4);
  }

  #leave(): void {
    if (this.#goodbye) this.out.text(this.#goodbye);
    this.out.flush();
    this.connection.end();
  }

  #heard(chunk: Buffer): void {
    this.activeAtMs = this.server.parts.clock.monotonicMs();
    this.#waiting.push(chunk);
    if (!this.#busy) void this.#work();
    else if (this.#waiting.length > 1) this.connection.pause();
  }

  /** Works through what was heard. Never rejects. */
  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
        await this.#read(chunk);
        if (this.#goodbye !== undefined) break;
        if (this.#waiting.length === 0) this.connection.resume();
      }
    } catch (error) {
      this.#broken(error);
    }
    this.#busy = false;
    this.out.flush();
    if (this.#goodbye !== undefined) {
      this.#leave();
      this.deselect();
    }
  }

  async #read(chunk: Buffer): Promise<void> {
    this.#dropRest = false;
    for (const input of this.#reader.push(chunk)) {
      const done = this.#take(input);
      if (done !== undefined) await done;
      if (this.#goodbye !== undefined || this.#dropRest) return;
    }
  }

  #take(input: Input): Promise<void> | undefined {
    switch (input.is) {
      case 'command':
        return input.after ? this.#endAppend(input.text) : this.#command(input.text);
      case 'line':
        return this.#line(input.bytes);
      case 'literal':
        return this.#literal(input.text, input.synchronizing);
      case 'message':
        return this.#message(input);
      case 'bytes':
        return this.#messageBytes(input.bytes, input.last);
      default: {
        const appending = this.#appending;
        this.#appending = undefined;
        return this.#answer(appending?.tag ?? tagOf(input.text), 'LITERAL', async () => {
          await appending?.abort();
          throw bad('Literals of the command are too large');
        });
      }
    }
  }

  #command(text: CommandText): Promise<void> {
    const verb = commandHead(text)?.verb ?? '';
    return this.#answer(tagOf(text), verb, () => {
      const { command } = parseCommand(text, this.utf8);
      return runCommand(this, command);
    });
  }

  #line(bytes: Uint8Array): Promise<void> | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    const line = Buffer.from(bytes).toString('latin1');
    return asked && this.#answer(asked.tag, asked.verb, () => asked.onLine(line));
  }

  /** A literal that a password would stand in is not asked for where it may not be sent. */
  #literal(text: CommandText, synchronizing: boolean): Promise<void> | undefined {
    const head = commandHead(text);
    const refusal = head?.verb === 'LOGIN' ? refuseLogin(this) : undefined;
    if (refusal !== undefined) {
      this.#reader.refuse();
      return this.#answer(head!.tag, 'LOGIN', () => Promise.reject(refusal));
    }
    if (synchronizing) this.#invite();
    return undefined;
  }

  #invite(): void {
    this.out.text('+ OK\r\n');
    this.out.flush();
  }

  async #message(input: Extract<Input, { is: 'message' }>): Promise<void> {
    const tag = this.#appending?.tag ?? tagOf(input.text);
    try {
      this.#appending ??= new Appending(this);
      await this.#appending.begin(input);
      if (input.synchronizing) this.#invite();
    } catch (error) {
      this.#reader.refuse();
      await this.#failAppend(tag, error);
    }
  }

  #messageBytes(bytes: Uint8Array, last: boolean): Promise<void> | undefined {
    const written = this.#appending?.write(bytes, last);
    return written?.catch((error: unknown) => {
      this.#reader.refuse();
      return this.#failAppend(this.#appending?.tag, error);
    });
  }

  async #failAppend(tag: string | undefined, error: unknown): Promise<void> {
    const appending = this.#appending;
    this.#appending = undefined;
    await appending?.abort();
    await this.#answer(tag, 'APPEND', () => Promise.reject(error));
  }

  #endAppend(text: CommandText): Promise<void> | undefined {
    const appending = this.#appending;
    this.#appending = undefined;
    return appending && this.#answer(appending.tag, 'APPEND', () => appending.finish(text));
  }

  /** Runs a command and answers it, whatever comes. Rejects only when the session cannot go on. */
  async #answer(tag: string | undefined, verb: string, run: () => Promise<Outcome>): Promise<void> {
    this.tag = tag ?? '*';
    this.out.begin();
    let line: string;
    let afterwards: (() => Promise<void>) | undefined;
    try {
      const outcome = await run();
      if (typeof outcome === 'object' && outcome.is === 'ask')
        return this.#ask({ ...outcome, tag: this.tag, verb });
      if (typeof outcome === 'object') afterwards = outcome.run;
      const text = typeof outcome === 'object' ? outcome.text : (outcome ?? `${verb} completed`);
      await this.#tellChanges(verb);
      line = `OK ${text}`;
      this.#badCommands = 0;
    } catch (error) {
      line = await this.#failed(verb, error);
    }
    this.server.commands.add(1, { command: verbLabel(verb), status: line.slice(0, line.indexOf(' ')) });
    this.out.text(`${this.tag} ${line}\r\n`);
    if (afterwards !== undefined) await afterwards();
    else if (this.out.full) await this.out.pause();
  }

  #ask(asked: Asked): void {
    this.out.text(`+ ${asked.text}\r\n`);
    this.out.flush();
    this.#asked = asked;
    this.#reader.expectLine();
  }

  async #failed(verb: string, error: unknown): Promise<string> {
    if (error instanceof ConnectionLost || !this.connection.open) throw error;
    if (isUnexpected(error)) this.#log('error', error, 'IMAP command failed');
    const { status, code, text } = replyFor(error);
    if (status === 'NO') await this.#tellChanges(verb);
    else if (++this.#badCommands >= badCommandsMax) this.bye(undefined, 'Too many bad commands');
    return `${status} ${code === undefined ? '' : `[${code}] `}${responseText(text)}`;
  }

  /** What others did to the mailbox, before the tagged reply. */
  async #tellChanges(verb: string): Promise<void> {
    const { selected } = this;
    if (selected === undefined) return;
    if (selected.messages.gone) return this.bye('NONEXISTENT', 'The selected mailbox was deleted');
    const numbersHold = verb === 'FETCH' || verb === 'STORE' || verb === 'SEARCH' || this.pipelined;
    await sendUpdates(this, selected, { expunge: !numbersHold });
  }

  #broken(error: unknown): void {
    if (error instanceof WireError || error instanceof ReaderError) {
      this.untagged(`BAD ${error.message}`);
      this.bye(undefined, 'Cannot go on');
    } else if (error instanceof ConnectionLost || !this.connection.open) this.#goodbye ??= '';
    else {
      this.#log('error', error, 'IMAP session failed');
      this.bye('SERVERBUG', 'The server has failed, try again');
    }
  }

  #log(level: 'info' | 'error', error: unknown, message: string): void {
    const { peer } = this.connection;
    this.server.parts.log[level]({ err: error, peer: peer.ip, account: this.principal?.account }, message);
  }
}

const verbs = new Set(
  'CAPABILITY NOOP LOGOUT STARTTLS AUTHENTICATE LOGIN ENABLE SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE LIST LSUB STATUS APPEND NAMESPACE ID IDLE CHECK CLOSE UNSELECT EXPUNGE SEARCH FETCH STORE COPY MOVE GETQUOTA GETQUOTAROOT SETQUOTA'.split(
    ' ',
  ),
);

/** A label with few values, whatever clients send. */
function verbLabel(verb: string): string {
  const name = verb.startsWith('UID ') ? verb.slice(4) : verb;
  return verbs.has(name) ? name : 'other';
}
