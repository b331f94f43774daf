/**
 * From counts to an opinion: naive Bayes over the tokens of the mail that tell something, levelled by how many they are.
 *
 *   telling of a token = log((spam + e) / spamMails) − log((ham + e) / hamMails), less for what was met once or twice; not counted below `tellingMin`
 *   score              = sum / count ^ 0.85
 *
 * A plain sum makes long mails certain of anything; with the mean a single token says as much as a hundred. Measured against chi-square (Robinson and Fisher), logistic
 * regression and sparse word pairs: docs/decisions/0020. Pure.
 */
import { tokenHash } from './token-hash.ts';
import type { Tally } from './tally.ts';

/** What has learned, and how much each of its lessons counts. */
export interface Layer {
  readonly tally: Tally;
  readonly weight: number;
}

export interface Score {
  /** Above 0 for spam, below for wanted mail. Within ±0.5: no idea. */
  readonly score: number;
  /** 0 to 1: how far what was learned is to be trusted. 0: it was too little. */
  readonly trust: number;
  /** The tokens that speak most for what the score says, the strongest first. */
  readonly evidence: readonly string[];
}

/** So many mails of each kind must have been learned before anything is said; from `trustedFrom` on it is said in full. */
export const speaksFrom = 30;
export const trustedFrom = 100;
const epsilon = 0.001;
const tellingMin = 0.7;
const doubt = 0.5;
const levelling = 0.85;
const evidenceMax = 8;

export function scoreOf(tokens: Iterable<string>, layers: readonly Layer[]): Score {
  const spamMails = sumOf(layers, ({ spamMails: mails }) => mails);
  const hamMails = sumOf(layers, ({ hamMails: mails }) => mails);
  // What an account has learned its organisation has too: mails are not counted twice.
  const least = Math.min(
    most(layers, ({ spamMails: mails }) => mails),
    most(layers, ({ hamMails: mails }) => mails),
  );
  if (least < speaksFrom) return { score: 0, trust: 0, evidence: [] };
  const told: { readonly token: string; readonly telling: number }[] = [];
  for (const token of tokens) {
    const telling = tellingOf(tokenHash(token), layers, { spamMails, hamMails });
    if (Math.abs(telling) >= tellingMin) told.push({ token, telling });
  }
  const score = told.reduce((sum, { telling }) => sum + telling, 0) / (told.length + 1) ** levelling;
  const evidence = told
    .filter(({ telling }) => Math.sign(telling) === Math.sign(score))
    .toSorted((a, b) => Math.abs(b.telling) - Math.abs(a.telling))
    .slice(0, evidenceMax)
    .map(({ token }) => token);
  return { score, trust: Math.min(1, least / trustedFrom), evidence };
}

function tellingOf(
  token: number,
  layers: readonly Layer[],
  { spamMails, hamMails }: { readonly spamMails: number; readonly hamMails: number },
): number {
  let spam = 0;
  let ham = 0;
  for (const { tally, weight } of layers) {
    const counts = tally.countsOf(token);
    spam += counts.spam * weight;
    ham += counts.ham * weight;
  }
  const met = spam + ham;
  if (met === 0) return 0;
  const odds = Math.log((spam + epsilon) / spamMails) - Math.log((ham + epsilon) / hamMails);
  return (odds * met) / (met + doubt);
}

const most = (layers: readonly Layer[], of: (tally: Tally) => number): number =>
  Math.max(0, ...layers.map(({ tally }) => of(tally)));

const sumOf = (layers: readonly Layer[], of: (tally: Tally) => number): number =>
  layers.reduce((sum, { tally, weight }) => sum + of(tally) * weight, 0);
