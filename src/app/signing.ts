/** Puts together who signs and seals: policy, with the keys that the directory keeps; and who looks after these. */
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import { Administration } from '../directory/administration.ts';
import type { Directory } from '../directory/directory.ts';
import { KeyBox } from '../directory/key-box.ts';
import type { DelivererParts } from '../delivery/deliverer.ts';
import { Sealer } from '../policy/sealer.ts';
import { Signer } from '../policy/signer.ts';
import { keyName } from '../proto/dkim/key-record.ts';
import { Authorities } from '../records/authorities.ts';
import type { Store } from '../store/store.ts';
import { DkimCare } from './dkim-care.ts';
import { authorityParts, openResolver } from './open-resolver.ts';
import { authenticationOptions, dkimCareOptions } from './part-options.ts';

export interface SigningParts {
  readonly settings: Settings;
  readonly directory: Pick<Directory, 'signingKeys' | 'hasSigningKeys' | 'domain'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export const openKeyBox = ({ signing }: Settings): KeyBox => new KeyBox(signing.masterKey);

/** Undefined where the settings want nothing signed. */
export function openSigner({ settings, directory, log, metrics }: SigningParts): Signer | undefined {
  if (!settings.signing.sign) return undefined;
  const box = openKeyBox(settings);
  return new Signer({
    clock: systemClock,
    log,
    metrics,
    keysOf: (domain) => directory.signingKeys(domain),
    isOurs: async (domain) => (await directory.domain(domain)) !== undefined,
    hasKeys: () => directory.hasSigningKeys(),
    open: ({ domain, selector, kept }) => box.take(kept, keyName(selector, domain)),
  });
}

/** What is done to mail that is sent on. */
export function openForwarding(
  { settings, directory, log, metrics }: SigningParts & { readonly directory: Pick<Directory, 'returnPath'> },
  signer: Signer | undefined,
): NonNullable<DelivererParts['forwarding']> {
  const { forwarding } = settings;
  const { authservId } = authenticationOptions(settings);
  const keysFor = signer && ((domain: string) => signer.keysFor(domain));
  const sealer =
    forwarding.seal && keysFor && new Sealer({ clock: systemClock, log, metrics, authservId, keysFor });
  return {
    ...(forwarding.rewriteSender && { returnPath: (sender, via) => directory.returnPath(sender, via) }),
    ...(sealer && { seal: (header, domain) => sealer.for(header, domain) }),
  };
}

export interface CareParts extends Pick<SigningParts, 'settings' | 'log' | 'metrics'> {
  readonly store: Store;
}

/** For one thread of one process. Undefined where the settings want nothing signed. */
export function openDkimCare({ settings, store, log, metrics }: CareParts): DkimCare | undefined {
  if (!settings.signing.sign) return undefined;
  const keyBox = openKeyBox(settings);
  const resolver = openResolver(settings, metrics);
  return new DkimCare({
    store,
    clock: systemClock,
    log,
    resolver,
    authorities: () => new Authorities(authorityParts(settings, resolver)),
    administration: new Administration({ store, clock: systemClock, keyBox }),
    keyBox,
    options: dkimCareOptions(settings),
  });
}
