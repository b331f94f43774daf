/** SpamAssassin: the mail is streamed to spamd, whose score becomes a weight in ours. */
import type { Found } from './check.ts';
import { dialService, type ServiceAddress, type ServiceDialer } from '../net/service-dial.ts';
import { ServiceLink } from '../net/service-link.ts';
import {
  isPong,
  parseSpamd,
  spamcHead,
  spamdAnswerMaxBytes,
  SpamcError,
  type SpamdAnswer,
} from '../proto/spamc/spamc.ts';
import type { Engine, EngineStream } from './engine.ts';
import { scaledWeight } from './engine/scaled-weight.ts';

export interface SpamAssassinOptions {
  readonly name: string;
  readonly address: ServiceAddress;
  readonly timeoutMs: number;
  /** Whose rules and Bayes database apply; '' for those of the daemon. */
  readonly user: string;
  /** Weight in our sum of a mail that SpamAssassin just calls spam. */
  readonly weight: number;
}

const shownSymbols = 12;

export class SpamAssassin implements Engine {
  readonly #dialer: ServiceDialer;
  readonly #options: SpamAssassinOptions;

  constructor(dialer: ServiceDialer, options: SpamAssassinOptions) {
    this.#dialer = dialer;
    this.#options = options;
  }

  get rules(): Engine['rules'] {
    const { name, weight } = this.#options;
    return { [name]: weight };
  }

  async open(): Promise<EngineStream> {
    const { address, timeoutMs, user } = this.#options;
    const connection = await dialService(this.#dialer, address, { timeoutMs });
    const link = new ServiceLink(connection, this.#dialer.clock);
    void link.send(spamcHead({ command: 'SYMBOLS', user }));
    return {
      write: (bytes) => link.send(bytes),
      finish: () => this.#finish(link),
      abort: () => link[Symbol.dispose](),
    };
  }

  async #finish(link: ServiceLink): Promise<Found> {
    using _ = link;
    link.end();
    const { name, weight, timeoutMs } = this.#options;
    const answer = parseSpamd(await allOf(link, timeoutMs));
    const { score, threshold, symbols } = answer;
    const told = `${score}/${threshold} ${symbols.slice(0, shownSymbols).join(' ')}`.trim();
    return {
      findings: [{ rule: name, weight: scaledWeight(scoreOf(answer), weight), detail: told }],
    };
  }
}

const scoreOf = ({ score, threshold }: SpamdAnswer): { score: number; required: number } => ({
  score,
  required: threshold,
});

async function allOf(link: ServiceLink, timeoutMs: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for (let chunk = await link.receive(timeoutMs); chunk; chunk = await link.receive(timeoutMs)) {
    size += chunk.length;
    if (size > spamdAnswerMaxBytes) throw new SpamcError('an answer too long');
    pieces.push(chunk);
  }
  if (size === 0) throw new SpamcError(`no answer: ${link.ending}`);
  return Buffer.concat(pieces);
}

/** Rejects when the daemon does not answer as it should. */
export async function pingSpamd(
  dialer: ServiceDialer,
  address: ServiceAddress,
  timeoutMs: number,
): Promise<void> {
  using link = new ServiceLink(await dialService(dialer, address, { timeoutMs }), dialer.clock);
  void link.send(spamcHead({ command: 'PING', user: '' }));
  link.end();
  if (!isPong(await allOf(link, timeoutMs))) throw new SpamcError('an answer that is none');
}
