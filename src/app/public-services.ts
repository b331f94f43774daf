/** What of the listeners is for the world: mailers are told of it. */
import type { ListenerSettings } from '../config/schema.ts';
import type { MailService } from '../httpd/parts.ts';

type Listening = Pick<ListenerSettings, 'kind' | 'host' | 'port'>;

const serviceKinds = new Set<string>([
  'submission',
  'submissions',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'managesieve',
]);

/** What listens on this machine only is none of the world's. */
export function publicServices(listeners: readonly Listening[]): readonly MailService[] {
  return listeners
    .filter(({ kind, host, port }) => serviceKinds.has(kind) && port > 0 && !isLoopbackHost(host))
    .map(({ kind, port }) => ({ kind: kind as MailService['kind'], port }));
}

const isLoopbackHost = (host: string): boolean =>
  host === '::1' || host === 'localhost' || host.startsWith('127.');
