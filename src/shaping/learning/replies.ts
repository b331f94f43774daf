/** What a reply says about us, not about the recipient: that we are too many, too fast, or shut out, and for how long. */
import type { AttemptResult } from '../../queue/attempt.ts';
import type { ReplyAction, ReplyRule } from '../options.ts';

export interface Heard {
  readonly does: ReplyAction;
  readonly about: ReplyRule['about'];
  /** For `suspend`. */
  readonly forMs: number;
  readonly rule: ReplyRule;
  readonly reply: string;
}

export interface Speaker {
  readonly provider: string;
  readonly org: string;
  readonly campaign: string;
}

/** The worst that the answers of an attempt say; undefined: nothing about us. */
export function heardIn(
  rules: readonly ReplyRule[],
  speaker: Speaker,
  { outcomes }: AttemptResult,
): Heard | undefined {
  let worst: Heard | undefined;
  for (const outcome of outcomes) {
    if (outcome.is === 'delivered' || outcome.is === 'redirected') continue;
    const heard = readReply(rules, speaker, outcome.answer);
    if (heard && (worst === undefined || badness[heard.does] > badness[worst.does])) worst = heard;
  }
  return worst;
}

const badness: Readonly<Record<ReplyAction, number>> = { ignore: 0, fewer: 1, slower: 2, suspend: 3 };

export function readReply(
  rules: readonly ReplyRule[],
  { provider, org, campaign }: Speaker,
  { phase, reply }: { readonly phase: string; readonly reply: string },
): Heard | undefined {
  for (const rule of rules) {
    if (rule.provider !== undefined && rule.provider !== provider) continue;
    if (rule.org !== undefined && rule.org !== org) continue;
    if (rule.campaign !== undefined && rule.campaign !== campaign) continue;
    if (rule.phases.length > 0 && !rule.phases.includes(phase)) continue;
    if (!rule.says.test(reply)) continue;
    const named = namedWaitMs(reply);
    // A time beside "too fast" is meant for all that comes from us.
    const does =
      rule.does === 'slower' && named !== undefined && named >= suspendFromMs ? 'suspend' : rule.does;
    return { does, about: rule.about, forMs: named ?? rule.forMs, rule, reply };
  }
  return undefined;
}

/** A wait that is named and shorter is what a lower rate does anyway. */
const suspendFromMs = 60_000;
const waitMaxMs = 86_400_000;

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/**
 * "try again in 300 seconds", "wait 10 minutes", "retry after 1 hour". Undefined: none is named. "100 messages in 1 hour" names a limit and no wait.
 */
export function namedWaitMs(reply: string): number | undefined {
  const found =
    /\b(?:try(?:ing)?(?: again| later)*|retry|again|wait|come back|resend|resubmit)\b[^.;\d]{0,30}(\d{1,5})\s*(s|m|h)(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?)?\b/i.exec(
      reply,
    );
  if (!found) return undefined;
  return Math.min(Number(found[1]) * unitMs[found[2]!.toLowerCase()]!, waitMaxMs);
}
