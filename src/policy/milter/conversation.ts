/**
 * A conversation with one milter about one mail: what is said when, and what is waited for, by what both have agreed on in the greeting.
 *
 * Everything that goes wrong (no connection, no answer in time, nonsense) is an error; what follows from it is the caller's business.
 */
import type { ServiceLink } from '../../net/service-link.ts';
import { parseAnswer, type MilterChange, type MilterVerdict } from '../../proto/milter/answer.ts';
import * as command from '../../proto/milter/command.ts';
import { milterChunkBytes, type MilterCommand, type milterSteps } from '../../proto/milter/constants.ts';
import { has, negotiated, offer, type MacroStage, type Negotiated } from '../../proto/milter/negotiation.ts';
import { MilterError, PacketReader, type Packet } from '../../proto/milter/packet.ts';
import type { MilterTimeouts } from '../milter-options.ts';
import type { Draft } from './draft.ts';
import { macrosFor, type MacroValues } from './macro-values.ts';

type Steps = keyof typeof milterSteps;

interface Stage {
  readonly command: MilterCommand;
  readonly macros: MacroStage;
  readonly unwanted: Steps;
  readonly silent: Steps;
}

const stages = {
  connect: { command: 'connect', macros: 'connect', unwanted: 'noConnect', silent: 'silentConnect' },
  helo: { command: 'helo', macros: 'helo', unwanted: 'noHelo', silent: 'silentHelo' },
  mail: { command: 'mail', macros: 'mail', unwanted: 'noMail', silent: 'silentMail' },
  rcpt: { command: 'rcpt', macros: 'rcpt', unwanted: 'noRcpt', silent: 'silentRcpt' },
  data: { command: 'data', macros: 'data', unwanted: 'noData', silent: 'silentData' },
} as const satisfies Record<string, Stage>;

/** Filters of before this version do not know of DATA. */
const dataVersionMin = 4;
const nextSessionVersionMin = 6;
const progressMax = 1000;

/** What came of a message. `verdict` undefined: it may go on. */
export interface MilterAnswered {
  readonly verdict: MilterVerdict | undefined;
  /** In order; nothing of it holds where the verdict turns the message away. */
  readonly changes: readonly MilterChange[];
}

/** Takes the pieces of a new body. */
export type OnBody = (bytes: Buffer) => Promise<void> | undefined;

export class MilterConversation implements Disposable {
  readonly #link: ServiceLink;
  readonly #timeouts: MilterTimeouts;
  readonly #reader = new PacketReader();
  readonly #packets: Packet[] = [];
  #agreed: Negotiated | undefined;

  constructor(link: ServiceLink, timeouts: MilterTimeouts) {
    this.#link = link;
    this.#timeouts = timeouts;
  }

  async greet(): Promise<Negotiated> {
    void this.#link.send(offer());
    this.#agreed = negotiated(await this.#next(this.#timeouts.commandMs));
    return this.#agreed;
  }

  /** Another mail may be talked of on the same connection, once this one is over. */
  get canGoOn(): boolean {
    return this.#is.version >= nextSessionVersionMin && this.#packets.length === 0 && this.#link.isFresh;
  }

  nextSession(): void {
    void this.#link.send(command.simple('nextSession'));
  }

  connect(name: string, ip: string, values: MacroValues): Promise<MilterVerdict | undefined> {
    return this.#ask(stages.connect, command.connect(name, ip, 0), values);
  }

  helo(name: string, values: MacroValues): Promise<MilterVerdict | undefined> {
    return this.#ask(stages.helo, command.helo(name), values);
  }

  mail(address: string, params: readonly string[], values: MacroValues): Promise<MilterVerdict | undefined> {
    return this.#ask(stages.mail, command.mail(address, params), values);
  }

  rcpt(address: string, params: readonly string[], values: MacroValues): Promise<MilterVerdict | undefined> {
    return this.#ask(stages.rcpt, command.rcpt(address, params), values);
  }

