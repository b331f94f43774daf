/** Administration of what programs send with: streams, and networks and certificates that stand for a login. */
import { newCredentialId, type CredentialId, type OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { submitterKinds, type SendLimits, type Stream, type Submitter } from '../entities.ts';
import { formatBlock, parseBlock } from '../../net/address-block.ts';
import { streamKinds, unsubscribeKinds, type StreamKind, type UnsubscribeKind } from '../principal.ts';
import { givenStreams, streamsOf, submittersOf } from '../read/application.ts';
import { createSubmitter, deleteStream, deleteSubmitter, putStream } from '../write/application.ts';
import { checkedDomain, checkedName, checkedTime, type Office } from './office.ts';

/** Names, domains or networks of one credential. */
const limitItemsMax = 50;
const streamName = /^[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?$/;

export interface NewStream {
  readonly name: string;
  readonly kind: StreamKind;
  /** `none` unless told. */
  readonly unsubscribe?: UnsubscribeKind;
}

export class Streams {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** The two that every organisation has, and its own. */
  async list(org: OrgId): Promise<readonly Stream[]> {
    const given = givenStreams.map(
      (kind): Stream => ({ org, name: kind, kind, unsubscribe: 'none', createdAtMs: 0 }),
    );
    const own = await this.#office.store.read(() => streamsOf(org));
    return [...given, ...own];
  }

  async put(actor: Actor, org: OrgId, { name, kind, unsubscribe = 'none' }: NewStream): Promise<Stream> {
    const stream: Stream = {
      org,
      name: checkedStream(name, 'name'),
      kind,
      unsubscribe,
      createdAtMs: this.#office.clock.nowMs(),
    };
    if (givenStreams.includes(name as StreamKind))
      throw new Refusal('conflict', 'every organisation has that stream', { at: 'name' });
    if (!streamKinds.includes(kind))
      throw new Refusal('invalid', `must be ${streamKinds.join(' or ')}`, { at: 'kind' });
    if (!unsubscribeKinds.includes(unsubscribe))
      throw new Refusal('invalid', `must be ${unsubscribeKinds.join(', ')}`, { at: 'unsubscribe' });
    await this.#office.write(putStream, { change: this.#office.change(actor), stream });
    return stream;
  }

  async delete(actor: Actor, org: OrgId, name: string): Promise<void> {
    await this.#office.write(deleteStream, { change: this.#office.change(actor), org, name });
  }
}

export interface NewSubmitter {
  readonly kind: Submitter['kind'];
  /** An address or network; SHA-256 of the certificate, in hex with or without colons. */
  readonly value: string;
  readonly name: string;
  readonly limits?: SendLimits;
  readonly expiresAtMs?: number;
}

export class Submitters {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  list(org: OrgId): Promise<readonly Submitter[]> {
    return this.#office.store.read(() => submittersOf(org));
  }

  async create(actor: Actor, org: OrgId, input: NewSubmitter): Promise<Submitter> {
    if (!submitterKinds.includes(input.kind))
      throw new Refusal('invalid', `must be ${submitterKinds.join(' or ')}`, { at: 'kind' });
    // Whoever vouches for a network vouches for everybody in it, of whichever organisation.
    if (input.kind === 'network' && actor.limits)
      throw new Refusal('notAllowed', 'only the operator lets in a network', { at: 'kind' });
    const change = this.#office.change(actor);
    const submitter: Submitter = {
      id: newCredentialId(this.#office.clock),
      org,
      kind: input.kind,
      value: input.kind === 'network' ? checkedNetwork(input.value, 'value') : fingerprint(input.value),
      name: checkedName(input.name, 'name'),
      limits: checkedLimits(input.limits),
      createdBy: actor.by,
      createdAtMs: change.atMs,
      expiresAtMs: checkedTime(input.expiresAtMs, 'expiresAtMs'),
    };
    await this.#office.write(createSubmitter, { change, submitter });
    return submitter;
  }

  async delete(actor: Actor, org: OrgId, id: CredentialId): Promise<void> {
    await this.#office.write(deleteSubmitter, { change: this.#office.change(actor), org, id });
  }
}

/** As they are kept: each once, in their usual spelling. Whether streams and domains are there is seen when they are used. */
export function checkedLimits(limits: SendLimits = {}): SendLimits {
  const list = (name: 'streams' | 'domains' | 'networks', check: (text: string, at: string) => string) => {
    const given = limits[name];
    if (given === undefined) return {};
    const at = `limits.${name}`;
    if (given.length === 0) throw new Refusal('invalid', 'must not be empty', { at });
    if (given.length > limitItemsMax) throw new Refusal('limitReached', `at most ${limitItemsMax}`, { at });
    return { [name]: [...new Set(given.map((text, i) => check(text, `${at}.${i}`)))] };
  };
  return {
    ...list('streams', checkedStream),
    ...list('domains', checkedDomain),
    ...list('networks', checkedNetwork),
    ...(limits.test === true && { test: true as const }),
  };
}

function checkedStream(name: string, at: string): string {
  if (streamName.test(name)) return name;
  throw new Refusal('invalid', 'must be 1 to 40 small letters, digits, - or _', { at });
}

function checkedNetwork(text: string, at: string): string {
  const network = parseBlock(text);
  if (network === undefined) throw new Refusal('invalid', 'is not an IP address or network', { at });
  return formatBlock(network);
}

function fingerprint(text: string): string {
  const hex = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new Refusal('invalid', 'must be the SHA-256 fingerprint of a certificate, in hex', { at: 'value' });
}
