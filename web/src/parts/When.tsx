/** A time: how long ago or ahead, with the exact time on hover. */
import { useEffect, useState } from 'react';
import { useWords, type Language } from '../words.ts';

const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const tickMs = 30_000;

export function exactTime(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeStyle: 'medium' }).format(
    atMs,
  );
}

/** As it is written where the person is, if that speaks the language of the page. */
export function localeOf(language: Language): string {
  return navigator.languages.find((each) => each.startsWith(language)) ?? language;
}

export function relativeTime(
  atMs: number,
  nowMs: number,
  { language, now }: { language: Language; now: string },
): string {
  const seconds = (atMs - nowMs) / 1000;
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  if (!step) return Math.abs(seconds) < 20 ? now : format(language, Math.round(seconds), 'second');
  return format(language, Math.trunc(seconds / step[1]), step[0]);
}

function format(language: Language, value: number, unit: Intl.RelativeTimeFormatUnit): string {
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }).format(value, unit);
}

/** 0 stands for never. */
export function When({ atMs }: { readonly atMs: number }) {
  const { t, language } = useWords('parts');
  const nowMs = useNow();
  if (atMs === 0) return <span>{t('never')}</span>;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={exactTime(atMs, language)}>
      {relativeTime(atMs, nowMs, { language, now: t('now') })}
    </time>
  );
}

export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}

/** A length of time, short: `340 ms`, `2.4 s`, `3 min 5 s`, `2 h 10 min`. */
export function lengthOfTime(ms: number, language: Language): string {
  const part = (value: number, unit: string, digits = 0): string =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value);
  if (ms < 1000) return part(Math.round(ms), 'millisecond');
  if (ms < 60_000) return part(ms / 1000, 'second', 1);
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const first = units.findIndex(([, size]) => ms >= size);
  const [unit, size] = units[first]!;
  const next = units[first + 1];
  const whole = Math.floor(ms / size);
  const rest = next ? Math.floor((ms % size) / next[1]) : 0;
  return [part(whole, unit), ...(next && rest > 0 ? [part(rest, next[0])] : [])].join(' ');
}

export function bytesText(bytes: number, language: Language): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step]!,
    unitDisplay: 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}
