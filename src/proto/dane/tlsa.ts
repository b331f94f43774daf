/**
 * TLSA records as SMTP uses them (RFC 6698; RFC 7671; RFC 7672, 3.1): which of them can be used at all, and which count.
 */
import { createPublicKey, X509Certificate } from 'node:crypto';

export interface Tlsa {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

export const daneTa = 2;
export const daneEe = 3;

const digestBytes: Readonly<Record<number, number>> = { 1: 32, 2: 64 };

/**
 * The records a client can act on. Usages 0 and 1 rest on public authorities that SMTP servers and clients do not share, so they are as good
 * as unknown (RFC 7672, 3.1.3); so are unknown selectors, matching types and data that cannot be what they say.
 */
export function usableTlsa<T extends Tlsa>(records: readonly T[]): readonly T[] {
  return strongest(records.filter(isUsable));
}

function isUsable({ usage, selector, matchingType, data }: Tlsa): boolean {
  if (usage !== daneTa && usage !== daneEe) return false;
  if (selector !== 0 && selector !== 1) return false;
  if (matchingType !== 0) return digestBytes[matchingType] === data.length;
  try {
    return selector === 0
      ? new X509Certificate(data).raw.length > 0
      : createPublicKey({ key: Buffer.from(data), format: 'der', type: 'spki' }).type === 'public';
  } catch {
    return false;
  }
}

/** Of the digests for one usage and selector only the strongest counts; whole certificates and keys always do (RFC 7671, 9). */
function strongest<T extends Tlsa>(records: readonly T[]): readonly T[] {
  const best = new Map<string, number>();
  for (const { usage, selector, matchingType } of records) {
    const kind = `${usage} ${selector}`;
    best.set(kind, Math.max(best.get(kind) ?? 0, matchingType));
  }
  return records.filter(
    ({ usage, selector, matchingType }) =>
      matchingType === 0 || matchingType === best.get(`${usage} ${selector}`),
  );
}

/** `3 1 1 0b9f…`, the data cut: for logs and journeys. */
export function shortTlsa({ usage, selector, matchingType, data }: Tlsa): string {
  const hex = Buffer.from(data).toString('hex');
  return `${usage} ${selector} ${matchingType} ${hex.length > 24 ? `${hex.slice(0, 16)}…` : hex}`;
}

/** `3 1 1 0b9f…` whole, as in a zone file and in reports (RFC 8460, 4.4). */
export function printTlsa({ usage, selector, matchingType, data }: Tlsa): string {
  return `${usage} ${selector} ${matchingType} ${Buffer.from(data).toString('hex')}`;
}
