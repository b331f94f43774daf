/** Looks at mail on its way into a mailbox: is it a report at an address for reports, that can be read and kept? The mail is stored in any case. */
import type { Log } from '../base/log.ts';
import { hearsReports } from './report-address.ts';
import type { ReceivedReports } from './received-reports.ts';

export interface ReportEarParts {
  readonly received: Pick<ReceivedReports, 'take'>;
  readonly log: Log;
  /** Addresses besides those of each domain, in lower case. */
  readonly addresses: readonly string[];
}

export interface HeardMail {
  readonly addresses: readonly string[];
  readonly org: string;
  readonly sizeBytes: number;
  readonly body: () => Promise<Uint8Array>;
}

/** Mails with reports have some kilobytes; domains commonly ask for no more than 10 MB. */
const mailMaxBytes = 16 * 1024 * 1024;

export const isForReports = (at: readonly string[], others: readonly string[]): boolean =>
  at.some((address) => hearsReports(address, others));

/** Never rejects. */
export async function hearReport(
  { received, log, addresses }: ReportEarParts,
  mail: HeardMail,
): Promise<boolean> {
  if (!isForReports(mail.addresses, addresses)) return false;
  if (mail.sizeBytes > mailMaxBytes) return false;
  try {
    const taken = await received.take(mail.org, 'mail', mail.body);
    return taken.length > 0;
  } catch (error) {
    log.warn({ error, org: mail.org }, 'a report was not kept: it is in its mailbox alone');
    return false;
  }
}
