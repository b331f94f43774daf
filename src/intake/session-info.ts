/** Who hands a message in, and how: for Received lines, events and permissions. One value per session, made anew when TLS or login change it. */
import type { Principal } from '../directory/principal.ts';
import type { EventData, TlsInfo } from '../events/event.ts';

export type Via = EventData['accepted']['via'];

export interface SessionInfo {
  readonly via: Via;
  /** The peer's address as text, `''` for mail from inside (`via` `system`). */
  readonly ip: string;
  /** Ours, that it has connected to; absent for mail from inside. */
  readonly localIp?: string;
  /** What the client called itself in EHLO; `''` where there is no such thing. */
  readonly helo: string;
  /** The word of the Received line's `with` clause before TLS and AUTH are told in it (RFC 3848). */
  readonly protocol: 'SMTP' | 'ESMTP' | 'LMTP' | 'HTTP' | 'JMAP';
  readonly tls: TlsInfo | null;
  /** Set once the client has authenticated. */
  readonly principal: Principal | undefined;
  /** May send to anyone without a login: a listener for trusted networks, or the system itself. */
  readonly trusted: boolean;
}

/** Of mail that the server itself writes: notices and reports. */
export const fromInside: SessionInfo = {
  via: 'system',
  ip: '',
  helo: '',
  protocol: 'SMTP',
  tls: null,
  principal: undefined,
  trusted: true,
};