  /** The whole message. A new body is handed on piece by piece; all other changes are gathered. */
  async message(draft: Draft, values: MacroValues, onBody: OnBody): Promise<MilterAnswered> {
    const early =
      (this.#is.version >= dataVersionMin
        ? await this.#ask(stages.data, command.simple('data'), values)
        : undefined) ??
      (await this.#header(draft, values)) ??
      (await this.#body(draft));
    if (early) return { verdict: early, changes: [] };
    this.#macros('endOfMessage', 'endOfMessage', values);
    void this.#link.send(command.simple('endOfMessage'));
    return this.#changes(onBody);
  }

  /** Ends in order. */
  [Symbol.dispose](): void {
    if (this.#link.isFresh) void this.#link.send(command.simple('quit'));
    this.#link.close();
  }

  get #is(): Negotiated {
    if (this.#agreed === undefined) throw new MilterError('no greeting yet');
    return this.#agreed;
  }

  async #ask(stage: Stage, packet: Buffer, values: MacroValues): Promise<MilterVerdict | undefined> {
    if (has(this.#is, stage.unwanted)) return undefined;
    this.#macros(stage.command, stage.macros, values);
    await this.#link.send(packet);
    return has(this.#is, stage.silent) ? undefined : this.#verdict();
  }

  async #header(draft: Draft, values: MacroValues): Promise<MilterVerdict | undefined> {
    if (!has(this.#is, 'noHeaders')) {
      const keepsSpace = has(this.#is, 'leadingSpace');
      for (const { name, value } of draft.fields) {
        await this.#link.send(command.header(name, value, keepsSpace));
        const verdict = has(this.#is, 'silentHeaders') ? undefined : await this.#verdict();
        if (verdict) return verdict;
      }
    }
    if (has(this.#is, 'noEndOfHeaders')) return undefined;
    this.#macros('endOfHeaders', 'endOfHeaders', values);
    await this.#link.send(command.simple('endOfHeaders'));
    return has(this.#is, 'silentEndOfHeaders') ? undefined : this.#verdict();
  }

  async #body(draft: Draft): Promise<MilterVerdict | undefined> {
    if (has(this.#is, 'noBody')) return undefined;
    for await (const chunk of draft.body()) {
      for (const piece of inPieces(chunk)) {
        await this.#link.send(command.body(piece));
        if (has(this.#is, 'silentBody')) continue;
        const verdict = await this.#verdict(has(this.#is, 'maySkip'));
        if (verdict === 'skip') return undefined;
        if (verdict) return verdict;
      }
    }
    return undefined;
  }

  async #changes(onBody: OnBody): Promise<MilterAnswered> {
    const changes: MilterChange[] = [];
    for (let progress = 0; progress < progressMax; ) {
      const answer = parseAnswer(await this.#next(this.#timeouts.contentMs), this.#is);
      if (answer.is === 'continue') return { verdict: undefined, changes };
      if (answer.is === 'verdict') return { verdict: answer.verdict, changes };
      if (answer.is === 'skip') throw new MilterError('skips at the end');
      if (answer.is === 'progress') progress += 1;
      else if (answer.change.is === 'replaceBody') await onBody(answer.change.bytes);
      else if (changes.push(answer.change) > changesMax) throw new MilterError('changes without end');
    }
    throw new MilterError('makes progress without end');
  }

  #verdict(): Promise<MilterVerdict | undefined>;
  #verdict(maySkip: boolean): Promise<MilterVerdict | 'skip' | undefined>;
  async #verdict(maySkip = false): Promise<MilterVerdict | 'skip' | undefined> {
    for (let progress = 0; progress < progressMax; progress++) {
      const answer = parseAnswer(await this.#next(this.#timeouts.commandMs), this.#is);
      if (answer.is === 'continue') return undefined;
      if (answer.is === 'verdict') return answer.verdict;
      if (answer.is === 'skip' && maySkip) return 'skip';
      if (answer.is !== 'progress') throw new MilterError('an answer that is not for now');
    }
    throw new MilterError('makes progress without end');
  }

  #macros(of: MilterCommand, stage: MacroStage, values: MacroValues): void {
    const given = macrosFor(stage, this.#is.macros[stage], values);
    if (given.length > 0) void this.#link.send(command.macros(of, given));
  }

  async #next(timeoutMs: number): Promise<Packet> {
    for (;;) {
      const packet = this.#packets.shift();
      if (packet) return packet;
      const chunk = await this.#link.receive(timeoutMs);
      if (chunk === undefined) throw new MilterError(`no answer: ${this.#link.ending}`);
      this.#packets.push(...this.#reader.push(chunk));
    }
  }
}

const changesMax = 10_000;

/** Of equal size, as none may be larger than a filter takes. */
function* inPieces(chunk: Uint8Array): Generator<Uint8Array, void, void> {
  const count = Math.ceil(chunk.length / milterChunkBytes);
  const size = Math.ceil(chunk.length / Math.max(1, count));
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}
