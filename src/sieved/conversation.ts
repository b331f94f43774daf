/**
 * One ManageSieve session on one connection (RFC 5804).
 *
 *   not logged in --AUTHENTICATE--> logged in --UNAUTHENTICATE--> not logged in
 *        |  ^
 *        |  +-- STARTTLS: all that was heard before is forgotten, and the capabilities are told again
 *
 * Commands are handled one at a time, so responses leave in their order however many come at once; reading stands still meanwhile.
 */
import type { Timer } from '../base/clock.ts';
import { WireError } from '../base/line-reader.ts';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { Connection } from '../net/connection.ts';
import { type Command, type CommandFault, parseCommand, textOf } from '../proto/managesieve/command.ts';
import { CommandReader, type Line, LiteralError } from '../proto/managesieve/command-reader.ts';
import { response, type Status, string } from '../proto/managesieve/response.ts';
import { decodeBase64, encodeBase64 } from '../proto/sasl/base64.ts';
import type { Mechanism, SaslStep } from '../proto/sasl/mechanism.ts';
import { offeredMechanisms, startMechanism } from '../proto/sasl/server.ts';
import { capabilityLines } from './capabilities.ts';
import {
  badCommandsMax,
  idleMs,
  limitsAfterLogin,
  limitsBeforeLogin,
  loginFailuresMax,
  loginIdleMs,
  loginMaxMs,
} from './options.ts';
import { loginRefused, refused } from './replies.ts';
import { runScriptCommand, type ScriptCommand } from './script-commands.ts';
import type { ManageSieveServer } from './server.ts';
import { type Language, say, type Saying } from './words.ts';

export class Conversation {
  readonly connection: Connection;
  readonly #server: ManageSieveServer;
  #principal: Principal | undefined;
  #language: Language;
  #reader = new CommandReader(limitsBeforeLogin);
  #mechanism: Mechanism<Principal> | undefined;
  #failures = 0;
  #faults = 0;
  #chunks: Buffer[] = [];
  #loginTimer: Timer | undefined;
  #busy = false;
  #closed = false;
  /** No more commands: the peer has ended, or the server stops. */
  #last = false;

  constructor(server: ManageSieveServer, connection: Connection) {
    this.#server = server;
    this.connection = connection;
    this.#language = server.parts.options.language;
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  greet(): void {
    this.#startLogin();
    this.connection.onEnd(() => this.stop());
    this.connection.onData((chunk) => {
      this.#chunks.push(chunk);
      if (!this.#busy) void this.#pump();
    });
    this.#tellCapabilities('ready');
  }

  /** The connection is closed. */
  closed(): void {
    this.#loginTimer?.[Symbol.dispose]();
  }

  /** Ends when what has come is done. */
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
    if (this.#last || this.#closed) this.connection.end();
    else this.connection.resume();
  }

  async #read(chunk: Buffer): Promise<void> {
    const reader = this.#reader;
    for (const line of reader.push(chunk)) {
      await this.#line(line);
      if (this.#closed || !this.connection.open) return void (this.#chunks = []);
      // After STARTTLS the rest of the chunk is plain text that nobody may have protected: dropped.
      if (this.#reader !== reader) return;
      await this.connection.drained();
    }
  }

  #line(line: Line): Promise<void> | void {
    if (line.is === 'malformed') return this.#fault('malformed');
    if (this.#mechanism !== undefined) {
      const [word, ...more] = line.words;
      const text = more.length === 0 ? textOf(word) : undefined;
      return this.#respond(this.#mechanism, text);
    }
    const command = parseCommand(line.words);
    this.#server.count(typeof command === 'string' ? 'other' : command.verb);
    return typeof command === 'string' ? this.#fault(command) : this.#run(command);
  }

  #run(command: Command): Promise<void> | void {
    this.#faults = 0;
    switch (command.verb) {
      case 'CAPABILITY':
        return this.#tellCapabilities('done');
      case 'NOOP':
        return this.#say('OK', 'done', command.tag === undefined ? undefined : `TAG ${string(command.tag)}`);
      case 'LOGOUT':
        this.#closed = true;
        return this.#say('OK', 'bye');
      case 'STARTTLS':
        return this.#startTls();
      case 'AUTHENTICATE':
        return this.#authenticate(command.mechanism, command.initial);
      case 'UNAUTHENTICATE':
        return this.#unauthenticate();
      default:
        return this.#onScripts(command);
    }
  }

  async #onScripts(command: ScriptCommand): Promise<void> {
    const principal = this.#principal;
    if (principal === undefined) return this.#say('NO', 'loginFirst');
    const { scripts, log } = this.#server.parts;
    try {
      this.#write(await runScriptCommand(command, { scripts, principal, language: this.#language }));
    } catch (error) {
      if (!(error instanceof Refusal))
        log.error({ account: principal.account, command: command.verb, error }, 'ManageSieve command failed');
      this.#write(refused(this.#language, error));
    }
  }

  #fault(fault: CommandFault | 'malformed'): void {
    if (fault === 'tooLarge') return this.#say('NO', 'scriptTooLarge', 'QUOTA/MAXSIZE');
    if (++this.#faults >= badCommandsMax) return this.#end('tooManyErrors');
    const sayings = { unknown: 'unknownCommand', arguments: 'badArguments', malformed: 'malformed' } as const;
    this.#say('NO', sayings[fault]);
  }

  // --- Login

