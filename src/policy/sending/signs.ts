/**
 * Signs that a login is in other hands, from what its account used to do. Pure: a profile, what was sent, and an opinion.
 *
 * Four signs: mail from a network that the account never sent from; far more than it ever sent in a day; mostly to people it never wrote to; much of it comes back.
 * A jump of volume together with two of the others pauses the login. Nobody is judged before his account is known for `knownFromMs`: there is nothing
 * to hold it against. There is no database of countries: a network is the first 16 bits of an IPv4 address, 32 of an IPv6 address.
 */
import { addressKind, parseAddress } from '../../net/address-block.ts';
import { tokenHash } from '../classifier/token-hash.ts';

export interface SendingProfile {
  /** The last event of the ledger that is in it. */
  readonly seq: number;
  readonly firstAtMs: number;
  /** The greatest number of recipients of a day, of each of the last days with mail; not the last 24 hours. */
  readonly days: readonly (readonly [day: number, recipients: number])[];
  /** Networks, and when each was met first and last. */
  readonly networks: readonly (readonly [network: string, firstAtMs: number, lastAtMs: number])[];
  /** Hashes of recipients, the newest last. */
  readonly known: readonly number[];
  /** What was sent within the window, by hour. */
  readonly hours: readonly HourOfSending[];
}

export interface HourOfSending {
  readonly hour: number;
  readonly recipients: number;
  readonly strangers: number;
  readonly fromNew: number;
  readonly bounced: number;
}

/** Something that the account sent, or that came back to it. */
export type SendingDeed =
  | {
      readonly is: 'sent';
      readonly seq: number;
      readonly atMs: number;
      readonly ip: string;
      readonly recipients: readonly string[];
    }
  | { readonly is: 'bounced'; readonly seq: number; readonly atMs: number };

export const newProfile = (atMs: number): SendingProfile => ({
  seq: 0,
  firstAtMs: atMs,
  days: [],
  networks: [],
  known: [],
  hours: [],
});

const hourMs = 3_600_000;
const windowHours = 24;
const daysKept = 30;
const networksMax = 50;
const knownMax = 3000;
/** A network is new for so long after its first mail. */
const newForMs = 24 * hourMs;
export const knownFromMs = 7 * 24 * hourMs;

/** What happened is added; what was there already is left alone. */
export function withDeed(profile: SendingProfile, deed: SendingDeed): SendingProfile {
  if (deed.seq <= profile.seq) return profile;
  const hour = Math.floor(deed.atMs / hourMs);
  const { days, hours } = aged(profile, hour);
  const base = { ...profile, seq: deed.seq, days };
  if (deed.is === 'bounced') return { ...base, hours: added(hours, { ...noHour, hour, bounced: 1 }) };
  const network = networkOf(deed.ip);
  const networks = network === undefined ? profile.networks : met(profile.networks, network, deed.atMs);
  const hashes = deed.recipients.map((each) => tokenHash(each.toLowerCase()));
  const known = new Set(profile.known);
  const strangers = hashes.filter((each) => !known.has(each)).length;
  for (const each of hashes) {
    known.delete(each);
    known.add(each);
  }
  const first = networks.find(([name]) => name === network)?.[1] ?? 0;
  const isNew = network !== undefined && deed.atMs - first < newForMs && first > profile.firstAtMs;
  const recipients = hashes.length;
  return {
    ...base,
    networks,
    known: [...known].slice(-knownMax),
    hours: added(hours, { hour, recipients, strangers, fromNew: isNew ? recipients : 0, bounced: 0 }),
  };
}

const noHour = { recipients: 0, strangers: 0, fromNew: 0, bounced: 0 };

/** Hours that have left the window become part of their days. */
function aged({ days, hours }: SendingProfile, hour: number): Pick<SendingProfile, 'days' | 'hours'> {
  const old = hours.filter((each) => each.hour <= hour - windowHours);
  if (old.length === 0) return { days, hours };
  const sums = new Map(days);
  for (const each of old) {
    const day = Math.floor(each.hour / windowHours);
    sums.set(day, (sums.get(day) ?? 0) + each.recipients);
  }
  const kept = [...sums].toSorted(([a], [b]) => a - b).slice(-daysKept);
  return { days: kept, hours: hours.filter((each) => each.hour > hour - windowHours) };
}

function added(hours: readonly HourOfSending[], more: HourOfSending): readonly HourOfSending[] {
  const same = hours.find(({ hour }) => hour === more.hour);
  if (same === undefined) return [...hours, more];
  const sum: HourOfSending = {
    hour: more.hour,
    recipients: same.recipients + more.recipients,
    strangers: same.strangers + more.strangers,
    fromNew: same.fromNew + more.fromNew,
    bounced: same.bounced + more.bounced,
  };
  return hours.map((each) => (each === same ? sum : each));
}

type Networks = SendingProfile['networks'];

function met(networks: Networks, network: string, atMs: number): Networks {
  const before = networks.find(([name]) => name === network);
  const others = networks.filter((each) => each !== before);
  return [...others, [network, before?.[1] ?? atMs, atMs] as const].slice(-networksMax);
}

/** Undefined for what is no network of the world: mail from inside, or from one's own. */
export function networkOf(ip: string): string | undefined {
  const address = parseAddress(ip);
  if (address === undefined || addressKind(ip) !== 'global') return undefined;
  const [size, prefix] = address.family === 4 ? [32, 16] : [128, 32];
  return `${address.family}:${(address.bits >> BigInt(size - prefix)).toString(16)}`;
}

export interface Signs {
  readonly recipients: number;
  /** The most that it sent in a day before. */
  readonly usual: number;
  readonly jump: boolean;
  readonly newNetwork: boolean;
  readonly strangers: boolean;
  readonly bounces: boolean;
}

/** Fewer recipients than this within the window are no jump, whatever was usual. */
const jumpMin = 100;
const jumpFactor = 4;
const strangersShare = 0.8;
const fromNewShare = 0.8;
const bouncesMin = 10;
const bouncesShare = 0.15;

export function signsOf({ days, hours }: SendingProfile): Signs {
  const sum = (of: keyof HourOfSending): number => hours.reduce((total, each) => total + each[of], 0);
  const recipients = sum('recipients');
  const usual = Math.max(0, ...days.map(([, sent]) => sent));
  return {
    recipients,
    usual,
    jump: recipients >= Math.max(jumpMin, usual * jumpFactor),
    newNetwork: recipients > 0 && sum('fromNew') >= recipients * fromNewShare,
    strangers: recipients > 0 && sum('strangers') >= recipients * strangersShare,
    bounces: sum('bounced') >= Math.max(bouncesMin, recipients * bouncesShare),
  };
}

export function isHijacked(profile: SendingProfile, signs: Signs, nowMs: number): boolean {
  if (nowMs - profile.firstAtMs < knownFromMs || !signs.jump) return false;
  return [signs.newNetwork, signs.strangers, signs.bounces].filter(Boolean).length >= 2;
}

/** For the log and for API: `jump 240/12, new network, strangers`. Words for people are made from it where they are told. */
export function signsText({ recipients, usual, newNetwork, strangers, bounces }: Signs): string {
  return [
    `jump ${recipients}/${usual}`,
    ...(newNetwork ? ['new network'] : []),
    ...(strangers ? ['strangers'] : []),
    ...(bounces ? ['bounces'] : []),
  ].join(', ');
}
