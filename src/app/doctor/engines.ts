/** Whether the engines that the settings name answer. */
import { systemClock } from '../../base/clock.ts';
import type { Settings } from '../../config/schema.ts';
import type { Resolver } from '../../net/resolver.ts';
import { parseServiceAddress, serviceText, type ServiceAddress } from '../../net/service-dial.ts';
import { ServiceHttp } from '../../net/service-request.ts';
import { clamavVersion } from '../../policy/clamav.ts';
import { greetMilter } from '../../policy/milters.ts';
import { pingRspamd } from '../../policy/rspamd.ts';
import { pingSpamd } from '../../policy/spamassassin.ts';
import { milterOptions } from '../open-milters.ts';
import { finding, type Finding } from './finding.ts';

const timeoutMs = 10_000;

/** Resolves with what the engine says of itself. */
type Ask = (address: ServiceAddress) => Promise<string>;

export async function engineFindings(settings: Settings, resolver: Resolver): Promise<readonly Finding[]> {
  const dialer = { clock: systemClock, resolver };
  const asked: readonly [engine: string, address: string, ask: Ask][] = [
    ['ClamAV', settings.clamav.address, (address) => clamavVersion(dialer, address, timeoutMs)],
    [
      'SpamAssassin',
      settings.spamassassin.address,
      async (address) => {
        await pingSpamd(dialer, address, timeoutMs);
        return 'PONG';
      },
    ],
    [
      'rspamd',
      settings.rspamd.address,
      async (address) => {
        using http = new ServiceHttp(address, systemClock);
        await pingRspamd(http, timeoutMs);
        return 'pong';
      },
    ],
    ...milterOptions(settings).map((milter): [string, string, Ask] => [
      `milter ${milter.name}`,
      serviceText(milter.address),
      async () => `version ${await greetMilter(dialer, milter)}`,
    ]),
  ];
  const findings = await Promise.all(asked.map((one) => engineFinding(...one)));
  return findings.filter((found) => found !== undefined);
}

async function engineFinding(engine: string, text: string, ask: Ask): Promise<Finding | undefined> {
  const address = parseServiceAddress(text);
  if (address === undefined) return undefined;
  try {
    return finding('good', 'engineAnswers', { engine, address: text, said: await ask(address) });
  } catch (error) {
    return finding('bad', 'engineSilent', { engine, address: text, why: (error as Error).message });
  }
}
