/**
 * Looks whether this machine can do its work as a mail server: names, ways out, reputation, clock, disk, certificates. Needs no running server, and
 * changes nothing.
 */
import { noMetrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import type { Port25Verdict } from '../delivery/port25.ts';
import type { Resolver } from '../net/resolver.ts';
import { blockListFindings } from './doctor/block-lists.ts';
import { engineFindings } from './doctor/engines.ts';
import { finding, type Finding } from './doctor/finding.ts';
import { certificateFindings, clockFindings, diskFindings, fileFindings } from './doctor/machine.ts';
import { hostFindings, resolverFindings, reverseFindings } from './doctor/names.ts';
import { openResolver } from './open-resolver.ts';
import { lookAtPort25 } from './port25-watch.ts';
import { worldAddresses } from './world-addresses.ts';

export { finding, type Facts, type Finding, type FindingKey, type Level } from './doctor/finding.ts';

/** The checks one after another, each as soon as it is done: some wait for others on the network. */
export async function* examine(settings: Settings): AsyncGenerator<readonly Finding[], void, void> {
  const resolver = openResolver(settings, noMetrics);
  yield await resolverFindings(settings, resolver);
  const own = await worldAddresses(settings, resolver);
  yield await hostFindings(settings, own, resolver);
  yield await reverseFindings(settings, own, resolver);
  yield await port25Findings(settings, resolver);
  yield await blockListFindings(settings.doctor.blockLists, own, resolver);
  yield await engineFindings(settings, resolver);
  yield await clockFindings(settings, resolver);
  yield diskFindings(settings.data);
  yield fileFindings();
  yield certificateFindings(settings);
}

async function port25Findings(settings: Settings, resolver: Resolver): Promise<readonly Finding[]> {
  const verdict = await lookAtPort25(settings, resolver);
  if (verdict.is === 'unknown') return [finding('note', 'port25Unknown', { why: verdict.why })];
  if (verdict.is === 'open') {
    const { host, said } = verdict.tries.at(-1)!;
    return [finding('good', 'port25Open', { host, said })];
  }
  const tries = triesText(verdict);
  // A route for everything leaves nothing for port 25; one for what cannot be reached stands in.
  const routed = settings.routes.some((route) => route.domain === '*' && route.senders.length === 0);
  return [
    routed ? finding('good', 'port25ClosedButRouted', { tries }) : finding('bad', 'port25Closed', { tries }),
  ];
}

const triesText = ({ tries }: Port25Verdict): string =>
  tries.map(({ host, came, said }) => `${host}: ${came === 'odd' ? `says "${said}"` : came}`).join(', ');
