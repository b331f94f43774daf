/**
 * An event of the ledger as a message of syslog (RFC 5424): facility mail, a severity by what happened, the event as JSON in ASCII, so that no receiver has to guess an encoding.
 */
import type { LedgerEvent } from './ledger.ts';

/** RFC 5424, 6.2.1. */
const mailFacility = 2;
const warning = 4;
const notice = 5;
const informational = 6;

const severities: Readonly<Partial<Record<LedgerEvent['is'], number>>> = {
  bounced: notice,
  bouncedLater: notice,
  complained: warning,
  refused: notice,
  suppressed: notice,
  managed: notice,
};

export function syslogLine(event: LedgerEvent, hostName: string): string {
  const priority = mailFacility * 8 + (severities[event.is] ?? informational);
  const time = new Date(event.atMs).toISOString();
  return `<${priority}>1 ${time} ${field(hostName, 255)} hikyaku - ${field(event.is, 32)} - ${asciiJson(event)}`;
}

/** RFC 5424, 6: printable ASCII without blanks, `-` for nothing. */
const field = (text: string, max: number): string => text.replace(/[^\x21-\x7e]/g, '').slice(0, max) || '-';

const asciiJson = (event: LedgerEvent): string =>
  JSON.stringify(event).replace(
    /[^\x20-\x7e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
