/**
 * What happens to mail for an address, told step by step: what intake and delivery do with it (rewriting, then expansion.ts), each with what it
 * comes from, and what they would say to the sender. For people who wonder; mail itself never goes through here.
 */
import type { AccountId, OrgId } from '../base/ids.ts';
import type { Account } from './account.ts';
import { readAddress } from './address.ts';
import type { Directory } from './directory.ts';
import { requiredNames } from './read/resolve.ts';
import { withDetail, type Resolution } from './resolution.ts';

export type ExplainedStep = {
  /** 0 for the address itself, 1 for what it leads to, and so on. */
  readonly depth: number;
  readonly address: string;
} & (
  | { readonly is: 'rewritten'; readonly to: string }
  /** The domain has the addresses of another. */
  | { readonly is: 'aliasDomain'; readonly to: string }
  /** Nobody has the name, but every domain has it (RFC 5321, 4.5.1; RFC 2142): mail goes to who is responsible. */
  | { readonly is: 'responsible'; readonly to: string }
  | { readonly is: Expanded['why']; readonly to: readonly string[] }
  /** `copy`: its mail goes on to others too. */
  | {
      readonly is: 'account';
      readonly account: AccountId;
      readonly name: string;
      readonly detail: string;
      readonly copy: boolean;
    }
  | { readonly is: 'disabled'; readonly name: string }
  | { readonly is: 'remote'; readonly domain: string }
  | { readonly is: 'unknown' | 'otherOrg' | 'again' | 'tooDeep' | 'tooMany' | 'noAddress' }
);

export interface Explanation {
  readonly asked: string;
  readonly steps: readonly ExplainedStep[];
  /** Whether a message from another server is taken for it. `relayed`: not one of ours, taken from our own users only. */
  readonly verdict: 'taken' | 'relayed' | 'unknown' | 'disabled' | 'loop' | 'otherOrg' | 'notAnAddress';
}

type Step = ExplainedStep extends infer S ? (S extends ExplainedStep ? Omit<S, 'depth'> : never) : never;
type Expanded = Extract<Resolution, { is: 'expanded' }>;

export type ExplainFrom = Pick<Directory, 'resolve' | 'rewrite' | 'account' | 'orgOf'>;

export interface ExplainOptions {
  /** What is another organisation's is told as such only; undefined: all is seen. */
  readonly org: OrgId | undefined;
  /** As intake has it. */
  readonly depthMax: number;
  readonly stepsMax: number;
}

export async function explain(
  directory: ExplainFrom,
  asked: string,
  options: ExplainOptions,
): Promise<Explanation> {
  const walk = new Walk(directory, options);
  const read = readAddress(asked);
  if (read === undefined && asked.toLowerCase() !== 'postmaster') {
    walk.tell(0, { address: asked, is: 'noAddress' });
    return { asked, steps: walk.steps, verdict: 'notAnAddress' };
  }
  const owner = await directory.orgOf(read?.domain ?? '');
  if (options.org !== undefined && owner !== undefined && owner !== options.org) {
    walk.tell(0, { address: asked, is: 'otherOrg' });
    return { asked, steps: walk.steps, verdict: 'otherOrg' };
  }
  const address = await directory.rewrite(asked, 'in', 'envelope');
  if (address !== asked) walk.tell(0, { address: asked, is: 'rewritten', to: address });
  const found = await directory.resolve(address);
  await walk.take(address, found, 0);
  return { asked, steps: walk.steps, verdict: verdictOf(found, walk) };
}

function verdictOf(found: Resolution, walk: Walk): Explanation['verdict'] {
  if (found.is === 'remote') return 'relayed';
  if (found.is === 'unknown' || found.is === 'disabled') return found.is;
  if (walk.tooDeep) return 'loop';
  if (walk.reached > 0) return 'taken';
  return walk.circle ? 'loop' : 'unknown';
}

class Walk {
  readonly steps: ExplainedStep[] = [];
  /** Mailboxes and addresses elsewhere that the mail gets to. */
  reached = 0;
  circle = false;
  tooDeep = false;
  readonly #directory: ExplainFrom;
  readonly #options: ExplainOptions;
  readonly #visited = new Set<string>();

  constructor(directory: ExplainFrom, options: ExplainOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  tell(depth: number, step: Step): void {
    this.steps.push({ depth, ...step });
  }

  async take(address: string, found: Resolution, depth: number): Promise<void> {
    this.#visited.add(address.toLowerCase());
    if (found.is === 'remote') return this.#remote(address, depth);
    if (found.is === 'unknown') return this.tell(depth, { address, is: 'unknown' });
    const { org } = this.#options;
    if (org !== undefined && found.org !== org) {
      this.reached += 1;
      return this.tell(depth, { address, is: 'otherOrg' });
    }
    if (found.is === 'disabled') {
      const name = (await this.#directory.account(found.account))?.name ?? address;
      return this.tell(depth, { address, is: 'disabled', name });
    }
    this.#domainOf(address, found, depth);
    if (found.is === 'account') return this.#account(address, found, { depth, copy: false });
    await this.#expanded(address, found, depth);
  }

  /** Of which domain the address was found, when it is not the one that was written. */
  #domainOf(
    address: string,
    found: Exclude<Resolution, { is: 'remote' | 'unknown' | 'disabled' }>,
    depth: number,
  ): void {
    const written = readAddress(address)?.domain;
    const domain = found.address.slice(found.address.lastIndexOf('@') + 1);
    if (written === undefined || written === domain || !found.address.includes('@')) return;
    this.tell(depth, { address, is: 'aliasDomain', to: found.address });
  }

  async #account(
    address: string,
    found: { readonly account: AccountId; readonly address: string; readonly mailboxDetail: string },
    { depth, copy }: { depth: number; copy: boolean },
  ): Promise<void> {
    const account = await this.#directory.account(found.account);
    const name = account?.name ?? found.address;
    if (isStandIn(account, found.address)) this.tell(depth, { address, is: 'responsible', to: name });
    this.reached += 1;
    this.tell(depth, {
      address,
      is: 'account',
      account: found.account,
      name,
      detail: found.mailboxDetail,
      copy,
    });
  }

  #remote(address: string, depth: number): void {
    const domain = readAddress(address)?.domain;
    if (domain === undefined) return this.tell(depth, { address, is: 'noAddress' });
    this.reached += 1;
    this.tell(depth, { address, is: 'remote', domain });
  }

  async #expanded(address: string, found: Expanded, depth: number): Promise<void> {
    const { depthMax, stepsMax } = this.#options;
    const { alsoAccount } = found;
    if (alsoAccount !== undefined)
      await this.#account(address, { ...found, account: alsoAccount }, { depth, copy: true });
    this.tell(depth, { address, is: found.why, to: found.to });
    if (depth >= depthMax) {
      this.tooDeep = true;
      return this.tell(depth + 1, { address, is: 'tooDeep' });
    }
    for (const member of found.to) {
      if (this.steps.length >= stepsMax) return this.tell(depth + 1, { address, is: 'tooMany' });
      const { address: next, resolution } = await withDetail(this.#directory, member, { address, found });
      if (this.#visited.has(next.toLowerCase())) {
        this.circle = true;
        this.tell(depth + 1, { address: next, is: 'again' });
      } else await this.take(next, resolution, depth + 1);
    }
  }
}

/** The account was not found by an address of its own. */
function isStandIn(account: Account | undefined, matched: string): boolean {
  const local = matched.split('@')[0]!.toLowerCase();
  return account !== undefined && account.name !== matched && requiredNames.has(local);
}
