/** Times that people mean when they put mail off, in their own time zone. */

export interface SnoozeTime {
  readonly name: 'evening' | 'tomorrow' | 'weekend' | 'nextWeek';
  readonly at: Date;
}

const morning = 8;
const evening = 18;
const saturday = 6;
const monday = 1;

export function snoozeTimes(now: Date): readonly SnoozeTime[] {
  const at = (plusDays: number, hour: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + plusDays, hour);
  // Today's own name stands for the one in a week.
  const daysTo = (weekday: number): number => ((weekday - now.getDay() + 6) % 7) + 1;
  return [
    ...(now.getHours() < evening - 1 ? [{ name: 'evening', at: at(0, evening) } as const] : []),
    { name: 'tomorrow', at: at(1, morning) },
    ...(now.getDay() !== saturday - 1 && now.getDay() !== saturday
      ? [{ name: 'weekend', at: at(daysTo(saturday), morning) } as const]
      : []),
    { name: 'nextWeek', at: at(daysTo(monday), morning) },
  ];
}
