/** The ARC sets of a header, read and put in order (RFC 8617, 4). What breaks the order or the grammar breaks the chain. */
import { BadSignature, readSignature, type Algorithm, type Signature } from '../dkim/signature.ts';
import { base64Value, numberValue, parseTagList, type TagList } from '../dkim/tag-list.ts';
import type { HeaderBlock, HeaderField } from '../mime/headers.ts';

export type ChainValidation = 'none' | 'pass' | 'fail';

export interface Seal {
  readonly algorithm: Algorithm;
  readonly cv: ChainValidation;
  readonly domain: string;
  readonly selector: string;
  readonly signature: Buffer;
  readonly sealedAtSeconds: number | undefined;
}

/** What one forwarder left. */
export interface ArcSet {
  readonly instance: number;
  /** ARC-Authentication-Results, ARC-Message-Signature, ARC-Seal. */
  readonly fields: {
    readonly results: HeaderField;
    readonly message: HeaderField;
    readonly seal: HeaderField;
  };
  /** What stands behind `i=N;` of the results: authserv-id and all. */
  readonly results: string;
  /**
   * More than one when `c=` is missing: `simple`, as RFC 6376 has it, or `relaxed`, which was the only way when ARC was young and which some
   * signers still leave unsaid.
   */
  readonly message: readonly [Signature, ...Signature[]];
  readonly seal: Seal;
}

export interface BrokenChain {
  readonly broken: string;
  /** The highest instance that any field names; 0 when none can be read. */
  readonly instances: number;
}

/** RFC 8617, 4.2.1. */
export const instancesMax = 50;

const names = {
  'arc-authentication-results': 'results',
  'arc-message-signature': 'message',
  'arc-seal': 'seal',
} as const;
type Part = (typeof names)[keyof typeof names];

interface Gathered {
  readonly field: HeaderField;
  readonly value: string;
}

/** The sets from the first to the last; empty when there is no chain. */
export function readChain(header: Buffer, block: HeaderBlock): readonly ArcSet[] | BrokenChain {
  const gathered = new Map<string, Gathered>();
  let instances = 0;
  let broken = '';
  for (const field of block.fields) {
    if (!Object.hasOwn(names, field.name)) continue;
    const part = names[field.name as keyof typeof names];
    const value = header.toString('utf8', field.valueStart, field.end);
    const instance = instanceOf(part, value);
    if (instance === undefined) broken ||= `${field.name} without an instance`;
    else {
      instances = Math.max(instances, instance);
      if (gathered.has(`${instance} ${part}`)) broken ||= `${field.name} ${instance} stands twice`;
      gathered.set(`${instance} ${part}`, { field, value });
    }
  }
  if (broken !== '') return { broken, instances };
  if (instances * Object.keys(names).length !== gathered.size)
    return { broken: 'a set is not whole', instances };
  const sets: ArcSet[] = [];
  for (let instance = 1; instance <= instances; instance++) {
    const set = readSet(instance, (part) => gathered.get(`${instance} ${part}`));
    if (typeof set === 'string') return { broken: set, instances };
    sets.push(set);
  }
  return sets;
}

function instanceOf(part: Part, value: string): number | undefined {
  const text =
    part === 'results'
      ? /^[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*(\d+)[ \t\r\n]*;/.exec(value)?.[1]
      : parseTagList(value)?.get('i');
  const instance = text === undefined ? undefined : numberValue(text, 2);
  return instance !== undefined && instance >= 1 && instance <= instancesMax ? instance : undefined;
}

function readSet(instance: number, find: (part: Part) => Gathered | undefined): ArcSet | string {
  const [results, message, seal] = [find('results'), find('message'), find('seal')];
  if (!results || !message || !seal) return `set ${instance} is not whole`;
  const signature = readSignature(message.value, { arc: true });
  if (signature instanceof BadSignature) return `message signature ${instance}: ${signature.why}`;
  // RFC 8617, 4.1.2: later seals could not be added otherwise.
  if (signature.headers.includes('arc-seal')) return `message signature ${instance} covers seals`;
  const unsaid = parseTagList(message.value)?.has('c') === false;
  const read = readSeal(seal.value, instance);
  if (typeof read === 'string') return `seal ${instance}: ${read}`;
  return {
    instance,
    fields: { results: results.field, message: message.field, seal: seal.field },
    results: results.value.slice(results.value.indexOf(';') + 1).trim(),
    message: unsaid ? [signature, { ...signature, header: 'relaxed', body: 'relaxed' }] : [signature],
    seal: read,
  };
}

function readSeal(value: string, instance: number): Seal | string {
  const tags = parseTagList(value);
  if (tags === undefined) return 'not a tag list';
  // RFC 8617, 4.1.3: what a seal covers is fixed.
  if (tags.has('h')) return 'it names fields';
  const algorithm = tags.get('a')?.toLowerCase();
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return 'unknown algorithm';
  const signature = base64Value(tags.get('b') ?? '');
  const [domain, selector] = [tags.get('d')?.toLowerCase() ?? '', tags.get('s') ?? ''];
  if (signature === undefined || domain === '' || selector === '') return 'a tag is missing';
  const cv = validationOf(tags, instance);
  if (cv === undefined) return 'wrong cv=';
  const t = tags.get('t');
  const sealedAtSeconds = t === undefined ? undefined : numberValue(t, 12);
  if (t !== undefined && sealedAtSeconds === undefined) return 't= is not a time';
  return { algorithm, cv, domain, selector, signature, sealedAtSeconds };
}

/** The first seal says `none`, the others `pass`; a chain that failed goes on no further (RFC 8617, 5.1.2). */
function validationOf(tags: TagList, instance: number): ChainValidation | undefined {
  const cv = tags.get('cv')?.toLowerCase();
  if (cv === 'fail') return 'fail';
  return cv === (instance === 1 ? 'none' : 'pass') ? cv : undefined;
}
