/** What this server can do by JMAP, in the order in which the session tells it. */
import type { HttpParts } from '../parts.ts';
import { blob } from './blob/capability.ts';
import { contacts } from './contacts/capability.ts';
import { core } from './core.ts';
import { mail } from './mail/mail.ts';
import { mdn } from './mdn/capability.ts';
import type { Capability, MakeCapability } from './method.ts';
import { push, webPushVapid } from './push/capability.ts';
import { webSocket } from './push/web-socket.ts';
import { quota } from './quota.ts';
import { principalOwner, sharing } from './sharing/capability.ts';
import { sieve } from './sieve/capability.ts';
import { submission } from './submission/capability.ts';
import { vacation } from './vacation/capability.ts';

const all: readonly MakeCapability[] = [
  core,
  push,
  webPushVapid,
  webSocket,
  mail,
  submission,
  vacation,
  mdn,
  sieve,
  blob,
  quota,
  contacts,
  sharing,
  principalOwner,
];

export const capabilitiesOf = (parts: HttpParts): readonly Capability[] => all.map((make) => make(parts));