  #from(): { service: 'managesieve'; ip: string } {
    return { service: 'managesieve', ip: this.connection.peer.ip };
  }

  get #confidential(): boolean {
    return this.connection.tls !== null || this.#server.parts.options.plaintextLogin;
  }

  #mechanisms(): readonly string[] {
    const { directory } = this.#server.parts;
    const tokens = directory.credentials(this.#from()).verifyToken !== undefined;
    return offeredMechanisms({
      confidential: this.#confidential,
      binding: this.connection.tls !== null,
      tokens,
    });
  }

  #tellCapabilities(saying: Saying): void {
    const { tls } = this.#server.parts;
    const lines = capabilityLines({
      mechanisms: this.#mechanisms(),
      startTls: tls !== undefined && this.connection.tls === null && this.#principal === undefined,
      owner: this.#principal?.address,
      language: this.#language,
    });
    this.#write(lines + response('OK', say(this.#language, saying)));
  }

  #startLogin(): void {
    this.#language = this.#server.parts.options.language;
    this.#reader.setLimits(limitsBeforeLogin);
    this.connection.setIdle(loginIdleMs);
    const late = (): void => this.connection.destroy('no login in time');
    this.#loginTimer = this.#server.parts.clock.after(loginMaxMs, late);
  }

  async #authenticate(name: string, initial: string | undefined): Promise<void> {
    if (this.#principal !== undefined) return this.#say('NO', 'loggedInAlready');
    if (!this.#confidential) return this.#say('NO', 'tlsFirst', 'ENCRYPT-NEEDED');
    const { tls } = this.connection;
    const binding = tls === null ? undefined : tls.channelBinding.bind(tls);
    const credentials = this.#server.parts.directory.credentials(this.#from());
    const mechanism = this.#mechanisms().includes(name)
      ? startMechanism(name, credentials, binding)
      : undefined;
    if (mechanism === undefined) return this.#say('NO', 'mechanismUnknown');
    if (initial === undefined) return this.#step(mechanism, undefined);
    await this.#respond(mechanism, initial);
  }

  async #respond(mechanism: Mechanism<Principal>, text: string | undefined): Promise<void> {
    this.#mechanism = undefined;
    if (text === '*') return this.#say('NO', 'cancelled');
    const bytes = text === undefined ? undefined : decodeBase64(text);
    if (bytes === undefined) return this.#say('NO', 'notBase64');
    await this.#step(mechanism, bytes);
  }

  async #step(mechanism: Mechanism<Principal>, bytes: Uint8Array | undefined): Promise<void> {
    let result: SaslStep<Principal>;
    try {
      result = await mechanism.step(bytes);
    } catch (error) {
      return this.#loginFailed(error);
    }
    if (result.is === 'challenge') {
      this.#mechanism = mechanism;
      return this.#write(`${string(encodeBase64(result.bytes))}\r\n`);
    }
    if (result.is === 'failed') return this.#loginFailed(result.refusal);
    await this.#loggedIn(result.principal);
  }

  async #loggedIn(principal: Principal): Promise<void> {
    const { log, directory } = this.#server.parts;
    if (!this.connection.open) return;
    if (!this.#server.admit(this, principal.account)) return this.#say('NO', 'inUse', 'TRYLATER');
    this.#principal = principal;
    this.#language = (await directory.account(principal.account))?.language ?? this.#language;
    this.#reader.setLimits(limitsAfterLogin);
    this.connection.setIdle(idleMs);
    this.#loginTimer?.[Symbol.dispose]();
    log.info({ account: principal.account, ip: this.connection.peer.ip }, 'ManageSieve login');
    this.#say('OK', 'loggedIn');
  }

  #loginFailed(error: unknown): void {
    const { log } = this.#server.parts;
    const { ip } = this.connection.peer;
    if (error instanceof Refusal) log.info({ ip, reason: error.reason }, 'ManageSieve login refused');
    else log.error({ ip, error }, 'ManageSieve login failed');
    const own = error instanceof Refusal && error.reason === 'authenticationFailed';
    if (own && ++this.#failures >= loginFailuresMax) return this.#end('loginFailures');
    const [saying, code] = loginRefused(error);
    this.#say('NO', saying, code);
  }

  #unauthenticate(): void {
    if (this.#principal === undefined) return this.#say('NO', 'loginFirst');
    this.#server.leave(this);
    this.#principal = undefined;
    this.#say('OK', 'loggedOut');
    this.#startLogin();
  }

  /** Everything heard in plain text is forgotten (CVE-2011-0411). */
  async #startTls(): Promise<void> {
    const { tls: contexts, log } = this.#server.parts;
    if (contexts === undefined || this.connection.tls !== null || this.#principal !== undefined)
      return this.#say('NO', 'tlsNotOffered');
    this.#say('OK', 'beginTls');
    this.#chunks = [];
    this.#reader = new CommandReader(limitsBeforeLogin);
    try {
      await this.connection.startTls({ is: 'server', contexts, alpn: ['managesieve'] });
    } catch (error) {
      log.info({ ip: this.connection.peer.ip, error }, 'ManageSieve: TLS was not agreed on');
      this.#closed = true;
      return;
    }
    this.#tellCapabilities('done');
  }

  // --- Out

  #say(status: Status, saying: Saying, code?: string): void {
    this.#write(response(status, say(this.#language, saying), code));
  }

  #write(bytes: string | Buffer): void {
    this.connection.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }

  #end(saying: Saying): void {
    this.#closed = true;
    this.#chunks = [];
    this.#say('BYE', saying);
  }

  #broken(error: unknown): void {
    if (error instanceof LiteralError) return this.#end('literalTooLong');
    if (error instanceof WireError)
      return this.#end(error.fault === 'lineTooLong' ? 'lineTooLong' : 'badLineEnd');
    this.#server.parts.log.error({ error }, 'ManageSieve session failed');
    this.#end('tryLater');
  }
}
