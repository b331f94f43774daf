/** ClamAV: the mail is streamed to clamd (INSTREAM), which tells the name of what it finds. */
import type { Found } from './check.ts';
import { dialService, type ServiceAddress, type ServiceDialer } from '../net/service-dial.ts';
import { ServiceLink } from '../net/service-link.ts';
import {
  ClamdError,
  ClamdReader,
  parseScan,
  streamCommand,
  streamEnd,
  streamPiece,
  versionCommand,
} from '../proto/clamd/clamd.ts';
import type { Engine, EngineStream } from './engine.ts';

export interface ClamavOptions {
  readonly name: string;
  readonly address: ServiceAddress;
  readonly timeoutMs: number;
  /** What is done with mail that has a virus. */
  readonly action: 'mark' | 'junk' | 'quarantine' | 'refuse';
}

/** Beyond any threshold. */
const virusWeight = 100;
/** Names by which ClamAV tells of what is suspicious, or against a policy, not of a virus that it knows. */
const suspicion = /^(?:Heuristics|PUA)\./;
const suspicionWeight = 4;

export class Clamav implements Engine {
  readonly #dialer: ServiceDialer;
  readonly #options: ClamavOptions;

  constructor(dialer: ServiceDialer, options: ClamavOptions) {
    this.#dialer = dialer;
    this.#options = options;
  }

  get rules(): Engine['rules'] {
    const { name } = this.#options;
    return { [`${name}.virus`]: virusWeight, [`${name}.suspicious`]: suspicionWeight };
  }

  async open(): Promise<EngineStream> {
    const { address, timeoutMs } = this.#options;
    const connection = await dialService(this.#dialer, address, { timeoutMs });
    const link = new ServiceLink(connection, this.#dialer.clock);
    void link.send(streamCommand);
    return {
      write: (bytes) => link.send(streamPiece(bytes)),
      finish: () => this.#finish(link),
      abort: () => link[Symbol.dispose](),
    };
  }

  async #finish(link: ServiceLink): Promise<Found> {
    using _ = link;
    void link.send(streamEnd);
    const answer = parseScan(await answerOf(link, this.#options.timeoutMs));
    if (answer.is === 'clean') return { findings: [], virus: 1 };
    const { name, action } = this.#options;
    const { name: detail } = answer;
    if (suspicion.test(detail)) {
      return { findings: [{ rule: `${name}.suspicious`, weight: suspicionWeight, detail }], virus: 4 };
    }
    const reply = `The message has a virus: ${detail}`;
    return { findings: [{ rule: `${name}.virus`, weight: virusWeight, detail, action, reply }], virus: 5 };
  }
}

async function answerOf(link: ServiceLink, timeoutMs: number): Promise<string> {
  const reader = new ClamdReader();
  for (;;) {
    const chunk = await link.receive(timeoutMs);
    if (chunk === undefined) throw new ClamdError(`no answer: ${link.ending}`);
    const answer = reader.push(chunk);
    if (answer !== undefined) return answer;
  }
}

/** The version of the daemon and of its signatures, once it answers. */
export async function clamavVersion(
  dialer: ServiceDialer,
  address: ServiceAddress,
  timeoutMs: number,
): Promise<string> {
  using link = new ServiceLink(await dialService(dialer, address, { timeoutMs }), dialer.clock);
  void link.send(versionCommand);
  return (await answerOf(link, timeoutMs)).replace(/[^ -~]+/g, '?');
}
