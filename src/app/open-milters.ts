/** Milters, as the settings have them. */
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../config/schema.ts';
import type { Resolver } from '../net/resolver.ts';
import { parseServiceAddress } from '../net/service-dial.ts';
import type { MilterOptions } from '../policy/milter-options.ts';
import { Milters } from '../policy/milters.ts';
import type { Bodies } from '../store/body.ts';

export interface MilterParts {
  readonly settings: Settings;
  readonly resolver: Pick<Resolver, 'a' | 'aaaa'>;
  readonly bodies: Pick<Bodies, 'writer'>;
  readonly log: Log;
}

const secondMs = 1000;
const mebibyte = 1024 * 1024;

/** Undefined when there are none. */
export function openMilters({ settings, resolver, bodies, log }: MilterParts): Milters | undefined {
  const milters = milterOptions(settings);
  if (milters.length === 0) return undefined;
  const { hostname: hostName, smtp } = settings;
  const dialer = { clock: systemClock, resolver };
  return new Milters({ milters, dialer, bodies, log, hostName, messageMaxBytes: smtp.messageMiB * mebibyte });
}

export function milterOptions({ milters }: Settings): readonly MilterOptions[] {
  return milters.flatMap((given) => {
    const address = parseServiceAddress(given.address);
    if (address === undefined) return [];
    const { name, direction, failure: onFailure } = given;
    const keepsConnections = given.keepConnections;
    const timeouts = {
      commandMs: given.timeoutSeconds * secondMs,
      contentMs: given.messageTimeoutSeconds * secondMs,
    };
    return [{ name, address, direction, onFailure, keepsConnections, timeouts }];
  });
}
