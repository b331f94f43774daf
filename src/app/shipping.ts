/** The mail log for log collectors, where the settings want it: JSON lines in a file, or messages to a syslog server. */
import { readFileSync } from 'node:fs';
import type { Settings } from '../config/schema.ts';
import { LineShipper, type ShipperOptions } from '../events/line-shipper.ts';
import { syslogLine } from '../events/syslog-line.ts';
import { parseSyslogServer, SyslogSender } from '../net/syslog-sender.ts';

const mebibyte = 1024 * 1024;

export function openShipper(
  { events, hostname }: Settings,
  parts: Pick<ShipperOptions, 'store' | 'clock' | 'log'>,
): LineShipper | undefined {
  if (events.shipTo === '') return undefined;
  const server = parseSyslogServer(events.shipTo);
  const ca = events.shipAuthority === '' ? {} : { ca: readFileSync(events.shipAuthority, 'utf8') };
  const sender = server && new SyslogSender({ ...server, ...ca }, parts.clock);
  return new LineShipper({
    store: parts.store,
    clock: parts.clock,
    log: parts.log,
    target: events.shipTo,
    fileMaxBytes: events.shipFileMiB * mebibyte,
    filesKept: events.shipFiles,
    write: (text) => void process.stdout.write(text),
    ...(sender && {
      send: (found) => sender.send(found.map((event) => syslogLine(event, hostname))),
    }),
  });
}
