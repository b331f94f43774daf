/**
 * What rules really do: which never apply, which lose everywhere, which contradict one another, and which are slower than they look.
 *
 * Findings are about what the settings say; rules that come with the program are only held against them.
 */
import {
  limitNames,
  type LimitName,
  type PoolOption,
  type ShapingOptions,
  type ShapingRule,
} from './options.ts';
import { perSecond, tellRate } from './rate.ts';
import { providerNamed, providers } from './rules/providers.ts';
import { limitText } from './explain.ts';
import { inForce, type Mail, type Receiver } from './rules/merge.ts';

export interface Finding {
  readonly rule: string;
  readonly is: 'neverApplies' | 'loses' | 'contradicts' | 'slow' | 'holdsBeside' | 'unused';
  readonly text: string;
}

/** Seconds that one message takes on a connection, as is usual with large receivers. */
const usualSeconds = 0.5;
/** A receiver that looks into each mail takes so long. */
const slowSeconds = 5;

export function lint(options: ShapingOptions): readonly Finding[] {
  const own = options.rules.filter(({ from }) => from === 'settings');
  return [
    ...own.flatMap((rule) => neverApplies(rule, options)),
    ...own.flatMap((rule) => loses(rule, options)),
    ...own.flatMap((rule) => contradicts(rule)),
    ...own.flatMap((rule) => slow(rule)),
    ...own.flatMap((rule) => holdsBeside(rule, options)),
    ...unusedSources(options),
  ];
}

function neverApplies(rule: ShapingRule, { sources }: ShapingOptions): Finding[] {
  const found: Finding[] = [];
  const say = (text: string): void => void found.push({ rule: rule.name, is: 'neverApplies', text });
  if (rule.source !== undefined && !sources.some(({ name }) => name === rule.source))
    say(`no source is called "${rule.source}"`);
  if (rule.across && rule.provider === undefined && rule.host !== undefined) {
    const of = providers.find((one) => one.hosts.some((pattern) => pattern === rule.host));
    if (!of) say(`"across" counts over the sites of a provider, and ${rule.host} is of none`);
  }
  const provider = rule.provider === undefined ? undefined : providerNamed(rule.provider);
  if (rule.provider !== undefined && provider === undefined) say(`no provider is called "${rule.provider}"`);
  if (provider && rule.host !== undefined && !provider.hosts.some((pattern) => overlaps(pattern, rule.host!)))
    say(`no mail server of ${provider.title} is called ${rule.host}: both conditions never hold at once`);
  if (
    provider &&
    rule.domain !== undefined &&
    rule.domain.endsWith('gmail.com') &&
    provider.name !== 'google'
  )
    say(`${rule.domain} is not at ${provider.title}`);
  return found;
}

const overlaps = (pattern: string, host: string): boolean =>
  host.endsWith(pattern) || (host.startsWith('.') && pattern.endsWith(host)) || host === pattern;

/** A receiver and a mail for which the rule was meant, as far as it says. */
function example(rule: ShapingRule): { receiver: Receiver; source: string; mail: Mail } {
  const named = rule.host?.startsWith('.') ? `mx${rule.host}` : rule.host;
  const provider = rule.provider ?? (rule.across ? 'google' : '');
  const hosts = named === undefined ? [] : [named];
  const any = (value: string | undefined, instead: string): string =>
    value === undefined ? '' : value === '*' ? instead : value.startsWith('.') ? `mail${value}` : value;
  return {
    receiver: { site: named ?? (provider || 'any site'), hosts, provider },
    source: rule.source ?? '',
    mail: {
      domain: any(rule.domain, 'example.jp'),
      org: any(rule.org, 'an organisation'),
      stream: rule.stream ?? 'bulk',
      campaign: any(rule.campaign, 'a campaign'),
    },
  };
}

/** Another rule says everything that this one says, wherever this one applies. */
function loses(rule: ShapingRule, { rules }: ShapingOptions): Finding[] {
  const { receiver, source, mail } = example(rule);
  const forIt = inForce(rules, receiver, { source, mail });
  return said(rule).flatMap((limit): Finding[] => {
    const winner = forIt.find((one) => one.limit === limit && one.beaten.includes(rule));
    if (!winner) return [];
    const text = `${limit} ${limitText(rule.limits[limit]!)} loses to ${winner.rule.name} (${limitText(winner.value)}), which names the receiver at least as precisely`;
    return [{ rule: rule.name, is: 'loses', text }];
  });
}

const said = (rule: ShapingRule): readonly LimitName[] =>
  limitNames.filter((limit) => rule.limits[limit] !== undefined);

