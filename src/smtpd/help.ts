/** HELP: what each command is for, for a person at a terminal (RFC 5321, 4.1.1.8). */
import { formatReply } from '../proto/smtp/reply.ts';

const topics: Readonly<Record<string, readonly string[]>> = {
  EHLO: ['EHLO your.host.name', 'Says hello. The answer lists what this server can do.'],
  HELO: ['HELO your.host.name', 'The old hello, without extensions. Prefer EHLO.'],
  LHLO: ['LHLO your.host.name', 'Hello in LMTP (RFC 2033).'],
  MAIL: [
    'MAIL FROM:<sender@example.com> [SIZE=n] [BODY=8BITMIME] [SMTPUTF8] [RET=FULL|HDRS] [ENVID=id]',
    'Begins a mail. <> is the sender of notices, which are never answered.',
  ],
  RCPT: [
    'RCPT TO:<recipient@example.com> [NOTIFY=SUCCESS,FAILURE,DELAY|NEVER] [ORCPT=rfc822;address]',
    'Names one recipient. Say it again for each.',
  ],
  DATA: ['DATA', 'Begins the text of the mail. A line with a single dot ends it. Lines end with CR LF.'],
  BDAT: ['BDAT size [LAST]', 'A piece of the text, counted in octets (RFC 3030). The last one says LAST.'],
  STARTTLS: ['STARTTLS', 'Encrypts the connection. Say EHLO again afterwards.'],
  AUTH: ['AUTH mechanism [initial-response]', 'Logs in. Only on submission ports, and under TLS.'],
  RSET: ['RSET', 'Forgets the mail that was begun.'],
  VRFY: ['VRFY address', 'Does not tell whether an address exists.'],
  NOOP: ['NOOP', 'Does nothing.'],
  HELP: ['HELP [command]', 'Explains.'],
  QUIT: ['QUIT', 'Says good-bye.'],
};

const overview = [
  `Commands: ${Object.keys(topics).join(' ')}`,
  'HELP command tells more about one.',
  'A mail: EHLO, MAIL, RCPT, DATA, the text, a line with a dot, QUIT.',
  'To send to other domains, log in on the submission port.',
].join('\n');

export function helpReply(topic: string): string {
  const about = Object.hasOwn(topics, topic.toUpperCase()) ? topics[topic.toUpperCase()] : undefined;
  return formatReply(214, '2.0.0', about?.join('\n') ?? overview);
}
