/** Times at which people let mail leave, in their own time zone. */
export interface Preset {
  readonly key: 'thisEvening' | 'tomorrowMorning' | 'tomorrowAfternoon' | 'mondayMorning';
  readonly ms: number;
}

function at(nowMs: number, days: number, hour: number): number {
  const day = new Date(nowMs);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hour).getTime();
}

export function presets(nowMs: number): readonly Preset[] {
  const weekday = new Date(nowMs).getDay();
  const toMonday = (8 - weekday) % 7 || 7;
  return [
    ...(new Date(nowMs).getHours() < 17 ? [{ key: 'thisEvening' as const, ms: at(nowMs, 0, 18) }] : []),
    { key: 'tomorrowMorning', ms: at(nowMs, 1, 8) },
    { key: 'tomorrowAfternoon', ms: at(nowMs, 1, 13) },
    // On a Sunday that is tomorrow.
    ...(toMonday > 1 ? [{ key: 'mondayMorning' as const, ms: at(nowMs, toMonday, 8) }] : []),
  ];
}

/** As a field for date and time has it: `2026-11-25T08:00`. */
export function localTime(ms: number): string {
  const day = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T${two(day.getHours())}:${two(day.getMinutes())}`;
}
