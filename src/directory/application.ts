/** What a program that shows a credential may send: its limits and the organisation's streams, put together for one login. */
import type { AccountId, CredentialId, OrgId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { blockContains, parseBlock } from '../net/address-block.ts';
import type { SendLimits, Stream, Submitter } from './entities.ts';
import type { Application, Principal, StreamKind } from './principal.ts';

export interface Credential {
  readonly id: CredentialId;
  readonly org: OrgId;
  /** What it is, as in `Principal.credential`. */
  readonly is: 'key' | Submitter['kind'];
  readonly limits: SendLimits;
}

/** The program as whoever sends. `stream`: the one it asks for. Refusal `notAllowed`, `invalid`. */
export function programOf(
  { id, org, is, limits }: Credential,
  streams: readonly Stream[],
  stream?: string,
): Principal {
  const name = stream ?? limits.streams?.[0] ?? 'transactional';
  if (limits.streams !== undefined && !limits.streams.includes(name))
    throw new Refusal('notAllowed', `this credential may not send in stream ${name}`, { at: 'stream' });
  const application: Application = {
    stream: name,
    kind: kindOf(name, streams),
    domains: limits.domains ?? [],
    test: limits.test === true,
    unsubscribe: streams.find((one) => one.name === name)?.unsubscribe ?? 'none',
  };
  const account = id as string as AccountId;
  return { account, org, address: '', roles: [], credential: `${is}:${id}`, application };
}

/** Refusal `invalid`. */
export function kindOf(name: string, streams: readonly Stream[]): StreamKind {
  if (name === 'transactional' || name === 'bulk') return name;
  const found = streams.find((stream) => stream.name === name);
  if (found === undefined) throw new Refusal('invalid', `there is no stream ${name}`, { at: 'stream' });
  return found.kind;
}

/** Whether the credential may be shown from there. */
export function comesFrom({ networks }: SendLimits, ip: string): boolean {
  return networks === undefined || networks.some((network) => isIn(network, ip));
}

function isIn(network: string, ip: string): boolean {
  const block = parseBlock(network);
  return block !== undefined && blockContains(block, ip);
}

/** The program in this network; of several the one with the smallest. */
export function submitterAt(submitters: readonly Submitter[], ip: string): Submitter | undefined {
  const prefix = ({ value }: Submitter): number => parseBlock(value)?.prefix ?? 0;
  return submitters
    .filter(({ kind, value }) => kind === 'network' && isIn(value, ip))
    .sort((a, b) => prefix(b) - prefix(a))[0];
}
