/** What our server found of the sender (RFC 8601), in one of a few plain words. Its field stands on top; what others wrote under our name it has taken away. */

export type Standing = 'signed' | 'forged' | 'unknown';

export interface SenderStanding {
  readonly is: Standing;
  /** Who stands behind it: the domain that was proved. */
  readonly domain: string;
}

export function standingOf(results: readonly string[], from: string | undefined): SenderStanding {
  const domain = from?.slice(from.lastIndexOf('@') + 1).toLowerCase() ?? '';
  const [ours = ''] = results;
  const text = ours.replaceAll(/\((?:[^()\\]|\\.)*\)/g, ' ').toLowerCase();
  const dmarc = /\bdmarc=(\w+)/.exec(text)?.[1];
  if (dmarc === 'pass') return { is: 'signed', domain };
  if (dmarc === 'fail') return { is: 'forged', domain };
  for (const [, signer = ''] of text.matchAll(/\bdkim=pass\b[^;]*?header\.d=([^\s;]+)/g))
    if (domain === signer || domain.endsWith(`.${signer}`)) return { is: 'signed', domain: signer };
  return { is: 'unknown', domain };
}
