/** The mail log as JSON lines for log collectors, where the settings want it. */
import type { Settings } from '../config/schema.ts';
import { LineShipper, type ShipperOptions } from '../events/line-shipper.ts';

const mebibyte = 1024 * 1024;

export function openShipper(
  { events }: Settings,
  parts: Pick<ShipperOptions, 'store' | 'clock' | 'log'>,
): LineShipper | undefined {
  if (events.shipTo === '') return undefined;
  return new LineShipper({
    store: parts.store,
    clock: parts.clock,
    log: parts.log,
    target: events.shipTo,
    fileMaxBytes: events.shipFileMiB * mebibyte,
    filesKept: events.shipFiles,
    write: (text) => void process.stdout.write(text),
  });
}
