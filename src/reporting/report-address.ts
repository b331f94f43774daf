/** Names at which a domain of ours hears reports: those that its DNS records tell others, and any that its administrators use. */

export const dmarcReportsName = 'dmarc-reports';
export const tlsReportsName = 'tls-reports';

const names: ReadonlySet<string> = new Set([dmarcReportsName, tlsReportsName, 'postmaster']);

/** Whether what comes to this address is looked at. `more`: whole addresses in lower case. */
export function hearsReports(address: string, more: readonly string[]): boolean {
  const at = address.lastIndexOf('@');
  return names.has(address.slice(0, at).toLowerCase()) || more.includes(address.toLowerCase());
}
