/**
 * An engine has a score and a threshold of its own, the chain has others: what an engine just calls spam weighs what the settings say, twice that score twice
 * as much, and a score in favour of a mail speaks for it in the same measure, within bounds, so that one engine's enthusiasm is never all that counts.
 */

const againstMax = 3;
const forMax = 0.5;

export function scaledWeight(
  { score, required }: { readonly score: number; readonly required: number },
  weight: number,
): number {
  if (required <= 0) return score > 0 ? weight : 0;
  const part = Math.max(-forMax, Math.min(againstMax, score / required));
  return Math.round(part * weight * 100) / 100;
}
