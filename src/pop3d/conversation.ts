/**
 * One POP3 session on one connection: the shell around session.ts.
 *
 * Commands are handled one at a time, so replies leave in the order of the commands however many come at once (PIPELINING); reading stands still while one waits
 * for the store or for the client to take what was written. Whatever the peer sends costs at most one line and one chunk of memory.
 */
import type { Timer } from '../base/clock.ts';
import { LineReader, WireError } from '../base/line-reader.ts';
import type { AccountId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import { BodiesAhead } from '../mailbox/bodies-ahead.ts';
import { seen } from '../mailbox/flags.ts';
import type { Connection } from '../net/connection.ts';
import { lineMaxBytes, parseCommand } from '../proto/pop3/command.ts';
import { MessageText } from '../proto/pop3/message-text.ts';
import { decodeBase64, decodeInitial, encodeBase64 } from '../proto/sasl/base64.ts';
import type { Mechanism } from '../proto/sasl/mechanism.ts';
import { offeredMechanisms, startMechanism } from '../proto/sasl/server.ts';
import { Maildrop } from './maildrop.ts';
import { idleMs, loginIdleMs, loginMaxMs } from './options.ts';
import { err, errFor, ok, okData } from './replies.ts';
import type { Pop3Server } from './server.ts';
import {
  type Ask,
  type Authorization,
  type Context,
  newSession,
  onCommand,
  onLogin,
  onLoginRefused,
  type Session,
  type Step,
} from './session.ts';
import type { Language } from './words.ts';

export class Conversation {
  readonly connection: Connection;
  readonly #server: Pop3Server;
  #principal: Principal | undefined;
  #ahead: BodiesAhead | undefined;
  #now: Session = newSession();
  #reader = new LineReader(lineMaxBytes);
  #mechanism: Mechanism<Principal> | undefined;
  #chunks: Buffer[] = [];
  #loginTimer: Timer | undefined;
  #busy = false;
  /** No more commands: the peer has ended, or the server stops. */
  #last = false;

  constructor(server: Pop3Server, connection: Connection) {
    this.#server = server;
    this.connection = connection;
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  greet(): void {
    this.connection.setIdle(loginIdleMs);
    const late = (): void => this.connection.destroy('no login in time');
    this.#loginTimer = this.#server.parts.clock.after(loginMaxMs, late);
    this.connection.onEnd(() => this.stop());
    this.connection.onData((chunk) => {
      this.#chunks.push(chunk);
      if (!this.#busy) void this.#pump();
    });
    this.#say(okData(`${this.#server.parts.options.hostname} ${ok('en', 'ready').slice(4).trimEnd()}`));
  }

  /** The connection is closed. */
  closed(): void {
    this.#loginTimer?.[Symbol.dispose]();
  }

  /** Ends when what has come is done. POP3 has no word for it: the client sees the connection end, and nothing is deleted. */
  stop(): void {
    this.#last = true;
    if (!this.#busy) this.connection.end();
  }

  /** Never rejects. */
  async #pump(): Promise<void> {
    this.#busy = true;
    this.connection.pause();
    try {
      for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift())
        await this.#read(chunk);
    } catch (error) {
      this.#broken(error);
    }
    this.#busy = false;
    if (this.#now.at === 'closed') this.#server.leave(this);
    if (this.#last || this.#now.at === 'closed') this.connection.end();
    else this.connection.resume();
  }

  async #read(chunk: Buffer): Promise<void> {
    const reader = this.#reader;
    for (const token of reader.push(chunk)) {
      const work = this.#line(token.bytes);
      if (work !== undefined) await work;
      if (this.#now.at === 'closed' || !this.connection.open) return void (this.#chunks = []);
      // After STLS the rest of the chunk is plain text that nobody may have protected: dropped.
      if (this.#reader !== reader) return;
    }
  }

  #line(line: Uint8Array): Promise<void> | undefined {
    if (this.#now.at === 'closed') return undefined;
    if (this.#mechanism !== undefined)
      return this.#respond(this.#mechanism, Buffer.from(line).toString('latin1'));
    const command = parseCommand(line);
    this.#server.count(typeof command === 'string' ? 'other' : command.verb);
    return this.#take(onCommand(this.#now, command, this.#context()));
  }

  #take(step: Step): Promise<void> | undefined {
    if (this.#now.at !== 'closed') this.#spoken = this.#now.language;
    this.#now = step.next;
    if (step.say !== undefined) this.#say(step.say);
    if (step.listing !== undefined) return this.#list(step.listing);
    return step.ask === undefined ? undefined : this.#do(step.ask);
  }

  #do(ask: Ask): Promise<void> {
    switch (ask.is) {
      case 'login':
        return this.#settle(() => this.#server.parts.directory.login(ask.user, ask.password, this.#from()));
      case 'authenticate':
        return this.#authenticate(ask.mechanism, ask.initial);
      case 'startTls':
        return this.#startTls();
      case 'retrieve':
        return this.#retrieve(ask.message, ask.lines);
      default:
        return this.#update(ask.drop);
    }
  }

  // --- Login

  #from(): { service: 'pop3'; ip: string } {
    return { service: 'pop3', ip: this.connection.peer.ip };
  }

  #context(): Context {
    const { options, tls, directory } = this.#server.parts;
    const secure = this.connection.tls !== null;
    const confidential = secure || options.plaintextLogin;
    const tokens = directory.credentials(this.#from()).verifyToken !== undefined;
    return {
      confidential,
      startTls: tls !== undefined && !secure,
      mechanisms: offeredMechanisms({ confidential, binding: secure, tokens }),
      loginDelaySeconds: options.loginDelaySeconds,
      accountsExpire: options.accountsExpire,
    };
  }

  async #authenticate(name: string, initial: string | undefined): Promise<void> {
    const { tls } = this.connection;
    const binding = tls === null ? undefined : tls.channelBinding.bind(tls);
    const response = initial === undefined ? undefined : decodeInitial(initial);
    if (initial !== undefined && response === undefined) return this.#say(err(this.#language, 'notBase64'));
    const mechanism = startMechanism(name, this.#server.parts.directory.credentials(this.#from()), binding);
    if (mechanism === undefined) return this.#say(err(this.#language, 'mechanismUnknown'));
    this.#mechanism = mechanism;
    await this.#step(mechanism, response);
  }

  async #respond(mechanism: Mechanism<Principal>, line: string): Promise<void> {
    const response = decodeBase64(line);
    if (response !== undefined) return this.#step(mechanism, response);
    this.#mechanism = undefined;
    this.#say(err(this.#language, line === '*' ? 'cancelled' : 'notBase64'));
  }

  async #step(mechanism: Mechanism<Principal>, response: Uint8Array | undefined): Promise<void> {
    const result = await mechanism.step(response);
    if (result.is === 'challenge') return this.#say(`+ ${encodeBase64(result.bytes)}\r\n`);
    this.#mechanism = undefined;
    await this.#settle(() => {
      if (result.is === 'failed') throw result.refusal;
      return Promise.resolve(result.principal);
    });
  }

  /** A login is settled when the maildrop is there too. */
  async #settle(login: () => Promise<Principal>): Promise<void> {
    const now = this.#now as Authorization;
    const { log } = this.#server.parts;
    const { ip } = this.connection.peer;
    try {
      const principal = await login();
      if (!this.connection.open) return;
      if (this.#server.delayFor(principal.account) > 0)
        return this.#say(err(now.language, 'loginTooOften', 'LOGIN-DELAY'));
      if (!this.#server.admit(this, principal.account))
        return this.#say(err(now.language, 'inUse', 'IN-USE'));
      this.#principal = principal;
      const drop = await this.#maildrop(principal);
      this.#server.noteLogin(principal.account);
      this.connection.setIdle(idleMs);
      this.#loginTimer?.[Symbol.dispose]();
      log.info({ account: principal.account, ip, messages: drop.count }, 'POP3 login');
      await this.#take(onLogin(now, drop));
    } catch (error) {
      this.#server.leave(this);
      this.#principal = undefined;
      if (error instanceof Refusal) log.info({ ip, reason: error.reason }, 'POP3 login refused');
      else log.error({ ip, error }, 'POP3 login failed');
      await this.#take(onLoginRefused(now, error));
    }
  }

  /** INBOX, or what the account has chosen. */
  async #maildrop({ account }: Principal): Promise<Maildrop> {
    const { mailboxes, clock, options } = this.#server.parts;
    const settings = await mailboxes.access.settings(account);
    const chosen = await mailboxes.find(account, settings.get('pop3.mailbox') ?? 'INBOX');
    const mailbox = chosen ?? (await mailboxes.find(account, 'INBOX'));
    if (mailbox === undefined) throw new Refusal('mailboxNotFound', 'INBOX');
    const days = daysOf(settings.get('pop3.days'));
    const uidls = await mailboxes.access.pop3Uidls(account, mailbox.id);
    using session = await mailboxes.open(account, mailbox.id);
    return new Maildrop(session.view, {
      mailbox: mailbox.id,
      sinceMs: days === undefined ? undefined : clock.nowMs() - days * dayMs,
      uidls,
      expireDays: options.accountsExpire ? daysOf(settings.get('pop3.expire')) : undefined,
    });
  }

  /** Everything heard in plain text is forgotten (CVE-2011-0411). */
  async #startTls(): Promise<void> {
    this.#chunks = [];
    this.#reader = new LineReader(lineMaxBytes);
    const contexts = this.#server.parts.tls!;
    try {
      await this.connection.startTls({ is: 'server', contexts, alpn: ['pop3'] });
    } catch (error) {
      this.#server.parts.log.info({ ip: this.connection.peer.ip, error }, 'POP3: TLS was not agreed on');
      this.#now = { at: 'closed' };
    }
  }

  // --- Messages

  async #retrieve(message: number, lines: number | undefined): Promise<void> {
    if (this.#now.at !== 'transaction') return;
    const { drop, language } = this.#now;
    const { mailboxes, log } = this.#server.parts;
    const { account } = this.#principal!;
    let begun = false;
    try {
      this.#ahead ??= new BodiesAhead(mailboxes, account, drop.emails);
      const body = await this.#ahead.of(drop.emailOf(message));
      if (body === undefined) return this.#say(err(language, 'messageGone', 'SYS/TEMP'));
      // How much the top of a message is shows only when it is there (RFC 1939, 7).
      const reply = okData(lines === undefined ? `${drop.sizeOf(message)} octets` : 'top of message follows');
      begun = true;
      if (body.is === 'inline') this.#sendWhole(reply, asBuffer(body.bytes), lines);
      else {
        this.#say(reply);
        const text = new MessageText((bytes) => void this.connection.write(bytes), lines);
        for await (const chunk of mailboxes.stream(body)) {
          text.push(asBuffer(chunk));
          await this.connection.drained();
          if (text.full || !this.connection.open) break;
        }
        text.end();
      }
      if (lines === undefined) drop.retrieved(message);
      await this.connection.drained();
    } catch (error) {
      log.error({ account, message, error }, 'POP3: a message could not be read');
      // Half a message must not look like a whole one.
      if (begun) this.connection.destroy('message could not be read');
      else this.#say(errFor(language, error));
    }
  }

  /** A small message with its reply: one write. */
  #sendWhole(reply: string, bytes: Buffer, lines: number | undefined): void {
    const pieces: Buffer[] = [Buffer.from(reply)];
    const text = new MessageText((piece) => pieces.push(piece), lines);
    text.push(bytes);
    text.end();
    this.connection.write(Buffer.concat(pieces));
  }

  async #update(drop: Maildrop): Promise<void> {
    const { mailboxes, log } = this.#server.parts;
    const { account } = this.#principal!;
    const uids = drop.deletedUids();
    try {
      if (uids.length > 0) await mailboxes.expunge(account, drop.mailbox, uids, true);
      if (drop.expireDays !== undefined) await this.#expire(account, drop, drop.expireDays);
      this.#say(ok(this.#spoken, 'bye'));
    } catch (error) {
      log.error({ account, messages: uids.length, error }, 'POP3: deleted messages could not be removed');
      this.#say(err(this.#spoken, 'notRemoved', 'SYS/TEMP'));
    }
  }

  /** What was retrieved is marked as seen, and all that is seen goes when it is old enough. */
  async #expire(account: AccountId, drop: Maildrop, days: number): Promise<void> {
    const { mailboxes, clock } = this.#server.parts;
    const retrieved = drop.retrievedUids();
    if (retrieved.length > 0)
      await mailboxes.storeFlags(account, drop.mailbox, retrieved, {
        how: 'add',
        flags: { system: seen, keywords: [] },
      });
    using session = await mailboxes.open(account, drop.mailbox);
    const { view } = session;
    const old: number[] = [];
    for (let at = 0; at < view.count; at++) {
      const isOld = view.receivedAtMsAt(at) <= clock.nowMs() - days * dayMs;
      // With 0 days only what this session retrieved goes: mail read elsewhere stays.
      const mayGo = days === 0 ? retrieved.includes(view.uidAt(at)) : isOld;
      if (mayGo && (view.systemFlagsAt(at) & seen) !== 0) old.push(view.uidAt(at));
    }
    if (old.length > 0) await mailboxes.expunge(account, drop.mailbox, old, true);
  }

  // --- Lines out

  /** Kept for the last reply, when the session is closed already. */
  #spoken: Language = 'en';

  get #language(): Language {
    if (this.#now.at !== 'closed') this.#spoken = this.#now.language;
    return this.#spoken;
  }

  #say(reply: string): void {
    this.connection.write(Buffer.from(reply));
  }

  async #list(pieces: Iterable<string>): Promise<void> {
    for (const piece of pieces) {
      if (!this.connection.open) return;
      this.connection.write(Buffer.from(piece));
      await this.connection.drained();
    }
  }

  #broken(error: unknown): void {
    const language = this.#language;
    this.#now = { at: 'closed' };
    this.#chunks = [];
    if (error instanceof WireError) {
      return this.#say(err(language, error.fault === 'lineTooLong' ? 'lineTooLong' : 'badLineEnd'));
    }
    this.#server.parts.log.error({ error }, 'POP3 session failed');
    this.#say(err(language, 'tryLater', 'SYS/TEMP'));
  }
}

const dayMs = 86_400_000;

/** A setting that is not a number of days says nothing. */
const daysOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
