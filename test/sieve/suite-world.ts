/**
 * The world of a test script: a message, mailboxes, mail that was sent, settings. Scripts under test run in it, and their actions come true in it.
 *
 * The extension is `vnd.dovecot.testsuite`, in which the Sieve world writes its tests.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Action, Fcc, FlagList, Tracked, Vacation } from '../../src/proto/sieve/action.ts';
import { compileScript, type Compiled } from '../../src/proto/sieve/compile.ts';
import { type Decision, interpret } from '../../src/proto/sieve/interpret.ts';
import { Letter } from '../../src/proto/sieve/letter.ts';
import { defaultLimits, type Limits } from '../../src/proto/sieve/limits.ts';
import { writeNotification } from '../../src/proto/sieve/notification.ts';
import { type Problem, problemLine } from '../../src/proto/sieve/problem.ts';
import type { Program } from '../../src/proto/sieve/program.ts';
import { writeRejection } from '../../src/proto/sieve/rejection.ts';
import type { ReplyFacts } from '../../src/proto/sieve/reply-facts.ts';
import { KnownAnswers, type Question, type Surroundings } from '../../src/proto/sieve/surroundings.ts';
import { silenceFor, writeReply } from '../../src/proto/sieve/vacation-reply.ts';

export interface StoredMail {
  readonly bytes: Buffer;
  readonly flags: FlagList;
}

export interface SentMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: Buffer;
}

const owner = 't.sirainen@example.net';

export class World {
  readonly folder: string;
  message: Buffer = Buffer.alloc(0);
  envelope: { from: string; to: string } = { from: 's.bosch@example.net', to: owner };
  readonly mailboxes = new Map<string, StoredMail[]>([['INBOX', []]]);
  readonly specialUses = new Map<string, readonly string[]>();
  readonly annotations = new Map<string, string>();
  readonly settings = new Map<string, string>();
  sent: SentMail[] = [];
  errors: string[] = [];
  program: Program | undefined;
  actions: Action[] = [];
  tracked: Tracked[] = [];
  readonly seen = new Set<string>();
  readonly answered = new Map<string, number>();
  nowMs = Date.now();

  constructor(folder: string) {
    this.folder = folder;
  }

  get limits(): Limits {
    const count = (name: string, fallback: number): number => {
      const value = this.settings.get(name);
      return value === undefined || value === '' ? fallback : Number(value);
    };
    return {
      ...defaultLimits,
      actionsMax: count('sieve_max_actions', defaultLimits.actionsMax),
      redirectsMax: count('sieve_max_redirects', defaultLimits.redirectsMax),
      variablesMax: count('sieve_variables_max_variables', defaultLimits.variablesMax),
      variableMaxBytes: count('sieve_variables_max_value_size', defaultLimits.variableMaxBytes),
      includeDepthMax: count('sieve_include_max_nesting_depth', defaultLimits.includeDepthMax),
    };
  }

  get around(): Surroundings {
    return {
      envelope: this.envelope,
      nowMs: this.nowMs,
      zoneMinutes: (atMs) => -new Date(atMs).getTimezoneOffset(),
      environment,
      ownAddress: this.settings.get('sieve_user_email') || this.envelope.to,
    };
  }

  /** Compiles a file of the test's folder; false when it has errors. */
  compile(name: string): boolean {
    const path = join(this.folder, name);
    if (!existsSync(path)) throw new Error(`there is no ${path}`);
    const compiled = compileScript(readFileSync(path), { limits: this.limits });
    this.#take(compiled);
    return compiled.is === 'program';
  }

  #take(compiled: Compiled): void {
    const problems = compiled.is === 'program' ? compiled.warnings : compiled.problems;
    this.errors = errorsIn(problems);
    this.program = compiled.is === 'program' ? compiled.program : undefined;
  }

  /** Runs what was compiled; false when it failed. `append` keeps the actions of the run before. */
  run(append: boolean): boolean {
    if (this.program === undefined) throw new Error('nothing was compiled');
    const decision = this.#decide(this.program);
    this.actions = append ? [...this.actions, ...decision.actions] : [...decision.actions];
    this.tracked = [...decision.tracked];
    this.errors = errorsIn(decision.problem ? [decision.problem] : []);
    return decision.problem === undefined;
  }

  #decide(program: Program): Decision {
    const message = { head: this.message, sizeBytes: this.message.length };
    return interpret(program, { message, around: this.around, limits: this.limits }, this.answers());
  }

  /** Each as long as the one before keeps the message; the actions of all come true. */
  multiscript(names: readonly string[]): boolean {
    this.actions = [];
    for (const [i, name] of names.entries()) {
      if (!this.compile(name) || this.program === undefined) return false;
      const decision = this.#decide(this.program);
      if (decision.problem !== undefined) {
        this.errors = errorsIn([decision.problem]);
        return false;
      }
      const last = i === names.length - 1 || !decision.kept;
      this.actions.push(...decision.actions.filter((action) => last || action.is !== 'keep'));
      if (!decision.kept) break;
    }
    return this.execute();
  }

  answers(): KnownAnswers {
    return new LiveAnswers((question) => this.#answer(question));
  }

  #answer(question: Question): unknown {
    switch (question.is) {
      case 'message':
        return this.message;
      case 'mailbox':
        return {
          exists: this.mailboxes.has(inbox(question.name)),
          uses: this.specialUses.get(question.name) ?? [],
        };
      case 'specialUse':
        return {
          exists: [...this.specialUses.values()].some((uses) => uses.includes(question.use)),
          uses: [],
        };
      case 'mailboxId':
        return { exists: false, uses: [] };
      case 'annotation':
        return this.annotations.get(`${question.mailbox ?? ''} ${question.name}`);
      case 'duplicate':
        return this.seen.has(JSON.stringify([question.handle, question.id]));
      case 'script':
        return this.#included(question.where, question.name);
      case 'listMembers':
        return [];
      default:
        return false;
    }
  }

  #included(where: 'personal' | 'global', name: string): Program | 'invalid' | undefined {
    const folders = where === 'personal' ? ['included', '.', 'personal'] : ['included-global', 'global'];
    for (const folder of folders) {
      const path = join(this.folder, folder, `${basename(name)}.sieve`);
      if (!existsSync(path)) continue;
      const compiled = compileScript(readFileSync(path), { limits: this.limits });
      return compiled.is === 'program' ? compiled.program : 'invalid';
    }
    return undefined;
  }

  /** What was decided comes true. */
  execute(): boolean {
    for (const action of this.actions) this.#execute(action);
    for (const { handle, id } of this.tracked) this.seen.add(JSON.stringify([handle, id]));
    return true;
  }

  #execute(action: Action): void {
    const received = Letter.received({
      head: this.message,
      sizeBytes: this.message.length,
      whole: () => this.message,
    });
    switch (action.is) {
      case 'keep':
        return this.#store({ mailbox: 'INBOX', flags: action.flags }, action.letter.bytes());
      case 'fileinto':
        return this.#store(action, action.letter.bytes());
      case 'redirect':
        return void this.sent.push({
          from: this.envelope.from,
          to: [action.address],
          bytes: action.letter.bytes(),
        });
      case 'reject':
        return this.#reject(action, received);
      case 'vacation':
        return this.#reply(action, received);
      case 'notify': {
        const mail = writeNotification(action, received, this.#facts());
        if (mail) this.sent.push({ from: '', ...mail });
        if (mail && action.fcc) this.#store(action.fcc, mail.bytes);
      }
    }
  }

  #reject(action: Extract<Action, { is: 'reject' }>, letter: Letter): void {
    const { from: sender, to: recipient } = this.envelope;
    if (sender === '') return;
    const mail = writeRejection(action, { letter, returned: this.message, sender, recipient }, this.#facts());
    this.sent.push({ from: '', ...mail });
  }

  #reply(action: Vacation, letter: Letter): void {
    const { from: sender, to } = this.envelope;
    const own = [to, ...action.addresses];
    if (silenceFor({ letter, sender, own }) !== undefined) return;
    const key = JSON.stringify([sender.toLowerCase(), action.handle]);
    const before = this.answered.get(key);
    if (before !== undefined && before + action.seconds * 1000 > this.nowMs) return;
    this.answered.set(key, this.nowMs);
    const mail = writeReply(action, letter, sender, this.#facts());
    this.sent.push({ from: '', ...mail });
    if (action.fcc) this.#store(action.fcc, mail.bytes);
  }

  #store({ mailbox, flags }: Pick<Fcc, 'mailbox' | 'flags'>, bytes: Buffer): void {
    const name = inbox(mailbox);
    const mails = this.mailboxes.get(name) ?? [];
    this.mailboxes.set(name, mails);
    mails.push({ bytes, flags });
  }

  #facts(): ReplyFacts {
    return {
      nowMs: this.nowMs,
      zoneMinutes: 0,
      messageId: '<reply@example.net>',
      ownAddress: this.around.ownAddress,
      hostname: 'example.net',
      boundary: '=_boundary',
      language: 'en',
    };
  }
}

/** Answers at once. */
class LiveAnswers extends KnownAnswers {
  readonly #answer: (question: Question) => unknown;

  constructor(answer: (question: Question) => unknown) {
    super();
    this.#answer = answer;
  }

  override ask(question: Question): never {
    return this.#answer(question) as never;
  }
}

const inbox = (name: string): string => (name.toLowerCase() === 'inbox' ? 'INBOX' : name);

const environment = new Map([
  ['name', 'Hikyaku'],
  ['version', '1'],
  ['location', 'MDA'],
  ['phase', 'during'],
  ['domain', 'example.net'],
  ['host', 'mail.example.net'],
]);

const errorsIn = (problems: readonly Problem[]): string[] =>
  problems.filter((problem) => problem.is === 'error').map((problem) => problemLine(problem, 'en'));
