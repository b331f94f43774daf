/** In which phase of SMTP a refusal fell, as mail programs tell it in their reports. */
import type { BouncePhase } from './verdict.ts';

const commands: readonly (readonly [RegExp, BouncePhase])[] = [
  [
    /end of data|final data|\.\s*$|text command|message (?:body|text)|after (?:i sent|sending) the message|data content/i,
    'dot',
  ],
  [/\bdata\b|\bbdat\b/i, 'data'],
  [/\brcpt[ _]?(?:to)?\b/i, 'rcpt'],
  [/\bmail[ _]?from\b|\bmail\b/i, 'mail'],
  [/\behlo\b|\bhelo\b|\blhlo\b/i, 'ehlo'],
  [/starttls/i, 'tls'],
  [/\bauth\b/i, 'auth'],
  [/initial connection|\bconn(?:ect)?\b|greeting|banner/i, 'greeting'],
];

function named(text: string): BouncePhase {
  for (const [says, phase] of commands) if (says.test(text)) return phase;
  return '';
}

/** Sentences that name the command. What they name is read by `commands`. */
const sentences: readonly RegExp[] = [
  // Postfix, Amavis, Halon
  /\(?in reply to (?:the )?(.{3,40}?)(?: command)?\)/i,
  // Exim
  /smtp error from remote (?:mail ?server|mail server|mailer|server) (?:after|in|for) (?:pipelined )?(.{3,60}?)(?:[:,]|$)/im,
  /\bafter (?:pipelined )?((?:MAIL FROM|RCPT TO|DATA|EHLO|HELO|STARTTLS|initial connection|end of data|sending data block|BDAT))\b/i,
  // DragonFly
  /did not like our (.{3,20}?):/i,
  // 1&1, GMX
  /error from remote server for (.{3,30}?) command/i,
  // Yahoo: [RCPT_TO]
  /^\s*\[(RCPT_TO|MAIL_FROM|DATA|BODY|CONNECT|EHLO|HELO)\]/im,
  // X5, MessageLabs, m-FILTER, InterScan and others: the command alone, or named
  /(?:response|reply|answer|error) (?:to|from|after|during|for) (?:the )?["'`]?(RCPT(?: TO)?|MAIL(?: FROM)?|DATA|EHLO|HELO|end of data)\b/i,
  /(?:while|when|during|in) (?:sending|executing|processing|the)? ?["'`]?(RCPT(?: TO)?|MAIL FROM|DATA|EHLO|HELO)\b/i,
  /["'`](RCPT TO|MAIL FROM|DATA|EHLO|HELO)\b[^"'`]*["'`] command/i,
];

/** qmail and its kin say it in words. */
const words: readonly (readonly [RegExp, BouncePhase])[] = [
  [/does not like recipient/i, 'rcpt'],
  [/(?:but )?(?:sender|my sender) was rejected/i, 'mail'],
  [/but my name was rejected/i, 'ehlo'],
  [/but greeting failed/i, 'greeting'],
  [/failed on data command/i, 'data'],
  [/failed after i sent the message/i, 'dot'],
  [/couldn'?t find any host|cname lookup failed/i, 'dns'],
  [/wasn'?t able to establish an smtp connection|connect to \S+: (?:connection|operation)/i, 'connect'],
];

/** Google numbers its states: 13 and 14 are RCPT, 15 to 18 the mail itself. */
const googleState: Readonly<Record<string, BouncePhase>> = {
  '6': 'mail',
  '7': 'mail',
  '8': 'data',
  '9': 'data',
  '10': 'ehlo',
  '12': 'mail',
  '13': 'rcpt',
  '14': 'rcpt',
  '15': 'data',
  '16': 'data',
  '17': 'data',
  '18': 'dot',
};

export function phaseIn(text: string): BouncePhase {
  for (const sentence of sentences) {
    const found = sentence.exec(text)?.[1];
    if (found === undefined) continue;
    const phase = named(found);
    if (phase !== '') return phase;
  }
  for (const [says, phase] of words) if (says.test(text)) return phase;
  const state = /\(state (\d{1,2})\)/.exec(text)?.[1];
  if (state !== undefined && googleState[state] !== undefined) return googleState[state];
  return phaseOfTranscript(text);
}

/** Sendmail and others show the conversation: the command in front of the last refusal. */
function phaseOfTranscript(text: string): BouncePhase {
  let command: BouncePhase = '';
  let phase: BouncePhase = '';
  for (const line of text.split('\n')) {
    const said = /^[\s>]*>>> ?(.*)$/.exec(line)?.[1];
    if (said !== undefined) command = named(said);
    else if (/^[\s>]*<<<\s*[45]\d\d/.test(line) && phase === '') phase = command;
  }
  return phase === '' ? bareCommand(text) : phase;
}

/** A line that is a command and nothing else. */
function bareCommand(text: string): BouncePhase {
  const found = /^\s*(DATA|RCPT TO|MAIL FROM|EHLO|HELO)\s*:?\s*$/m.exec(text)?.[1];
  return found === undefined ? '' : named(found);
}

/** The server that refused, as reports name it: `host mx.there.test[192.0.2.1] said`, `while talking to mx.there.test`. */
export function hostIn(text: string): string {
  for (const pattern of hostPatterns) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined && found.includes('.')) return found.toLowerCase().replace(/\.$/, '');
  }
  return '';
}

const name = String.raw`([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)`;
const hostPatterns: readonly RegExp[] = [
  new RegExp(String.raw`\bhost ${name}\s*\[[^\]]*\]`, 'i'),
  new RegExp(String.raw`while talking to ${name}`, 'i'),
  new RegExp(String.raw`\b${name}\s*\[[0-9a-fA-F.:]+\](?:\s+(?:said|did not like|failed with|refused))`, 'i'),
  new RegExp(
    String.raw`(?:server for the recipient domain \S+ by|by the server for .{1,80} by) ${name}`,
    'i',
  ),
  new RegExp(
    String.raw`(?:remote (?:host|server)|host|server)[ :]+<?${name}>? ?(?:said|\(|\[|failed|rejected)`,
    'i',
  ),
];
