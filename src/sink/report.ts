/** What a run came to: for the end of it, for the line of each second, for programs as JSON. */
import type { LimitKind, Provider } from './options.ts';
import type { RefusalCount, Tally } from './tally.ts';

export interface LimitReport {
  readonly of: LimitKind;
  readonly max: number;
  /** How often it was told to somebody. */
  readonly hits: number;
  /** The most that one sender reached. */
  readonly peak: number;
  /** Of the limit, in percent. */
  readonly reachedPercent: number;
}

export interface ProviderReport {
  readonly provider: string;
  readonly connections: number;
  readonly connectionsPeak: number;
  readonly tlsConnections: number;
  readonly messages: number;
  readonly recipients: number;
  readonly bytes: number;
  readonly refused: number;
  /** Of all that was asked for and answered, so much was refused. */
  readonly refusedPercent: number;
  readonly abandoned: number;
  readonly duplicates: number;
  readonly messagesPerSecondPeak: number;
  readonly messagesPerMinutePeak: number;
  readonly limits: readonly LimitReport[];
  readonly refusals: readonly RefusalCount[];
  readonly returns: Tally['returns'];
}

export interface SinkReport {
  readonly scenario: string;
  readonly seed: number;
  readonly seconds: number;
  readonly messages: number;
  readonly recipients: number;
  readonly bytes: number;
  readonly refused: number;
  readonly duplicates: number;
  readonly providers: readonly ProviderReport[];
}

export function providerReport(provider: Provider, tally: Tally): ProviderReport {
  const refused = tally.refusedCount;
  const all = tally.recipients + refused;
  return {
    provider: provider.name,
    connections: tally.connections,
    connectionsPeak: tally.connectionsPeak,
    tlsConnections: tally.tlsConnections,
    messages: tally.messages,
    recipients: tally.recipients,
    bytes: tally.bytes,
    refused,
    refusedPercent: all === 0 ? 0 : rounded((100 * refused) / all),
    abandoned: tally.abandoned,
    duplicates: tally.duplicates,
    messagesPerSecondPeak: tally.pace.peakPerSecond,
    messagesPerMinutePeak: tally.pace.peakPerMinute,
    limits: provider.limits.map(({ of, max }) => {
      const { hits = 0, peak = 0 } = tally.limits.get(of) ?? {};
      return { of, max, hits, peak, reachedPercent: rounded((100 * peak) / max) };
    }),
    refusals: [...tally.refusals.values()].sort((a, b) => b.count - a.count),
    returns: { ...tally.returns },
  };
}

const rounded = (number: number): number => Math.round(number * 100) / 100;

/** For people: totals, then each provider with what limits it had and what it refused. */
export function reportLines(report: SinkReport): string[] {
  const rate = report.seconds === 0 ? 0 : Math.round(report.messages / report.seconds);
  const lines = [
    `${report.messages} messages (${report.recipients} recipients, ${mib(report.bytes)} MiB) in ${report.seconds} s, ${rate}/s; ${report.refused} refusals, ${report.duplicates} duplicates`,
  ];
  for (const one of report.providers) {
    if (one.connections === 0) continue;
    lines.push(
      '',
      `${one.provider}: ${one.messages} messages, ${one.refused} refusals (${one.refusedPercent} %), ${one.connections} connections (${one.connectionsPeak} at once, ${one.tlsConnections} with TLS), at most ${one.messagesPerSecondPeak}/s and ${one.messagesPerMinutePeak}/min`,
      ...one.limits.map(
        ({ of, max, peak, reachedPercent, hits }) =>
          `  limit ${of}: ${max}; reached ${peak} (${reachedPercent} %), refused ${hits} times`,
      ),
      ...one.refusals.map(({ phase, why, reply, count }) => `  ${count} × at ${phase}, ${why}: ${reply}`),
    );
    const { sent, failed, dropped } = one.returns;
    if (sent + failed + dropped > 0)
      lines.push(`  returned: ${sent} sent, ${failed} refused, ${dropped} dropped`);
  }
  return lines;
}

const mib = (bytes: number): string => (bytes / 1_048_576).toFixed(1);

/** What was new since the line before. */
export class LiveLine {
  readonly #before = new Map<string, { messages: number; refused: number }>();

  next(report: SinkReport): string {
    const parts: string[] = [];
    for (const one of report.providers) {
      const before = this.#before.get(one.provider) ?? { messages: 0, refused: 0 };
      const messages = one.messages - before.messages;
      const refused = one.refused - before.refused;
      this.#before.set(one.provider, { messages: one.messages, refused: one.refused });
      if (messages + refused > 0)
        parts.push(`${one.provider} ${messages}/s${refused > 0 ? ` refused ${refused}/s` : ''}`);
    }
    return `${String(report.seconds).padStart(5)} s  ${String(report.messages).padStart(9)}  ${parts.join('  ') || 'quiet'}`;
  }
}
