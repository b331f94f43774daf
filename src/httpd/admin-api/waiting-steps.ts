/** The last steps of the journey of a message that still waits: for what, by which limits, and until when. They are of this moment, not of the ledger. */
import type { MessageId, OrgId } from '../../base/ids.ts';
import { localDestination } from '../../queue/attempt.ts';
import type { ListedEntry } from '../../queue/filter.ts';
import type { HttpParts } from '../parts.ts';
import type { Journey, JourneyStep } from './contract-mail.ts';

/** Destinations that are told of. */
const destinationsMax = 5;

type Told = Extract<Journey, { is: 'message' }>;
type Parts = Pick<HttpParts, 'queue' | 'whyWaits' | 'clock'>;

export async function withWaiting(
  parts: Parts,
  journey: Journey,
  { org, language = 'en' }: { readonly org: OrgId | undefined; readonly language?: 'en' | 'ja' | undefined },
): Promise<Journey> {
  if (journey.is !== 'message') return journey;
  const shown = await parts.queue.show(journey.message as MessageId);
  if (!shown || (org !== undefined && shown.message.org !== org)) return journey;
  const { org: owner, stream, campaign } = shown.message;
  const waiting = Map.groupBy(
    shown.entries.filter(({ state, destination }) => state === 'waiting' && destination !== localDestination),
    ({ destination }) => destination,
  );
  const steps: JourneyStep[] = [];
  for (const [destination, entries] of [...waiting].slice(0, destinationsMax)) {
    const why = await parts.whyWaits(destination, { org: owner, stream, campaign, language });
    const lines = [
      ...nextTry(entries, parts.clock.nowMs(), language),
      ...why.now,
      ...why.sources.flatMap(({ limits }) =>
        limits.map(({ what, value, counts, rule }) => `${what}: ${value} (${counts}; ${rule})`),
      ),
    ];
    steps.push(
      stepOf(journey, {
        destination,
        entries,
        details: [...new Set(lines)],
        language,
        nowMs: parts.clock.nowMs(),
      }),
    );
  }
  return { ...journey, steps: [...journey.steps, ...steps] };
}

interface Waiting {
  readonly destination: string;
  readonly entries: readonly ListedEntry[];
  readonly details: string[];
  readonly language: 'en' | 'ja';
  readonly nowMs: number;
}

function stepOf({ steps }: Told, { destination, entries, details, language, nowMs }: Waiting): JourneyStep {
  const first = steps[0];
  return {
    seq: steps.at(-1)?.seq ?? 0,
    atMs: nowMs,
    is: 'waits',
    sinceStartMs: nowMs - (first?.atMs ?? nowMs),
    recipient: entries.length === 1 ? entries[0]!.recipient : '',
    headline: language === 'ja' ? `${destination} 宛てはいま待機中` : `Waiting now for ${destination}`,
    details,
    mood: 'waiting',
  };
}

function nextTry(entries: readonly ListedEntry[], nowMs: number, language: 'en' | 'ja'): string[] {
  const next = Math.min(...entries.map(({ nextTryAtMs }) => nextTryAtMs));
  if (next <= nowMs) return [];
  const at = `${new Date(next).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return [language === 'ja' ? `次の試行：${at}` : `next try at ${at}`];
}
