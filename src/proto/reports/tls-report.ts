/** A TLS report (RFC 8460): how encryption to the servers of a domain went. Read from JSON, and written. */

export interface TlsReport {
  readonly organization: string;
  readonly contact: string;
  readonly reportId: string;
  /** RFC 3339. */
  readonly start: string;
  readonly end: string;
  readonly policies: readonly TlsReportPolicy[];
}

export interface TlsReportPolicy {
  /** `tlsa`, `sts`, `no-policy-found`, or whatever was written. */
  readonly type: string;
  readonly text: readonly string[];
  readonly domain: string;
  readonly mxHosts: readonly string[];
  readonly successes: number;
  readonly failures: number;
  readonly details: readonly TlsFailureDetail[];
}

export interface TlsFailureDetail {
  readonly result: string;
  readonly sendingIp: string;
  readonly receivingHost: string;
  readonly receivingHelo: string;
  readonly receivingIp: string;
  readonly sessions: number;
  readonly information: string;
  readonly code: string;
}

const policiesMax = 1000;
const detailsMax = 10_000;
const linesMax = 100;
const textMaxChars = 1000;
const countMax = 2 ** 40;

type Fields = Readonly<Record<string, unknown>>;

/** Undefined: it is none. Never throws. */
export function readTlsReport(json: string): TlsReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  const report = fieldsOf(value);
  const range = fieldsOf(report?.['date-range']);
  const { policies } = report ?? {};
  if (report === undefined || range === undefined || !Array.isArray(policies)) return undefined;
  return {
    organization: text(report['organization-name']),
    contact: text(report['contact-info']),
    reportId: text(report['report-id']),
    start: text(range['start-datetime']),
    end: text(range['end-datetime']),
    policies: policies.slice(0, policiesMax).flatMap((policy) => policyOf(policy) ?? []),
  };
}

function policyOf(value: unknown): TlsReportPolicy | undefined {
  const whole = fieldsOf(value);
  const policy = fieldsOf(whole?.['policy']);
  if (whole === undefined || policy === undefined) return undefined;
  const summary = fieldsOf(whole['summary']) ?? {};
  const details = whole['failure-details'];
  return {
    type: text(policy['policy-type']).toLowerCase(),
    text: texts(policy['policy-string']),
    domain: text(policy['policy-domain']).toLowerCase().replace(/\.$/, ''),
    // RFC 8460, 4.4 writes it as one text, its example and most reporters as a list.
    mxHosts: texts(policy['mx-host'] ?? policy['mx-host-pattern']),
    successes: count(summary['total-successful-session-count']),
    failures: count(summary['total-failure-session-count']),
    details: Array.isArray(details)
      ? details.slice(0, detailsMax).flatMap((detail) => detailOf(detail) ?? [])
      : [],
  };
}

function detailOf(value: unknown): TlsFailureDetail | undefined {
  const detail = fieldsOf(value);
  return (
    detail && {
      result: text(detail['result-type']).toLowerCase(),
      sendingIp: text(detail['sending-mta-ip']),
      receivingHost: text(detail['receiving-mx-hostname']),
      receivingHelo: text(detail['receiving-mx-helo']),
      receivingIp: text(detail['receiving-ip']),
      sessions: count(detail['failed-session-count']),
      information: text(detail['additional-information']),
      code: text(detail['failure-reason-code'] ?? detail['failure-error-code']),
    }
  );
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, textMaxChars) : '');
const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .slice(0, linesMax)
    .map(text)
    .filter((line) => line !== '');
const count = (value: unknown): number => {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number > 0 ? Math.min(Math.trunc(number), countMax) : 0;
};

/** RFC 8460, 4.4. What is empty is left out. */
export function writeTlsReport({ organization, contact, reportId, start, end, policies }: TlsReport): string {
  return JSON.stringify({
    'organization-name': organization,
    'date-range': { 'start-datetime': start, 'end-datetime': end },
    'contact-info': contact,
    'report-id': reportId,
    policies: policies.map((policy) => ({
      policy: {
        'policy-type': policy.type,
        ...(policy.text.length > 0 && { 'policy-string': policy.text }),
        'policy-domain': policy.domain,
        ...(policy.mxHosts.length > 0 && { 'mx-host': policy.mxHosts }),
      },
      summary: {
        'total-successful-session-count': policy.successes,
        'total-failure-session-count': policy.failures,
      },
      ...(policy.details.length > 0 && { 'failure-details': policy.details.map(written) }),
    })),
  });
}

const written = (detail: TlsFailureDetail): Fields =>
  Object.fromEntries(
    Object.entries({
      'result-type': detail.result,
      'sending-mta-ip': detail.sendingIp,
      'receiving-mx-hostname': detail.receivingHost,
      'receiving-mx-helo': detail.receivingHelo,
      'receiving-ip': detail.receivingIp,
      'failed-session-count': detail.sessions,
      'additional-information': detail.information,
      'failure-reason-code': detail.code,
    }).filter(([, value]) => value !== ''),
  );
