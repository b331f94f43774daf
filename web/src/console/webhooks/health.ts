/** How an endpoint is, in a word. */
import type { WebhookEndpoint } from '../../../../src/httpd/admin-api/contract-webhooks.ts';
import type { Mood } from '../../parts/Mark.tsx';

interface Health {
  readonly mood: Mood;
  /** Key of its word: `states.<word>`. */
  readonly word: 'active' | 'failing' | 'operator' | 'gaveUp' | 'gone';
}

export function healthOf({ state, reason, tries }: WebhookEndpoint): Health {
  if (state === 'active')
    return tries > 0 ? { mood: 'waiting', word: 'failing' } : { mood: 'good', word: 'active' };
  if (reason === 'failing') return { mood: 'bad', word: 'gaveUp' };
  if (reason === 'gone') return { mood: 'bad', word: 'gone' };
  return { mood: 'neutral', word: 'operator' };
}
