/**
 * A script over mail that lies in a mailbox, or over one that is given: what it would do, without doing any of it.
 *
 * The envelope is read from the fields that delivery has put on top: Return-Path and Delivered-To.
 */
import type { AccountId, OrgId } from '../../base/ids.ts';
import { flatten, formatAddrSpec, parseAddresses } from '../../proto/mime/address.ts';

import { Letter } from '../../proto/sieve/letter.ts';
import { defaultLimits } from '../../proto/sieve/limits.ts';
import type { SieveEnvelope } from '../../proto/sieve/surroundings.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import { splitAddress } from '../../proto/smtp/path.ts';
import type { Verdict } from '../../sieve/run-scripts.ts';
import type { ScriptRunner } from '../../sieve/runner.ts';
import type { RunnableScript } from '../../sieve/script.ts';
import type { StoredBody } from '../../store/body.ts';
import { asBuffer } from '../smtp/text.ts';
import { answerQuestion, type AnswerParts } from './answers.ts';
import { aroundOf } from './around.ts';
import { signature } from './planner.ts';

export interface RehearsalParts extends AnswerParts {
  readonly runner: ScriptRunner;
  readonly hostname: string;
}

/** Whose mail it is. */
export interface MailOwner {
  readonly id: AccountId;
  readonly org: OrgId;
  /** The login address. */
  readonly name: string;
  readonly displayName: string;
}

export interface Rehearsed {
  readonly script: RunnableScript;
  readonly body: StoredBody;
  readonly sizeBytes: number;
  /** Instead of what the message tells. */
  readonly envelope?: { readonly from?: string; readonly to?: string };
  readonly nowMs: number;
  readonly traced: boolean;
}

const headBytes = 64 * 1024;

export async function rehearse(
  parts: RehearsalParts,
  owner: MailOwner,
  rehearsed: Rehearsed,
): Promise<Verdict> {
  const { script, body, sizeBytes, nowMs, traced } = rehearsed;
  const head = asBuffer(
    body.is === 'inline' ? body.bytes : await parts.store.bodies.read(body, 0, headBytes),
  );
  const envelope = { ...envelopeOf(Letter.headed(head, sizeBytes), owner), ...rehearsed.envelope };
  const domain = domainToAscii(splitAddress(envelope.to)?.domain ?? '') ?? '';
  const asked = { account: owner.id, org: owner.org, domain, body, nowMs };
  return parts.runner.run({
    of: owner.id,
    scripts: [script],
    message: { head, sizeBytes },
    around: aroundOf({
      envelope,
      domain,
      hostname: parts.hostname,
      nowMs,
      ownAddress: signature(owner.displayName, envelope.to),
    }),
    limits: defaultLimits,
    traced,
    answer: (question) => answerQuestion(parts, asked, question),
  });
}

function envelopeOf(letter: Letter, { name }: MailOwner): SieveEnvelope {
  return { from: addressIn(letter, 'return-path') ?? '', to: addressIn(letter, 'delivered-to') ?? name };
}

/** Of the topmost field of this name: what is below may be anybody's. */
function addressIn(letter: Letter, field: string): string | undefined {
  const [value] = letter.values(field);
  const [mailbox] = value === undefined ? [] : flatten(parseAddresses(value));
  return mailbox && formatAddrSpec(mailbox);
}
