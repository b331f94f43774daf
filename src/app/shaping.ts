/** From the settings of shaping, which people write, to its options; and what is wrong with them. */
import { systemClock } from '../base/clock.ts';
import type { Problem } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import { parseAddress } from '../net/address-block.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { shapingDefaults } from '../shaping/defaults.ts';
import type {
  Limits,
  ReplyRule,
  ShapingOptions,
  ShapingRule,
  SourceOption,
  SourceProxy,
} from '../shaping/options.ts';
import { Nodes, sharedShare } from '../shaping/nodes.ts';
import { providerNames } from '../shaping/provider-list.ts';
import { readRate } from '../shaping/rate.ts';
import { Shaper } from '../shaping/shaper.ts';
import { SharedTable } from '../shaping/shared-table.ts';
import type { ThreadFacts } from './thread-parts.ts';

type RuleSettings = Settings['shaping']['rules'][number];

export function shapingOptions(settings: Settings): ShapingOptions {
  const { shaping, delivery, doctor } = settings;
  return {
    ...shapingDefaults,
    rules: [...shapingDefaults.rules, ...shaping.rules.map(ruleOption)],
    replies: [...shaping.replies.map(replyOption), ...shapingDefaults.replies],
    sources: shaping.sources.map(sourceOption),
    pools: shaping.pools.map((pool) => ({
      name: pool.name,
      orgs: pool.orgs,
      streams: pool.streams,
      members: pool.sources.map((source, i) => ({ source, weight: pool.weights[i] ?? 1 })),
    })),
    learn: shaping.learn,
    connectionMessages: delivery.messagesPerConnectionMax,
    connectionsMax: delivery.connectionsPerSiteMax,
    warmUpFirst: shaping.warmUpFirst,
    warmUpGrowth: shaping.warmUpGrowth,
    warmUpDays: shaping.warmUpDays,
    blockLists: shaping.watchBlockLists ? doctor.blockLists : [],
    domains: shaping.domains.map(({ domain, warmUpFrom }) => ({ domain: domainOf(domain), warmUpFrom })),
    weights: shaping.weights,
  };
}

function ruleOption(rule: RuleSettings, i: number): ShapingRule {
  const { provider, host, source, domain, org, stream, across, why } = rule;
  return {
    ...(provider !== '' && { provider: provider.toLowerCase() }),
    ...(host !== '' && { host: host.toLowerCase() }),
    ...(source !== '' && { source }),
    ...(domain !== '' && { domain: domainOf(domain) }),
    ...(org !== '' && { org }),
    ...(stream !== '' && { stream }),
    ...(rule.campaign !== '' && { campaign: rule.campaign }),
    across,
    limits: limitsOf(rule),
    why,
    from: 'settings',
    name: `settings ${i + 1}`,
  };
}

function domainOf(text: string): string {
  const lower = text.toLowerCase();
  if (lower === '*') return lower;
  const below = lower.startsWith('.') || lower.startsWith('*.');
  const bare = lower.replace(/^\*?\./, '');
  return (below ? '.' : '') + (domainToAscii(bare) ?? bare);
}

function limitsOf(rule: RuleSettings): Limits {
  const { connections } = rule;
  const messagesPerConnection = rule.messagesPerConnection;
  const recipientsPerMessage = rule.recipientsPerMessage;
  const connectionRate = readRate(rule.connectionRate);
  const messageRate = readRate(rule.messageRate);
  const byteRate = readRate(rule.byteRate);
  return {
    ...(connections > 0 && { connections }),
    ...(messagesPerConnection > 0 && { messagesPerConnection }),
    ...(recipientsPerMessage > 0 && { recipientsPerMessage }),
    ...(connectionRate && { connectionRate }),
    ...(messageRate && { messageRate }),
    ...(byteRate && { byteRate }),
  };
}

function replyOption(reply: Settings['shaping']['replies'][number], i: number): ReplyRule {
  const { provider, org, says, about, why } = reply;
  return {
    ...(provider !== '' && { provider }),
    ...(org !== '' && { org }),
    ...(reply.campaign !== '' && { campaign: reply.campaign }),
    says: new RegExp(says, 'i'),
    phases: reply.phases,
    does: reply.does,
    forMs: reply.minutes * 60_000,
    about,
    why,
    name: `settings ${i + 1}`,
  };
}

