/** What the server can do (RFC 5804, 1.7): told at the greeting, after STARTTLS and on request. */
import { capabilities as sieve, notifyMethods } from '../proto/sieve/capability.ts';
import { defaultLimits } from '../proto/sieve/limits.ts';
import { capability } from '../proto/managesieve/response.ts';
import type { Language } from './words.ts';

export interface CapabilityFacts {
  /** Empty before TLS: clients are to use STARTTLS first. */
  readonly mechanisms: readonly string[];
  readonly startTls: boolean;
  /** The login address, once there is one. */
  readonly owner: string | undefined;
  readonly language: Language;
}

export function capabilityLines({ mechanisms, startTls, owner, language }: CapabilityFacts): string {
  return [
    capability('IMPLEMENTATION', 'Hikyaku'),
    capability('SASL', mechanisms.join(' ')),
    capability('SIEVE', sieve.join(' ')),
    ...(startTls ? [capability('STARTTLS')] : []),
    capability('NOTIFY', notifyMethods.join(' ')),
    capability('MAXREDIRECTS', `${defaultLimits.redirectsMax}`),
    capability('LANGUAGE', language),
    ...(owner === undefined ? [] : [capability('OWNER', owner)]),
    capability('UNAUTHENTICATE'),
    capability('VERSION', '1.0'),
  ].join('');
}
