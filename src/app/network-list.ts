/** Lists of networks as operators keep them: one in a line or several, `#` before remarks. */
import { parseAddress, parseBlock, type AddressBlock } from '../net/address-block.ts';

export interface ListedNetworks {
  readonly networks: readonly AddressBlock[];
  /** What is no network, with where it is. */
  readonly problems: readonly string[];
}

/** `place` is what the list is called in problems. */
export function networksIn(text: string, place: string): ListedNetworks {
  const networks: AddressBlock[] = [];
  const problems: string[] = [];
  const lines = text.split(/\r?\n/);
  lines.forEach((line, i) => {
    for (const word of line.replace(/#.*/, '').split(/[\s,]+/)) {
      if (word === '') continue;
      const network = strictBlock(word);
      if (typeof network !== 'string') networks.push(network);
      else problems.push(`${place}${lines.length > 1 ? `, line ${i + 1}` : ''}: ${network}`);
    }
  });
  return { networks, problems };
}

/** `192.0.2.77/24` is a slip: for one address or for the whole network, which differ much. */
function strictBlock(word: string): AddressBlock | string {
  const block = parseBlock(word);
  if (block === undefined) return `${word} is no IP address or network`;
  const address = parseAddress(word.split('/')[0]!)!;
  if (address.bits === block.bits) return block;
  return `${word} names one address within a network: write the one or the other`;
}