function sourceOption(source: Settings['shaping']['sources'][number]): SourceOption {
  const { name, addresses, hostname, proxy, warmUpFrom } = source;
  return { name, addresses, hostname, proxy: proxyOf(proxy), warmUpFrom };
}

function proxyOf(text: string): SourceProxy | undefined {
  const found = /^(socks5|haproxy):\/\/(?:([^:@/]*):([^@/]*)@)?(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})\/?$/.exec(
    text,
  );
  if (!found) return undefined;
  const [, is, username = '', password = '', six, four, port] = found;
  const login = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { is: is as SourceProxy['is'], host: (six ?? four)!, port: Number(port), ...login };
}

export function openShaper({
  settings,
  index,
  threads,
  shapingTable,
  shapingKept,
  log,
}: ThreadFacts): Shaper {
  const table = new SharedTable(shapingTable, threads, index);
  // What this thread had in hand before it was started again ended with it.
  table.forgetThread(index);
  const share =
    settings.store.engine === 'postgres' ? { share: sharedShare(table, systemClock.nowMs()) } : {};
  const parts = { options: shapingOptions(settings), table, clock: systemClock, log, kept: shapingKept };
  return new Shaper({ ...parts, ...share });
}

/** Where several nodes may share a store, they share the limits too. One thread of each says that it is there. */
export async function joinNodes({
  settings,
  index,
  threads,
  shapingTable,
  store,
  log,
  node,
}: ThreadFacts): Promise<Nodes | undefined> {
  if (settings.store.engine !== 'postgres' || index !== 0) return undefined;
  const table = new SharedTable(shapingTable, threads, index);
  const nodes = new Nodes({ store, clock: systemClock, log, table, node });
  await nodes.start();
  return nodes;
}

/** What no schema can see. */
export function shapingProblems({ shaping }: Settings): Problem[] {
  const problems: Problem[] = [];
  const say = (path: string, text: string): void => void problems.push({ path: `shaping.${path}`, text });
  const sources = new Set(shaping.sources.map(({ name }) => name));
  for (const [i, rule] of shaping.rules.entries()) {
    if (rule.provider !== '' && !providerNames.has(rule.provider.toLowerCase()))
      say(`rules.${i}.provider`, `is no provider: ${rule.provider}`);
    if (rule.source !== '' && !sources.has(rule.source))
      say(`rules.${i}.source`, `is no source: ${rule.source}`);
    if (Object.keys(limitsOf(rule)).length === 0) say(`rules.${i}`, 'limits nothing');
  }
  for (const [i, reply] of shaping.replies.entries()) {
    if (!isExpression(reply.says)) say(`replies.${i}.says`, `is no regular expression: ${reply.says}`);
    if (reply.provider !== '' && !providerNames.has(reply.provider))
      say(`replies.${i}.provider`, `is no provider: ${reply.provider}`);
  }
  for (const [i, source] of shaping.sources.entries()) sourceProblems(source, `sources.${i}`, say);
  for (const [i, one] of shaping.domains.entries())
    if (Number.isNaN(Date.parse(one.warmUpFrom)))
      say(`domains.${i}.warmUpFrom`, `is no day: ${one.warmUpFrom}`);
  for (const [i, pool] of shaping.pools.entries())
    for (const [n, name] of pool.sources.entries())
      if (!sources.has(name)) say(`pools.${i}.sources.${n}`, `is no source: ${name}`);
  return problems;
}

function sourceProblems(
  { addresses, proxy, warmUpFrom }: Settings['shaping']['sources'][number],
  path: string,
  say: (path: string, text: string) => void,
): void {
  for (const [n, address] of addresses.entries())
    if (parseAddress(address) === undefined) say(`${path}.addresses.${n}`, `is no IP address: ${address}`);
  if (proxy !== '' && proxyOf(proxy) === undefined)
    say(`${path}.proxy`, 'is neither socks5://user:password@address:port nor haproxy://address:port');
  if (addresses.length === 0 && proxy === '') say(path, 'has neither addresses nor a proxy');
  if (warmUpFrom !== '' && Number.isNaN(Date.parse(warmUpFrom)))
    say(`${path}.warmUpFrom`, `is no day: ${warmUpFrom}`);
}

function isExpression(text: string): boolean {
  try {
    RegExp(text, 'i');
    return true;
  } catch {
    return false;
  }
}
