/**
 * Who stands behind a mail: SPF, DKIM, ARC, DMARC and BIMI together, while its body passes by.
 *
 * Questions to DNS begin with the header, so that their answers come while the body does. All of it has one time limit: what is not known by then is
 * a temporary error of its method, and the mail goes on.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { ArcVerifier, type ArcResult } from '../proto/arc/verify.ts';
import { bimiSelector, lookUpBimi, type BimiResult } from '../proto/bimi/lookup.ts';
import type { NoKey, PublicKey } from '../proto/dkim/key-record.ts';
import { DkimVerifier, type DkimResult } from '../proto/dkim/verify.ts';
import { authorOf, type Author } from '../proto/dmarc/author.ts';
import { evaluateDmarc, type DmarcResult, type Identifier } from '../proto/dmarc/evaluate.ts';
import type { NameLookup } from '../proto/dns/lookup.ts';
import { fieldText, findFields } from '../proto/mime/headers.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { splitAddress } from '../proto/smtp/path.ts';
import { checkHost, type SpfResult } from '../proto/spf/check.ts';
import type { Arriving } from './opinion.ts';
import type { PublicKeys } from './public-keys.ts';

/**
 * What was found out. With the decision that follows (opinion.ts) this is all that a row of an aggregate report tells (RFC 9990, 3.1):
 *
 *   source_ip          `ip`
 *   policy_evaluated   `dispositions[decision.action]` (results.ts); `dmarc.spfAligned`, `dmarc.dkimAligned`; `decision.override` as its reason
 *   identifiers        `author.domain`, the domain of `sender`, `recipientDomains`
 *   auth_results       `spf` (its scope is `identity`), and each of `dkim`
 *   policy_published   `dmarc.policyDomain` and `dmarc.record`, which has p, sp, np, adkim, aspf, t, fo and whom to tell; found by the tree walk
 *
 * Mail without `dmarc.record` is reported to nobody.
 */
export interface Authentication {
  readonly ip: string;
  readonly helo: string;
  /** Of the envelope; `''` for the null sender. */
  readonly sender: string;
  /** Domains of ours that it came to. */
  readonly recipientDomains: readonly string[];
  /** Of the envelope's sender, or of HELO when there is none. */
  readonly spf: SpfFinding;
  /** Of HELO, for people. Absent when it is what `spf` is about. */
  readonly heloSpf: SpfFinding | undefined;
  readonly dkim: readonly DkimResult[];
  readonly arc: ArcResult;
  readonly author: Author;
  /** Absent when there is no telling who the author is. */
  readonly dmarc: DmarcResult | undefined;
  readonly bimi: BimiResult | undefined;
}

export interface SpfFinding extends SpfResult {
  readonly identity: 'mailfrom' | 'helo';
  readonly domain: string;
}

export interface AuthenticationParts {
  readonly dns: NameLookup;
  readonly keys: PublicKeys;
  readonly clock: Clock;
  readonly authservId: string;
  readonly timeoutMs: number;
  readonly bimi: boolean;
}

const secondMs = 1000;

export class Authenticator {
  readonly #parts: AuthenticationParts;
  readonly #mail: Arriving;
  readonly #dkim: DkimVerifier;
  readonly #arc: ArcVerifier;
  readonly #author: Author;
  readonly #untilMs: number;
  readonly #timer: Timer;
  readonly #timeUp: Promise<void>;
  readonly #spf: Promise<SpfFinding>;
  readonly #heloSpf: Promise<SpfFinding | undefined>;
  readonly #keys = new Map<string, Promise<PublicKey | NoKey>>();

