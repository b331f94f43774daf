/** What a server answered, of events. */
import type { LedgerEvent } from './stations.ts';

export function replyOf(
  events: readonly LedgerEvent[],
): { readonly reply: string; readonly host: string } | undefined {
  for (const event of events.toReversed()) {
    if (
      event.is === 'bounced' ||
      event.is === 'deferred' ||
      event.is === 'delivered' ||
      event.is === 'attempted'
    )
      return { reply: event.data.reply, host: event.data.host };
    if (event.is === 'refused') return { reply: event.data.reply, host: '' };
  }
  return undefined;
}
