/**
 * Who looks at a mail while it comes in: what proves its sender (examiner.ts), then the chain of filters, to which that is one more set of findings.
 * What comes of both is one ruling.
 */
import type { Chain, Judgement, Known } from './chain.ts';
import type { CheckedMail } from './check.ts';
import type { Examiner } from './examiner.ts';
import type { Gateways } from './gateways.ts';
import type { Arriving, Opinion } from './opinion.ts';
import { proofFindings } from './proof-findings.ts';
import { scoreFields } from './score-fields.ts';
import { refusalOf } from './verdict-reply.ts';

export type Ruling =
  | {
      readonly is: 'accept';
      /** Whole header fields to be put on top. */
      readonly fields: string;
      /** Absent where the proof of senders is not looked at. */
      readonly proof?: Proof;
      /** Absent where there are no filters. */
      readonly judgement?: Judgement;
    }
  | {
      readonly is: 'refuse';
      /** For the sender, without codes. */
      readonly reply: string;
      readonly temporary: boolean;
      /** Absent where it was not the filters that refuse it. */
      readonly judgement?: Judgement;
    };

export type Proof = Extract<Opinion, { is: 'accept' }>;

export interface MailInspection {
  /** A piece of the body, as it came. The bytes may be reused once this returned and its promise, if any, resolved. */
  body(chunk: Buffer): Promise<void> | undefined;
  /** The text is whole. Called once. `others`: what was found by whoever is no part of this. */
  finish(others?: Pick<Known, 'findings' | 'failures'>): Promise<Ruling>;
  /** The mail is given up. */
  abort(): void;
}

export interface InspectorParts {
  readonly examiner?: Pick<Examiner, 'begin'>;
  readonly chain?: Pick<Chain, 'begin'>;
  /** Who stands before this server. */
  readonly gateways?: Gateways;
}

export class Inspector {
  readonly #parts: InspectorParts;

  constructor(parts: InspectorParts) {
    this.#parts = parts;
  }

  begin(given: CheckedMail): MailInspection {
    const { examiner, chain, gateways } = this.#parts;
    const byGateway = gateways?.has(given.ip) === true;
    const stranger = byGateway ? gateways.strangerOf(given) : undefined;
    const mail = { ...given, ...stranger };
    // What a gateway sends itself has nothing to prove.
    const examined = mail.direction === 'in' && (!byGateway || stranger !== undefined);
    const examination = examined ? examiner?.begin({ ...arriving(mail), byGateway }) : undefined;
    const inspection = chain?.begin(mail);
    return {
      body: (chunk) => {
        examination?.body(chunk);
        return inspection?.body(chunk);
      },
      finish: async (others) => {
        const opinion = await examination?.finish();
        if (opinion?.is === 'refuse') {
          inspection?.abort();
          return opinion;
        }
        const judgement = await inspection?.finish({
          findings: [...(opinion === undefined ? [] : proofFindings(opinion)), ...(others?.findings ?? [])],
          failures: others?.failures ?? [],
          ...(opinion && { authentication: opinion.found }),
        });
        return rulingOf(mail, opinion, judgement);
      },
      abort: () => {
        examination?.abort();
        inspection?.abort();
      },
    };
  }
}

function rulingOf(mail: CheckedMail, proof: Proof | undefined, judgement: Judgement | undefined): Ruling {
  const refusal = judgement && refusalOf(judgement);
  if (judgement && refusal) return { is: 'refuse', ...refusal, judgement };
  const scores = judgement === undefined || mail.direction === 'out' ? '' : scoreFields(judgement);
  return {
    is: 'accept',
    fields: (proof?.fields ?? '') + scores + (judgement?.fields ?? ''),
    ...(proof && { proof }),
    ...(judgement && { judgement }),
  };
}

/** The examiner decides for each domain of each organisation. */
function arriving({ ip, helo, sender, to, header, block }: CheckedMail): Arriving {
  const recipients = new Map<string, { org: string; domain: string }>();
  for (const { org, address } of to) {
    const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    recipients.set(`${org} ${domain}`, { org, domain });
  }
  return { ip, helo, sender, recipients: [...recipients.values()], header, block };
}
