/** Reports summed by day. */
import type { DmarcReportItem } from '../../../../src/httpd/admin-api/contract-reports.ts';

export interface Days {
  readonly names: readonly string[];
  readonly passed: readonly number[];
  readonly failed: readonly number[];
}

export function byDay(items: readonly DmarcReportItem[], language: string): Days {
  const days = new Map<string, { passed: number; failed: number }>();
  for (const { beganAtMs, messages, passed } of items.toSorted((a, b) => a.beganAtMs - b.beganAtMs)) {
    const name = new Date(beganAtMs).toISOString().slice(0, 10);
    const day = days.get(name) ?? { passed: 0, failed: 0 };
    days.set(name, { passed: day.passed + passed, failed: day.failed + messages - passed });
  }
  const shown = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  return {
    names: [...days.keys()].map((name) => shown.format(new Date(name))),
    passed: [...days.values()].map(({ passed }) => passed),
    failed: [...days.values()].map(({ failed }) => failed),
  };
}
