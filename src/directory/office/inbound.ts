/** Administration of routes that hand mail to programs, and of domains that stand in mail for an organisation. */
import { randomBytes } from 'node:crypto';
import { newCredentialId, type CredentialId, type OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { InboundRoute, SendingDomain, SendingPurpose } from '../entities.ts';
import { inboundRoutesOf, sendingDomainsOf } from '../read/inbound.ts';
import {
  createInboundRoute,
  deleteInboundRoute,
  rotateInboundSecret,
  deleteSendingDomain,
  putSendingDomain,
} from '../write/inbound.ts';
import { checkedDomain, type Office } from './office.ts';

const patternShape = /^[a-z0-9!#$%&'+/=?^_`{|}~.*-]{1,64}$/;
const attachmentsUsualBytes = 10 * 1024 * 1024;
export const attachmentsMostBytes = 35 * 1024 * 1024;
const secretBytes = 32;

export interface NewInboundRoute {
  /** `support@here.test`, `ticket-*@here.test`, `*@here.test` or `@here.test`. */
  readonly address: string;
  readonly url: string;
  readonly raw?: boolean;
  readonly attachmentsMaxBytes?: number;
}

export class InboundRoutes {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  list(org: OrgId): Promise<readonly InboundRoute[]> {
    return this.#office.store.read(() => inboundRoutesOf(org));
  }

  async create(actor: Actor, org: OrgId, input: NewInboundRoute): Promise<InboundRoute> {
    const { address, url, raw = false, attachmentsMaxBytes = attachmentsUsualBytes } = input;
    const at = address.lastIndexOf('@');
    const pattern = at === 0 ? '*' : address.slice(0, Math.max(at, 0)).toLowerCase();
    if (at === -1 || !patternShape.test(pattern))
      throw new Refusal('invalid', 'must be an address, `*` in it for anything', { at: 'address' });
    if (attachmentsMaxBytes > attachmentsMostBytes)
      throw new Refusal('invalid', `at most ${attachmentsMostBytes}`, { at: 'attachmentsMaxBytes' });
    const change = this.#office.change(actor);
    const route: InboundRoute = {
      id: newCredentialId(this.#office.clock),
      org,
      domain: checkedDomain(address.slice(at + 1), 'address'),
      pattern,
      url: checkedUrl(url),
      secret: newSecret(),
      options: { raw, attachmentsMaxBytes },
      createdAtMs: change.atMs,
    };
    await this.#office.write(createInboundRoute, { change, route });
    return route;
  }

  /** Gives the new secret; the old one signs beside it for `overlapMs`. */
  async rotate(
    actor: Actor,
    org: OrgId,
    { id, overlapMs }: { readonly id: CredentialId; readonly overlapMs: number },
  ): Promise<string> {
    const secret = newSecret();
    const change = this.#office.change(actor);
    await this.#office.write(rotateInboundSecret, {
      change,
      org,
      id,
      secret,
      untilMs: change.atMs + overlapMs,
    });
    return secret;
  }

  async delete(actor: Actor, org: OrgId, id: CredentialId): Promise<void> {
    await this.#office.write(deleteInboundRoute, { change: this.#office.change(actor), org, id });
  }
}

const newSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`;

/** Whether the address behind it may be reached is seen each time. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new Refusal('invalid', 'must be an https URL without credentials', { at: 'url' });
  return url.href;
}

export class SendingDomains {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  list(org: OrgId): Promise<readonly SendingDomain[]> {
    return this.#office.store.read(() => sendingDomainsOf(org));
  }

  async put(
    actor: Actor,
    org: OrgId,
    given: { readonly purpose: SendingPurpose; readonly name: string },
  ): Promise<SendingDomain> {
    const change = this.#office.change(actor);
    const name = checkedDomain(given.name, 'name');
    const domain: SendingDomain = { name, org, purpose: given.purpose, createdAtMs: change.atMs };
    await this.#office.write(putSendingDomain, { change, domain });
    return domain;
  }

  async delete(actor: Actor, org: OrgId, purpose: SendingPurpose): Promise<void> {
    await this.#office.write(deleteSendingDomain, { change: this.#office.change(actor), org, purpose });
  }
}
