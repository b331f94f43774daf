/** One TLS session as reports count it: once under each policy that the destination has, or once under none (RFC 8460, 4). */
import type { TlsPolicy } from '../../events/event.ts';
import { printTlsa } from '../../proto/dane/tlsa.ts';
import { stsPolicyLines } from '../../proto/mta-sts/policy.ts';
import type { ReportedPolicy, TlsSessionFailure, TlsSessionResult } from '../tls-results.ts';
import type { DaneState } from './dane-records.ts';
import { policiesOf, type SessionFacts } from './demand.ts';
import type { Security } from './security.ts';

export interface Session {
  readonly place: { readonly host: string; readonly ip: string; readonly dane: DaneState };
  readonly localIp: string;
  readonly facts: SessionFacts;
}

export function sessionResults(security: Security, session: Session): readonly TlsSessionResult[] {
  const { place, facts } = session;
  const { domain } = security;
  const policies = policiesOf(security, 'normal', place, facts).filter(
    ({ is }) => is === 'dane' || is === 'sts',
  );
  if (policies.length > 0) {
    return policies.map((told) => ({
      domain,
      policy: reported(told, security, place.dane),
      ...failureOf(told, session),
    }));
  }
  const problem = facts.problem ?? (facts.tls === null ? 'starttls-not-supported' : undefined);
  const trouble =
    problem === undefined ? {} : { problem, ...(facts.why === undefined ? {} : { why: facts.why }) };
  const policy: ReportedPolicy = { type: 'no-policy-found', domain, text: [], mxHosts: [] };
  return [{ domain, policy, ...failureOf(trouble, session) }];
}

function reported(told: TlsPolicy, { sts }: Security, dane: DaneState): ReportedPolicy {
  if (told.is === 'dane')
    return {
      type: 'tlsa',
      domain: told.of,
      text: dane.is === 'records' ? dane.all.map(printTlsa) : [],
      mxHosts: [],
    };
  const policy = sts?.kept?.policy;
  if (policy === undefined) return { type: 'sts', domain: told.of, text: [], mxHosts: [] };
  return { type: 'sts', domain: told.of, text: stsPolicyLines(policy), mxHosts: policy.mx };
}

function failureOf(
  { problem, why = '' }: Pick<TlsPolicy, 'problem' | 'why'>,
  { place, localIp }: Session,
): { readonly failure?: TlsSessionFailure } {
  if (problem === undefined) return {};
  return {
    failure: {
      result: problem,
      sendingIp: localIp,
      mxHost: place.host,
      receivingIp: place.ip,
      code: codeOf(why),
    },
  };
}

/** Codes only: what a peer said in words may tell of people. */
const codeOf = (why: string): string => (/^(?:[A-Z][A-Z0-9_]+|\d{3}|HTTP \d{3})$/.test(why) ? why : '');
