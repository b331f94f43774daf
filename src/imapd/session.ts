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
import type { AccessSetting } from '../mailbox/access.ts';
import type { Connection } from '../net/connection.ts';
import { CommandReader, ReaderError, type Input, type ReaderLimits } from '../proto/imap/command-reader.ts';
import { commandHead, parseCommand, tagOf } from '../proto/imap/parse-command.ts';
import { responseText } from '../proto/imap/response.ts';
import type { CommandText } from '../proto/imap/scanner.ts';
import { AppendFlow } from './append-flow.ts';
import { verbLabel } from './command-label.ts';
import { capabilityText, refuseLogin } from './commands/login.ts';
import { runCommand } from './commands/run.ts';
import {
  badCommandsMax,
  inactiveMaxMs,
  keepAliveMs,
  limitsAfterLogin,
  limitsBeforeLogin,
  literalMinusBytes,
  loginTimeoutMs,
  stalledMaxMs,
} from './options.ts';
import { ConnectionLost } from './output.ts';
import type { Ask, Outcome } from './outcome.ts';
import { bad, isUnexpected, replyFor } from './replies.ts';
import type { ImapServer } from './server.ts';
import { SessionState } from './session-state.ts';
import { tellSelected } from './updates.ts';
import { translated } from './words.ts';

/** Commands with message numbers in them or in their answers: no EXPUNGE with these (RFC 3501, 7.4.1; RFC 5256, 5). */
const holding = new Set(['FETCH', 'STORE', 'SEARCH', 'SORT', 'THREAD']);

interface Asked extends Ask {
  readonly tag: string;
  readonly verb: string;
}

export class Session extends SessionState {
  /** Monotonic time of the last byte from the client. */
  activeAtMs: number;
  #reader: CommandReader;
  /** Set while IDLE lasts: when to send the next keep-alive. */
  #keepAliveAtMs = 0;
  #waiting: Buffer[] = [];
  #busy = false;
  /** The command that waits for a line. */
  #asked: Asked | undefined;
  readonly #appends = new AppendFlow(this, (tag, verb, run) => this.#answer(tag, verb, run));
  #badCommands = 0;
  /** What is being told between commands. */
  #telling: Promise<void> | undefined;
  /** More has happened while something was being told. */
  #tellAgain = false;
  /** What is left of the chunk in hand is not to be read: it came before TLS. */
  #dropRest = false;
  #goodbye: string | undefined;

  constructor(server: ImapServer, connection: Connection) {
    super(server, connection);
    this.#reader = new CommandReader(this.#limits());
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
    return !this.#busy || this.#idling;
  }

  /** The client has sent more than the command in hand. */
  get pipelined(): boolean {
    return this.#waiting.length > 0 || this.#reader.more;
  }

  override loggedIn(principal: Principal, settings: ReadonlyMap<AccessSetting, string>): void {
    super.loggedIn(principal, settings);
    this.#reader.setLimits(this.#limits());
  }

  override logOutOnly(): void {
    super.logOutOnly();
    this.#reader.setLimits(this.#limits());
  }

  /** Something may be told though no command asked: when none is in hand but IDLE. */
  tellBetweenCommands(): void {
    this.#tellAgain = this.#telling !== undefined;
    if (this.#busy || this.#tellAgain || this.#appends.inHand || !this.#reader.idle) return;
    this.#telling = this.#tellUnasked()
      .then(
        () => this.out.flush(),
        () => this.connection.destroy('lost while notified'),
      )
      .finally(() => {
        this.#telling = undefined;
        if (this.#tellAgain) this.tellBetweenCommands();
      });
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
    this.#reader = new CommandReader(this.#limits());
    await this.connection.startTls({ is: 'server', contexts: tls, alpn: ['imap'] });
  }

  async startCompression(): Promise<void> {
    this.out.flush();
    this.#waiting = [];
    this.#dropRest = true;
    this.#reader = new CommandReader(this.#limits());
    this.connection.startDeflate();
  }

  #limits(): ReaderLimits {
    const limits = this.principal === undefined ? limitsBeforeLogin : limitsAfterLogin;
    return this.server.parts.options.literalMinus
      ? { ...limits, waitlessMaxBytes: literalMinusBytes }
      : limits;
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
    else if (this.#idling && nowMs >= this.#keepAliveAtMs) {
      this.#keepAliveAtMs = this.#nextKeepAlive(nowMs);
      this.connection.write('* OK Still here\r\n');
    }
  }

  /** The connection is gone. */
  closed(): void {
    this.#goodbye ??= '';
    this.#waiting = [];
    this.#asked?.stop?.();
    this.abandon(new ConnectionLost());
    this.letGo();
    this.#appends.drop();
    if (!this.#busy) this.deselect();
  }

  async #tellUnasked(): Promise<void> {
    const wanted = this.notification?.tellsSelected;
    if (this.#idling || wanted !== undefined)
      await tellSelected(this, { expunge: this.#idling || wanted === 'atOnce' });
    await this.notification?.tell();
  }

  get #idling(): boolean {
    return this.#keepAliveAtMs > 0;
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
      // Nothing is told of its own accord while a command runs.
      await this.#telling;
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
    } else if (this.#idling) this.tellBetweenCommands();
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
    this.heard(input);
    switch (input.is) {
      case 'command':
        return input.after ? this.#appends.end(input.text) : this.#command(input.text);
      case 'line':
        return this.#line(input.bytes);
      case 'literal':
        return this.#literal(input.text, input.synchronizing);
      case 'message':
        return this.#appends.begin(input, this.#reader);
      case 'bytes':
        return this.#appends.bytes(input.bytes, this.#reader);
      default:
        return this.#appends.tooLarge(input);
    }
  }

  #command(text: CommandText): Promise<void> {
    const verb = commandHead(text)?.verb ?? '';
    // Without a literal: all of it is URLs.
    if (verb === 'APPEND' || verb === 'REPLACE' || verb === 'UID REPLACE')
      return this.#appends.whole(text, verb);
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
    if (synchronizing) this.invite();
    return undefined;
  }

  /** The literal that was announced may come. */
  invite(): void {
    this.out.text('+ OK\r\n');
    this.out.flush();
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
      line = `OK ${translated(text, this.language)}`;
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
    return `${status} ${code === undefined ? '' : `[${code}] `}${translated(responseText(text), this.language)}`;
  }

  /** What others did to the mailbox, before the tagged reply. */
  async #tellChanges(verb: string): Promise<void> {
    const numbersHold = holding.has(verb) || this.pipelined;
    await tellSelected(this, { expunge: !numbersHold });
    await this.notification?.tell();
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
