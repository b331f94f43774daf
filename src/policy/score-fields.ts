/**
 * The verdict as header fields, for mailers and filters that go by them: `X-Spam-Flag`, `X-Spam-Score`, `X-Spam-Status` as SpamAssassin writes
 * them. What comes in under such names is forged, and is taken out.
 *
 * All recipients get the same header. Where they are of several organisations, what one of them alone has found is not told in it.
 */
import type { Judgement } from './chain.ts';
import type { Finding } from './check.ts';
import type { Verdict } from './verdict.ts';

/** In lower case: fields that begin so are ours alone. */
export const scoreFieldPrefix = 'x-spam-';

const lineMax = 76;

export function scoreFields({ verdicts, failures }: Judgement): string {
  const shown = verdicts.length === 1 ? verdicts[0] : common(verdicts);
  if (shown === undefined || (shown.findings.length === 0 && failures.length === 0)) return '';
  const marked = shown.action !== 'accept';
  const required = shown.threshold === null ? 'none' : shown.threshold.toFixed(1);
  const failed = failures.map(({ check }) => check).join(',');
  const tests = shown.findings.map(({ rule, weight }) => `${rule}=${weight.toFixed(1)}`);
  return [
    marked ? 'X-Spam-Flag: YES\r\n' : '',
    `X-Spam-Score: ${shown.score.toFixed(1)}\r\n`,
    `X-Spam-Status: ${marked ? 'Yes' : 'No'}, score=${shown.score.toFixed(1)} required=${required}\r\n`,
    tests.length === 0 ? '' : `\ttests=${folded(tests)}\r\n`,
    failed === '' ? '' : `\tfailed=${failed}\r\n`,
  ].join('');
}

/** What all have found, and the mildest of what they do. */
function common(verdicts: readonly Verdict[]): Verdict | undefined {
  const [first, ...others] = verdicts.toSorted((a, b) => a.score - b.score);
  if (first === undefined) return undefined;
  const findings = first.findings.filter(
    (finding) => finding.org === undefined && others.every((other) => other.findings.some(isSame(finding))),
  );
  const score = findings.reduce((sum, { weight }) => sum + weight, 0);
  return { ...first, findings, score };
}

const isSame =
  (a: Finding) =>
  (b: Finding): boolean =>
    a.rule === b.rule && a.weight === b.weight;

function folded(tests: readonly string[]): string {
  let text = '';
  let width = 14;
  for (const [i, one] of tests.entries()) {
    const word = i === tests.length - 1 ? one : `${one},`;
    const breaks = i > 0 && width + word.length > lineMax;
    text += breaks ? `\r\n\t${word}` : word;
    width = breaks ? 8 + word.length : width + word.length;
  }
  return text;
}
