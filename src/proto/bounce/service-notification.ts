/** Bounces that sending services tell as JSON, also when they come by mail (Amazon SES by SNS). */
import type { Told } from './judge.ts';

const jsonCharsMax = 256 * 1024;

/** Undefined: it is none. */
export function serviceNotification(text: string): Told[] | undefined {
  const start = text.indexOf('{');
  if (start === -1 || start > 200 || text.length > jsonCharsMax || !text.includes('otificationType'))
    return undefined;
  const outer = parsed(text.slice(start, text.lastIndexOf('}') + 1));
  const message = typeof outer?.['Message'] === 'string' ? parsed(outer['Message']) : outer;
  if (message === undefined) return undefined;
  const bounce = object(message['bounce']);
  const delivery = object(message['delivery']);
  if (bounce) return list(bounce['bouncedRecipients']).map((one) => toldOf(one, bounce));
  if (delivery)
    return list(delivery['recipients']).map((one) => ({
      address: String(one),
      action: 'delivered',
      said: string(delivery['smtpResponse']),
    }));
  return undefined;
}

function toldOf(one: unknown, bounce: Readonly<Record<string, unknown>>): Told {
  const recipient = object(one) ?? {};
  const kind = bounce['bounceSubType'] === 'Suppressed' ? 'on the suppression list' : '';
  return {
    address: string(recipient['emailAddress']),
    action: string(recipient['action']),
    status: string(recipient['status']),
    said: [string(recipient['diagnosticCode']).replace(/^smtp;\s*/i, ''), kind].join(' ').trim(),
    host: string(bounce['remoteMtaIp']),
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  // A transfer that wrapped long lines broke strings of it.
  for (const attempt of [text, text.replace(/\r?\n/g, '')]) {
    try {
      return object(JSON.parse(attempt));
    } catch {}
  }
  return undefined;
}

const object = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
