/** Why mail for a receiver goes as fast as it does. */
import { Refusal } from '../../base/refusal.ts';
import type { SmtpPhase } from '../../events/event.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import type { HttpParts } from '../parts.ts';
import { callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import { why, whyQuery } from './contract-shaping.ts';

export function shapingRoutes(app: App, { queue, whyWaits, meaning }: HttpParts): void {
  app.get(
    '/shaping/why',
    {
      config: { access: 'queue:read' },
      schema: {
        tags: ['queue'],
        summary: 'What holds mail for a receiver back',
        description:
          'Every limit in force with the rule it comes from, what was learned from answers, and what mail waits for now.',
        querystring: whyQuery,
        response: { 200: answer(why) },
      },
    },
    async (request) => {
      const caller = callerIn(request);
      const { stream = 'transactional', campaign = '', language = 'en' } = request.query;
      const destination = domainToAscii(request.query.destination)?.toLowerCase();
      if (destination === undefined) throw new Refusal('invalid', 'not a domain');
      const org = caller.org ?? request.query.org ?? '';
      const told = await whyWaits(destination, { org, stream, campaign, language });
      const waits = (await queue.summary(caller.org)).find((one) => one.destination === destination);
      const last = waits?.last;
      return {
        destination,
        ...told,
        waiting: waits?.waiting ?? 0,
        held: waits?.held ?? 0,
        nextTryAtMs: waits ? waits.nextTryAtMs : null,
        last: last
          ? {
              host: last.host,
              reply: last.reply,
              atMs: last.atMs,
              means: meaning(last.reply, last.phase as SmtpPhase, language),
            }
          : null,
      };
    },
  );
}