function contradicts({ name, limits }: ShapingRule): Finding[] {
  const found: Finding[] = [];
  const { connections, connectionRate, messageRate, messagesPerConnection } = limits;
  if (connectionRate && messageRate && messagesPerConnection !== undefined) {
    const most = perSecond(connectionRate) * messagesPerConnection;
    if (most < perSecond(messageRate))
      found.push({
        rule: name,
        is: 'contradicts',
        text: `${tellRate(perSecond(connectionRate))} connections of ${messagesPerConnection} messages are at most ${tellRate(most)}: the rate of ${tellRate(perSecond(messageRate))} is never reached`,
      });
  }
  if (connections !== undefined && messageRate) {
    const most = connections / usualSeconds;
    if (most < perSecond(messageRate))
      found.push({
        rule: name,
        is: 'contradicts',
        text: `${connections} ${connections === 1 ? 'connection' : 'connections'} at ${usualSeconds} s a message are at most ${tellRate(most)}: the rate of ${tellRate(perSecond(messageRate))} is hardly reached`,
      });
  }
  return found;
}

/** What it comes to where a receiver takes its time. */
function slow({ name, limits }: ShapingRule): Finding[] {
  const found: Finding[] = [];
  const { connections, messagesPerConnection, messageRate, recipientsPerMessage, byteRate } = limits;
  if (connections !== undefined && connections < 5) {
    const rate = connections / slowSeconds;
    const by = messagesPerConnection === undefined ? '' : ` × ${messagesPerConnection} messages`;
    found.push({
      rule: name,
      is: 'slow',
      text: `${connections} ${connections === 1 ? 'connection' : 'connections'}${by} at ${slowSeconds} s each = at most ${tellRate(rate)}, ${perDay(rate)}`,
    });
  }
  if (messageRate && perSecond(messageRate) < 1)
    found.push({
      rule: name,
      is: 'slow',
      text: `${tellRate(perSecond(messageRate))} = ${perDay(perSecond(messageRate))}: a campaign of 100,000 takes ${days(100_000 / perSecond(messageRate))}`,
    });
  if (byteRate && perSecond(byteRate) < 100 * 1024)
    found.push({
      rule: name,
      is: 'slow',
      text: `mails of 50 KiB are at most ${tellRate(perSecond(byteRate) / 51_200)}`,
    });
  if (recipientsPerMessage === 1 && messagesPerConnection !== undefined && messagesPerConnection < 5)
    found.push({
      rule: name,
      is: 'slow',
      text: `a new connection, with TLS, for every ${messagesPerConnection} recipients`,
    });
  return found;
}

const perDay = (rate: number): string => `${Math.floor(rate * 86_400).toLocaleString('en')} a day`;
const days = (seconds: number): string =>
  seconds < 172_800 ? `${Math.ceil(seconds / 3600)} hours` : `${Math.ceil(seconds / 86_400)} days`;

/** A rule for some mail cannot let more through than the one for all. */
function holdsBeside(rule: ShapingRule, { rules }: ShapingOptions): Finding[] {
  const { receiver, source, mail } = example(rule);
  const forIt = inForce(rules, receiver, { source, mail });
  return said(rule).flatMap((limit): Finding[] => {
    const mine = rule.limits[limit]!;
    const tighter = forIt.find(
      (one) =>
        one.limit === limit &&
        one.rule !== rule &&
        !one.beaten.includes(rule) &&
        sizeOf(one.value) < sizeOf(mine),
    );
    if (!tighter) return [];
    const text = `${limit} ${limitText(mine)} is never reached: ${tighter.rule.name} (${limitText(tighter.value)} for ${tighter.counts}) holds besides and is tighter`;
    return [{ rule: rule.name, is: 'holdsBeside', text }];
  });
}

const sizeOf = (
  value: number | { readonly amount: number; readonly perMs: number; readonly burst: number },
): number => (typeof value === 'number' ? value : perSecond(value));

function unusedSources({ sources, pools }: ShapingOptions): Finding[] {
  if (pools.length === 0 || pools.some(takesAll)) {
    const used = new Set(pools.flatMap(({ members }) => members.map(({ source }) => source)));
    if (pools.length === 0) return [];
    return sources
      .filter(({ name }) => !used.has(name))
      .map(({ name }) => ({
        rule: `source ${name}`,
        is: 'unused',
        text: 'no pool has it, and a pool takes all mail',
      }));
  }
  return [];
}

const takesAll = ({ orgs, streams }: PoolOption): boolean => orgs.length === 0 && streams.length === 0;
