/**
 * The column `lanes` of a message, JSON `[lane, destination…]`: where its entries are. Once a recipient has become others, the addresses that the
 * message has reached stand behind in an array of their own: none is reached twice, so what leads to itself comes to an end.
 */
export interface Lanes {
  readonly lane: string;
  readonly destinations: readonly string[];
  readonly reached: readonly string[];
}

export function writeLanes({ lane, destinations, reached }: Lanes): string {
  const places = [lane, ...destinations];
  return JSON.stringify(reached.length === 0 ? places : [...places, reached]);
}

export function readLanes(column: string): Lanes {
  const [lane, ...rest] = JSON.parse(column) as [string, ...(string | string[])[]];
  const last = rest.at(-1);
  const reached = Array.isArray(last) ? last : [];
  return { lane, destinations: rest.filter((place) => typeof place === 'string'), reached };
}