  constructor(parts: AuthenticationParts, mail: Arriving) {
    this.#parts = parts;
    this.#mail = mail;
    this.#dkim = new DkimVerifier(mail.header, mail.block);
    this.#arc = new ArcVerifier(mail.header, mail.block);
    this.#author = authorOf(mail.header, mail.block);
    this.#untilMs = parts.clock.monotonicMs() + parts.timeoutMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#timeUp = promise;
    this.#timer = parts.clock.after(parts.timeoutMs, resolve);
    const { sender, helo } = mail;
    this.#spf = sender === '' ? this.#checkSpf('helo', helo) : this.#checkSpf('mailfrom', sender);
    this.#heloSpf = sender === '' ? Promise.resolve(undefined) : this.#checkSpf('helo', helo);
    for (const { selector, domain } of [...this.#dkim.named, ...this.#arc.named])
      void this.#keyOf(selector, domain);
    if (this.#author.is === 'author') void parts.dns.txt(`_dmarc.${this.#author.domain}`);
  }

  body(chunk: Uint8Array): void {
    if (this.#dkim.needed) this.#dkim.body(chunk);
    if (this.#arc.needed) this.#arc.body(chunk);
  }

  async finish(): Promise<Authentication> {
    const keys = {
      keyOf: (selector: string, domain: string) => this.#keyOf(selector, domain),
      nowSeconds: Math.floor(this.#parts.clock.nowMs() / secondMs),
    };
    const [spf, heloSpf, dkim, arc] = await Promise.all([
      this.#spf,
      this.#heloSpf,
      this.#dkim.finish(keys),
      this.#arc.finish(keys),
    ]);
    const dmarc = await this.#evaluate(spf, dkim);
    const { ip, helo, sender, recipients } = this.#mail;
    const recipientDomains = [...new Set(recipients.map(({ domain }) => domain))];
    const bimi = await this.#lookUpBimi(dmarc);
    this.#timer[Symbol.dispose]();
    const about = { ip, helo, sender, recipientDomains, author: this.#author };
    return { ...about, spf, heloSpf, dkim, arc, dmarc, bimi };
  }

  /** The mail is given up. */
  abort(): void {
    this.#timer[Symbol.dispose]();
  }

  async #checkSpf(identity: SpfFinding['identity'], of: string): Promise<SpfFinding> {
    const { ip, helo } = this.#mail;
    const { dns, clock, authservId } = this.#parts;
    const mailbox = identity === 'mailfrom' ? splitAddress(of) : { local: 'postmaster', domain: of };
    const domain = domainToAscii(mailbox?.domain ?? '') ?? mailbox?.domain ?? '';
    const question = {
      ip,
      domain,
      sender: `${mailbox?.local || 'postmaster'}@${domain}`,
      helo,
      receiver: authservId,
      nowSeconds: Math.floor(clock.nowMs() / secondMs),
    };
    const result = await this.#within(
      checkHost(question, { dns, expired: () => clock.monotonicMs() > this.#untilMs }),
      { result: 'temperror', why: 'it took too long', explanation: '' } satisfies SpfResult,
    );
    return { ...result, identity, domain };
  }

  #keyOf(selector: string, domain: string): Promise<PublicKey | NoKey> {
    const name = `${selector} ${domain}`;
    let asking = this.#keys.get(name);
    if (asking === undefined) {
      asking = this.#within(this.#parts.keys.keyOf(selector, domain), {
        why: 'it took too long',
        temporary: true,
      });
      this.#keys.set(name, asking);
    }
    return asking;
  }

  async #evaluate(spf: SpfFinding, dkim: readonly DkimResult[]): Promise<DmarcResult | undefined> {
    if (this.#author.is !== 'author') return undefined;
    const { domain: author } = this.#author;
    const question = { author, spf: identifier(spf), dkim: dkim.map(identifier) };
    return this.#within<DmarcResult>(evaluateDmarc(question, this.#parts.dns), {
      result: 'temperror',
      author,
      policyDomain: '',
      record: undefined,
      policy: undefined,
      applied: undefined,
      spfAligned: '',
      dkimAligned: '',
    });
  }

  async #lookUpBimi(dmarc: DmarcResult | undefined): Promise<BimiResult | undefined> {
    if (
      !this.#parts.bimi ||
      dmarc?.result !== 'pass' ||
      dmarc.applied === 'none' ||
      dmarc.applied === undefined
    )
      return undefined;
    const { header, block } = this.#mail;
    const fields = findFields(block, 'bimi-selector');
    const selector =
      (fields.length === 1 ? bimiSelector(fieldText(header, fields[0]!)) : undefined) ?? 'default';
    const { author, policyDomain: organization } = dmarc;
    const looked = lookUpBimi({ author, organization, selector }, this.#parts.dns);
    return this.#within<BimiResult>(looked, { result: 'temperror', domain: author, selector });
  }

  /** The answer, or `otherwise` when time is up. Whatever DNS does, no mail waits for it any longer. */
  #within<T>(answer: Promise<T>, otherwise: T): Promise<T> {
    return Promise.race([answer, this.#timeUp.then(() => otherwise)]);
  }
}

function identifier({ domain, result }: { readonly domain: string; readonly result: string }): Identifier {
  return { domain, result: result === 'pass' || result === 'temperror' ? result : 'other' };
}
