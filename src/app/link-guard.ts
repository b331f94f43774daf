/** Which addresses programs may have us talk to over HTTPS: public ones, and what the settings add. */
import type { Settings } from '../config/schema.ts';
import { anyBlockContains, parseBlocks } from '../net/address-block.ts';
import { onlyPublic, type DialGuard } from '../net/dialer.ts';

export function linkGuard({ sendApi }: Pick<Settings, 'sendApi'>): DialGuard {
  const allowed = parseBlocks(sendApi.linkNetworks);
  return (ip) => onlyPublic(ip) || anyBlockContains(allowed, ip);
}
