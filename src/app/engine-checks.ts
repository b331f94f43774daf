/** Outside engines as checks of the chain, as the settings have them. */
import { systemClock } from '../base/clock.ts';
import type { Settings } from '../config/schema.ts';
import type { Resolver } from '../net/resolver.ts';
import { parseServiceAddress, type ServiceAddress, type ServiceDialer } from '../net/service-dial.ts';
import { ServiceHttp } from '../net/service-request.ts';
import type { Check } from '../policy/check.ts';
import { Clamav } from '../policy/clamav.ts';
import { engineCheck, type Engine, type EngineSettings } from '../policy/engine.ts';
import { Rspamd } from '../policy/rspamd.ts';
import { SpamAssassin } from '../policy/spamassassin.ts';

const secondMs = 1000;
const mebibyte = 1024 * 1024;

type EngineSection = Settings['clamav'] | Settings['spamassassin'] | Settings['rspamd'];

export function engineChecks(settings: Settings, resolver: Pick<Resolver, 'a' | 'aaaa'>): readonly Check[] {
  const { clamav, spamassassin, rspamd, hostname } = settings;
  const dialer: ServiceDialer = { clock: systemClock, resolver };
  const check = (
    name: string,
    section: EngineSection,
    open: (given: { name: string; address: ServiceAddress; timeoutMs: number }) => Engine,
  ): Check[] => {
    const address = parseServiceAddress(section.address);
    if (address === undefined) return [];
    const timeoutMs = section.timeoutSeconds * secondMs;
    const common: EngineSettings = {
      name,
      timeoutMs,
      onFailure: section.failure,
      messageMaxBytes: section.messageMiB * mebibyte,
      direction: section.direction,
    };
    const engine = open({ name, address, timeoutMs });
    return [engineCheck(engine, common, { hostName: hostname, clock: systemClock })];
  };
  return [
    ...check('clamav', clamav, (given) => new Clamav(dialer, { ...given, action: clamav.action })),
    ...check('spamassassin', spamassassin, (given) => {
      const { user, weight } = spamassassin;
      return new SpamAssassin(dialer, { ...given, user, weight });
    }),
    ...check('rspamd', rspamd, ({ name, address, timeoutMs }) => {
      const http = new ServiceHttp(address, systemClock);
      const { password, weight } = rspamd;
      return new Rspamd(http, { name, timeoutMs, password, weight, obey: rspamd.obey, hostName: hostname });
    }),
  ];
}
