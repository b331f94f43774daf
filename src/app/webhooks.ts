/** Webhooks put together: the sender (one thread of each process has it), the desk of the API, and who is told when an endpoint is paused. */
import { systemClock } from '../base/clock.ts';
import { newMessageId, type OrgId } from '../base/ids.ts';
import type { Settings } from '../config/schema.ts';
import { fromInside } from '../intake/session-info.ts';
import { onlyPublic, type DialGuard } from '../net/dialer.ts';
import { anyBlockContains, parseBlocks } from '../net/address-block.ts';
import type { Resolver } from '../net/resolver.ts';
import { WebPoster } from '../net/web-post.ts';
import { splitAddress } from '../proto/smtp/path.ts';
import { WebhookDesk } from '../webhook/desk.ts';
import type { Endpoint } from '../webhook/endpoint.ts';
import { SecretBox } from '../webhook/secret-box.ts';
import { Webhooks } from '../webhook/webhooks.ts';
import type { ThreadParts } from './thread-parts.ts';
import { webhookNotice } from './webhook-notice.ts';

const boxOf = ({ signing }: Settings): SecretBox => new SecretBox(signing.masterKey);

function guardOf({ webhooks }: Settings): DialGuard {
  const allowed = parseBlocks(webhooks.allow);
  return (ip) => onlyPublic(ip) || anyBlockContains(allowed, ip);
}

const posterOf = (settings: Settings, resolver: Resolver): WebPoster =>
  new WebPoster({ resolver, clock: systemClock, guard: guardOf(settings) });

export function webhookDesk({ facts: { settings, store }, resolver }: ThreadParts): WebhookDesk {
  const poster = posterOf(settings, resolver);
  return new WebhookDesk({
    store,
    clock: systemClock,
    box: boxOf(settings),
    poster,
    plainHttp: settings.webhooks.plainHttp,
  });
}

export function startWebhooks(parts: ThreadParts): Webhooks {
  const { settings, store, log, metrics } = parts.facts;
  return new Webhooks({
    store,
    clock: systemClock,
    log,
    metrics,
    poster: posterOf(settings, parts.resolver),
    box: boxOf(settings),
    notify: (endpoint, reason, answer) => tellPaused(parts, endpoint, { reason, answer }),
  });
}

/** The postmaster of the organisation; of the server, for the operator's endpoints. */
async function tellPaused(
  { directory, intake, facts: { settings } }: ThreadParts,
  { org, settings: { url } }: Endpoint,
  why: { readonly reason: 'failing' | 'gone'; readonly answer: string },
): Promise<void> {
  const { hostname: hostName } = settings;
  const [domain] = org === '' ? [] : await directory.domainNames(org);
  const to = domain === undefined ? settings.smtp.postmaster : `postmaster@${domain}`;
  const address = splitAddress(to);
  if (!address) return;
  const language =
    (org === '' ? undefined : await directory.org(org as OrgId))?.language ?? settings.language;
  using mail = await intake.begin(fromInside, { sender: null, params: {} });
  await mail.recipient(address, {});
  const about = { url, ...why, to: [to], language, hostName };
  await mail.write(
    webhookNotice({ ...about, messageId: newMessageId(systemClock), atMs: systemClock.nowMs() }),
  );
  await mail.finish();
}
