/**
 * The check of what a mail is like: by what its organisation, and its account where it is for one alone, has called spam and wanted before.
 *
 * Says nothing until enough was learned (classifier/score.ts), and only of mail from outside. What an account has taught itself counts `accountWeight` times more there
 * than what its colleagues have.
 */
import { mailTokens } from './classifier/mail-tokens.ts';
import { routeTokens } from './classifier/route-tokens.ts';
import { scoreOf, type Layer, type Score } from './classifier/score.ts';
import type { Check, CheckedMail, Finding, Seen } from './check.ts';
import type { LearnedTallies } from './learned.ts';

const accountWeight = 2;
/** Below, the words say nothing. */
const tellingMin = 0.3;
/**
 * Points for each unit of the score. Spam mostly has more than 2; of wanted mail one in a thousand comes near 1. So what looks like spam through and through goes
 * into Junk for that alone, and what only leans that way needs others that find something too.
 */
const spamFactor = 3;
const spamMax = 7;
const hamFactor = 0.6;
const hamMax = 3;

export function classifierCheck(learned: Pick<LearnedTallies, 'of'>): Check {
  return {
    name: 'classifier',
    stage: 'content',
    timeoutMs: 5000,
    onFailure: 'accept',
    // The most that either may weigh.
    rules: { 'classifier.spam': spamMax, 'classifier.ham': -hamMax },
    begin: (mail) =>
      mail.direction === 'out' || readersOf(mail).length === 0
        ? undefined
        : { finish: async (seen) => ({ findings: await findingsFor(mail, seen, learned) }) },
  };
}

interface Reader {
  readonly org: string;
  /** Undefined: several of the organisation. */
  readonly account: string | undefined;
}

function readersOf({ to }: CheckedMail): Reader[] {
  const orgs = new Set(to.flatMap(({ org }) => (org === '' ? [] : [org])));
  return [...orgs].map((org) => {
    const accounts = new Set(to.filter((each) => each.org === org).map(({ account }) => account));
    const [only] = accounts;
    return { org, account: accounts.size === 1 && only !== '' ? only : undefined };
  });
}

async function findingsFor(
  mail: CheckedMail,
  { content }: Seen,
  learned: Pick<LearnedTallies, 'of'>,
): Promise<Finding[]> {
  const { header, block } = mail;
  const layers = await Promise.all(
    readersOf(mail).map(async (reader) => ({ reader, layers: await layersOf(reader, learned) })),
  );
  if (layers.every((each) => each.layers.every(({ tally }) => tally.spamMails === 0))) return [];
  const tokens = mailTokens({ header, block, content, route: routeTokens(mail) });
  return layers.flatMap((each) => findingOf(scoreOf(tokens, each.layers), each.reader));
}

async function layersOf({ org, account }: Reader, learned: Pick<LearnedTallies, 'of'>): Promise<Layer[]> {
  const common = { tally: await learned.of({ is: 'org', id: org }), weight: 1 };
  if (account === undefined) return [common];
  return [common, { tally: await learned.of({ is: 'account', id: account }), weight: accountWeight }];
}

function findingOf({ score, trust, evidence }: Score, { org }: Reader): Finding[] {
  if (trust === 0 || Math.abs(score) < tellingMin) return [];
  const points = score > 0 ? Math.min(spamMax, score * spamFactor) : Math.max(-hamMax, score * hamFactor);
  const weight = Math.round(points * trust * 10) / 10;
  if (weight === 0) return [];
  return [
    { rule: score > 0 ? 'classifier.spam' : 'classifier.ham', weight, detail: evidence.join(', '), org },
  ];
}
