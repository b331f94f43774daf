/** Whether our own addresses are on block lists that others ask (DNSBL, RFC 5782). */
import { reverseName } from '../../net/address-block.ts';
import type { Resolver } from '../../net/resolver.ts';
import { finding, type Finding } from './finding.ts';

type Verdict = { readonly is: 'listed' | 'clean' | 'unknown'; readonly why: string };

export async function blockListFindings(
  lists: readonly string[],
  own: readonly string[],
  resolver: Resolver,
): Promise<readonly Finding[]> {
  if (lists.length === 0 || own.length === 0) return [];
  const findings: Finding[] = [];
  const clean = new Map<string, string[]>(own.map((address) => [address, []]));
  for (const list of lists) {
    const verdicts = await Promise.all(own.map((address) => askBlockList(list, address, resolver)));
    // A list that does not know the address made for trying it out cannot be relied on (RFC 5782, 5).
    const works = verdicts.some(({ is }) => is === 'listed') || (await isAlive(list, resolver));
    const broken =
      verdicts.find(({ is }) => is === 'unknown')?.why ?? (works ? '' : 'it does not list 127.0.0.2');
    if (broken !== '') findings.push(finding('note', 'listUnknown', { list, why: broken }));
    own.forEach((address, i) => {
      const { is, why } = verdicts[i]!;
      if (is === 'listed') findings.push(finding('bad', 'listed', { address, list, why }));
      else if (is === 'clean' && works) clean.get(address)!.push(list);
    });
  }
  for (const [address, free] of clean)
    if (free.length > 0) findings.push(finding('good', 'notListed', { address, lists: free.join(', ') }));
  return findings;
}

export async function askBlockList(list: string, address: string, resolver: Resolver): Promise<Verdict> {
  const name = queryName(list, address);
  const answer = await resolver.a(name);
  if (answer.is === 'failure') return { is: 'unknown', why: answer.reason };
  if (answer.is !== 'records') return { is: 'clean', why: '' };
  const codes = answer.records.filter((ip) => ip.startsWith('127.'));
  // What some lists say to those who ask through a resolver of everybody's.
  if (codes.some((ip) => ip.startsWith('127.255.255.')))
    return { is: 'unknown', why: `it refuses to tell (${codes.join(', ')})` };
  if (codes.length === 0) return { is: 'unknown', why: `it answers ${answer.records.join(', ')}` };
  const text = await resolver.txt(name);
  return { is: 'listed', why: text.is === 'records' ? text.records.join(' ') : codes.join(', ') };
}

async function isAlive(list: string, resolver: Resolver): Promise<boolean> {
  return (await resolver.a(`2.0.0.127.${list}`)).is === 'records';
}

function queryName(list: string, address: string): string {
  const reversed = (reverseName(address) ?? '').replace(/\.(?:in-addr|ip6)\.arpa$/, '');
  return `${reversed}.${list}`;
}
