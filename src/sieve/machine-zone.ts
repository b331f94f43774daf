/** The time zone of the machine: minutes east of UTC at a time. */
export const machineZone = (atMs: number): number => -new Date(atMs).getTimezoneOffset();
