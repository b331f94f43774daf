/** Milters at one mail on its way in: asked at each step, and given the text when it is whole. */
import type { Finding } from '../policy/check.ts';
import type { MilterOutcome, MilterRun, RevisedText } from '../policy/milters.ts';
import { HeaderGatherer } from './header-gatherer.ts';
import { JudgedRefusal } from './judged-refusal.ts';
import type { Written } from './text-revision.ts';

export class MilterStage implements Disposable {
  readonly #run: MilterRun;
  #outcome: MilterOutcome | undefined;

  constructor(run: MilterRun) {
    this.#run = run;
  }

  /** What came of the text; undefined until `text` was called. */
  get outcome(): MilterOutcome | undefined {
    return this.#outcome;
  }

  /** Refusal: a milter takes no mail of this sender, or from there. */
  async sender(address: string, params: readonly string[]): Promise<void> {
    const no = await this.#run.sender(address, params);
    if (no) throw new JudgedRefusal(no);
  }

  recipient(address: string): ReturnType<MilterRun['recipient']> {
    return this.#run.recipient(address, []);
  }

  /** Keeps the mail back, whatever else is found. */
  hold(detail: string): void {
    const held: Finding = { rule: 'milter', weight: 0, detail, action: 'quarantine' };
    if (this.#outcome) this.#outcome = { ...this.#outcome, findings: [...this.#outcome.findings, held] };
  }

  /** `begin`: where the text begins that milters see, behind our own Received field. Refusal: a milter does not take it. */
  async text(written: Written, begin: number, headerMaxBytes: number): Promise<RevisedText | undefined> {
    const header = await headerOf(written(begin), headerMaxBytes);
    const body = begin + header.length + blankLineBytes;
    const outcome = await this.#run.text(header, () => written(body));
    this.#outcome = outcome;
    if (outcome.refusal) throw new JudgedRefusal(outcome.refusal);
    const failed = outcome.failures.find(({ policy }) => policy === 'defer');
    if (failed)
      throw new JudgedRefusal({ reply: 'A filter does not answer now, try again later', temporary: true });
    return outcome.text;
  }

  [Symbol.dispose](): void {
    this.#run[Symbol.dispose]();
  }
}

const blankLineBytes = 2;

async function headerOf(text: AsyncIterable<Uint8Array>, headerMaxBytes: number): Promise<Buffer> {
  const gatherer = new HeaderGatherer(headerMaxBytes);
  for await (const chunk of text) {
    // The bytes are valid until the next chunk only.
    const gathered = gatherer.push(Buffer.from(chunk));
    if (gathered === 'tooLarge') break;
    if (gathered) return gathered.header;
  }
  return gatherer.end().header;
}
