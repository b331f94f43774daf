/** A mailer that reads the INBOX of a `RunningServer`, over its `imap` listener. */
import { ImapFlow } from 'imapflow';
import { password } from './running-server.ts';

/** Signed in, the INBOX open. Whoever asks for it logs it out. */
export async function openInbox(port: number, user: string): Promise<ImapFlow> {
  const reader = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass: password },
    logger: false,
  });
  await reader.connect();
  await reader.mailboxOpen('INBOX');
  return reader;
}
