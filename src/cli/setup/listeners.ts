/** Which ports a new server listens on. */
import type { ListenerSettings } from '../../config/schema.ts';

/** `standard`: those that the world knows. `high`: unprivileged ones, for a look or behind something that forwards. `auto`: any free ones. */
export const portChoices = ['standard', 'high', 'auto'] as const;
export type PortChoice = (typeof portChoices)[number];

export type NewListener = Pick<ListenerSettings, 'kind' | 'host' | 'port'>;

const standard = [
  ['mx', 25],
  ['submissions', 465],
  ['submission', 587],
  ['imaps', 993],
  ['imap', 143],
  ['pop3s', 995],
  ['managesieve', 4190],
] as const;
/** What is added for `high`; a port that needs no privilege stays. */
const highBy = 2000;
const privilegedBelow = 1024;
/** The API is for this machine until there is a real certificate. */
const api = { kind: 'http', host: '127.0.0.1', port: 8080 } as const;

export function newListeners(choice: PortChoice, host: string): NewListener[] {
  const portOf = (port: number): number => {
    if (choice === 'auto') return 0;
    return choice === 'high' && port < privilegedBelow ? port + highBy : port;
  };
  const mail = standard.map(([kind, port]): NewListener => ({ kind, host, port: portOf(port) }));
  return [...mail, { ...api, port: choice === 'auto' ? 0 : api.port }];
}
