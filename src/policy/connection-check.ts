/** The check of where a mail comes from: what lists say of the address that brings it. */
import type { Check } from './check.ts';
import type { ReputationLists } from './reputation-lists.ts';

export function connectionCheck(lists: ReputationLists, timeoutMs: number): Check {
  return {
    name: 'dnsbl',
    stage: 'connection',
    timeoutMs,
    onFailure: 'accept',
    rules: lists.rules,
    begin({ direction, ip }) {
      if (direction === 'out' || !lists.has('address')) return undefined;
      const asked = lists.address(ip);
      // Heard of at the end.
      asked.catch(() => {});
      return { finish: async () => ({ findings: await asked }) };
    },
  };
}
