/** What one listener offers: fixed when it opens, shared by its sessions. */
import { anyBlockContains, parseBlocks, type AddressBlock } from '../net/address-block.ts';
import { formatExtensions } from '../proto/smtp/extensions.ts';
import type { ListenerKind, SmtpdOptions } from './options.ts';

export interface ServiceLimits {
  readonly messageMaxBytes: number;
  readonly recipientsMax: number;
  readonly futureReleaseMaxMs: number;
}

export interface ServiceParts {
  readonly kind: ListenerKind;
  readonly options: SmtpdOptions;
  readonly limits: ServiceLimits;
  /** There is a certificate to start TLS with. */
  readonly canStartTls: boolean;
}

/** What of a session decides what is on offer. */
export interface Standing {
  readonly secure: boolean;
  readonly loggedIn: boolean;
  /** May use the extensions for submitters: FUTURERELEASE, DELIVERBY, MT-PRIORITY. */
  readonly submits: boolean;
}

export class Service {
  readonly kind: ListenerKind;
  readonly options: SmtpdOptions;
  readonly limits: ServiceLimits;
  readonly isLmtp: boolean;
  /** Users log in here. */
  readonly isSubmission: boolean;
  readonly #canStartTls: boolean;
  readonly #trusted: readonly AddressBlock[];

  constructor(parts: ServiceParts) {
    this.kind = parts.kind;
    this.options = parts.options;
    this.limits = parts.limits;
    this.isLmtp = parts.kind === 'lmtp';
    this.isSubmission = parts.kind === 'submission' || parts.kind === 'submissions';
    this.#canStartTls = parts.canStartTls && parts.kind !== 'submissions';
    this.#trusted = parseBlocks(parts.options.trustedNetworks);
  }

  get greeting(): string {
    return `220 ${this.options.hostName} ${this.isLmtp ? 'LMTP' : 'ESMTP'} Hikyaku\r\n`;
  }

  /** May relay without a login. */
  trusts(ip: string): boolean {
    return this.kind === 'relay' && anyBlockContains(this.#trusted, ip);
  }

  offersStartTls(secure: boolean): boolean {
    return this.#canStartTls && !secure;
  }

  /** AUTH is offered on submission alone, and under TLS alone: on port 25 there is nobody to log in. */
  offersAuth(secure: boolean): boolean {
    return this.isSubmission && (secure || !this.options.authRequiresTls);
  }

  /** The reply to EHLO or LHLO. `mechanisms` are those of this connection. */
  hello(
    standing: Standing,
    { mechanisms, nowMs }: { readonly mechanisms: readonly string[]; readonly nowMs: number },
  ): string {
    const { limits, options } = this;
    const extensions = [
      'PIPELINING',
      `SIZE ${limits.messageMaxBytes}`,
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'CHUNKING',
      'BINARYMIME',
      'DSN',
      `LIMITS MAILMAX=${options.messagesMax} RCPTMAX=${limits.recipientsMax}`,
    ];
    if (this.offersStartTls(standing.secure)) extensions.push('STARTTLS');
    if (standing.secure) extensions.push('REQUIRETLS');
    if (mechanisms.length > 0 && !standing.loggedIn) extensions.push(`AUTH ${mechanisms.join(' ')}`);
    if (this.isSubmission || standing.submits) extensions.push(...this.#submitters(nowMs));
    if (!this.isLmtp) extensions.push('HELP');
    return formatExtensions(options.hostName, extensions);
  }

  #submitters(nowMs: number): string[] {
    const seconds = Math.floor(this.limits.futureReleaseMaxMs / 1000);
    // RFC 4865, 4: the longest interval, and the date that it leads to now.
    const until = new Date(Math.floor(nowMs / 1000 + seconds) * 1000).toISOString().replace('.000Z', 'Z');
    return [`FUTURERELEASE ${seconds} ${until}`, 'DELIVERBY', 'MT-PRIORITY MIXER'];
  }
}
