/** What a sender hears whose mail is refused, and why: the domain that asks for it, and what was found. ASCII, one line, no codes. */
import type { Authentication } from './authentication.ts';
import type { Decision } from './opinion.ts';

export function refusalText({ by, domain }: Decision, found: Authentication): string {
  switch (by) {
    case 'dmarc':
      return `${domain} asks (DMARC p=${found.dmarc?.policy}) to refuse mail in its name that neither SPF nor DKIM proves: ${evidence(found)}`;
    case 'spf':
      return `${found.ip} may not send mail of ${domain} (SPF ${found.spf.why})${said(found.spf.explanation)}`;
    case 'author':
      return authorText(found);
    case 'temporary':
      return `Cannot find out now whether mail of ${domain} is genuine, DNS does not answer: try again later`;
    default:
      return `Mail of ${domain} is not taken here`;
  }
}

function authorText({ author }: Authentication): string {
  if (author.is === 'severalFields') return 'The message has more than one From field (RFC 5322, 3.6)';
  if (author.is === 'nobody') return 'The message has no From field (RFC 5322, 3.6)';
  return 'The From field of the message has no address that can be read (RFC 5322, 3.6.2)';
}

function evidence({ spf, dkim }: Authentication): string {
  const signatures = dkim.map(
    ({ result, domain, why }) => `${result} for ${domain}${why === '' ? '' : ` (${why})`}`,
  );
  const told = signatures.length === 0 ? 'none' : signatures.slice(0, 3).join(', ');
  return `SPF ${spf.result} for ${spf.domain || 'no domain'}, DKIM ${told}`;
}

const said = (explanation: string): string => (explanation === '' ? '' : `: ${explanation.slice(0, 200)}`);
