/**
 * Large files in place of attachments: taken up in pieces, handed out by a link that ends by itself, with a password or a number of downloads if one likes, and
 * that its owner can end at any time.
 *
 * Promise: what a link leads to is whole, and is counted before its first octet leaves. The link's secret has 192 random bits; a password is kept as its scrypt
 * hash, and is asked for ten times an hour at most.
 */
import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { type AccountId, newSecret, type OrgId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { BodyWriter, StoredBody } from '../store/body.ts';
import type { Store } from '../store/store.ts';
import {
  downloadsMax as downloadsLimit,
  nameMaxChars,
  type ParcelOptions,
  passwordMaxChars,
  pieceMaxBytes,
} from './options.ts';
import {
  changeParcel,
  createParcel,
  dropParcel,
  finishParcel,
  forgetGuesses,
  noteGuess,
  type ParcelRow,
  putPiece,
  readParcel,
  readParcels,
  readPiece,
  takeParcel,
} from './rows.ts';

export interface Parcel {
  readonly account: AccountId;
  readonly id: string;
  /** What stands in the link. */
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly ready: boolean;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly hasPassword: boolean;
  readonly downloads: number;
  /** null: as often as one likes. */
  readonly downloadsMax: number | null;
}

export interface ParcelChange {
  readonly days?: number;
  /** Empty: none. */
  readonly password?: string;
  readonly downloadsMax?: number | null;
}

const dayMs = 24 * 60 * 60 * 1000;
const secretBytes = 24;
const keyForm = /^([a-z0-9]{1,40})-([A-Za-z0-9_-]{32})$/;
const derive = promisify<string, string, number, Buffer>(scrypt);
const hashBytes = 32;

export class Parcels {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly options: ParcelOptions;

  constructor(parts: { readonly store: Store; readonly clock: Clock; readonly options: ParcelOptions }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.options = parts.options;
  }

  /** Begins one. Refusal: messageTooLarge, limitReached, invalid, notAllowed. */
  async begin(
    owner: { readonly account: AccountId; readonly org: OrgId },
    given: { readonly name: string; readonly sizeBytes: number; readonly days?: number },
  ): Promise<Parcel> {
    const { fileMaxBytes, accountMaxBytes, days } = this.options;
    if (fileMaxBytes === 0) throw new Refusal('notAllowed', 'no files are handed out here');
    if (given.sizeBytes > fileMaxBytes)
      throw new Refusal('messageTooLarge', `above ${fileMaxBytes} octets`, { at: 'size' });
    const name = cleanName(given.name);
    const id = newSecret(secretBytes);
    const nowMs = this.#clock.nowMs();
    await this.#store.write(createParcel, {
      ...owner,
      id,
      name,
      size: given.sizeBytes,
      expires: nowMs + this.#days(given.days ?? days) * dayMs,
      nowMs,
      accountMaxBytes,
    });
    return (await this.#own(owner.account, id))!;
  }

  writer(): BodyWriter {
    return this.#store.bodies.writer();
  }

  /** The piece with this number, from 0. Refusal: notFound, conflict, messageTooLarge. */
  async put(account: AccountId, id: string, number: number, piece: StoredBody): Promise<void> {
    const sizeBytes = piece.is === 'file' ? piece.sizeBytes : piece.bytes.length;
    if (sizeBytes > pieceMaxBytes)
      throw new Refusal('messageTooLarge', `a piece above ${pieceMaxBytes} octets`);
    await this.#store.write(putPiece, { account, id, number, sizeBytes, body: piece });
  }

  async finish(account: AccountId, id: string): Promise<Parcel> {
    await this.#store.write(finishParcel, { account, id });
    return (await this.#own(account, id))!;
  }

  async change(account: AccountId, id: string, change: ParcelChange): Promise<Parcel> {
    const { days, password, downloadsMax } = change;
    if (password !== undefined && password.length > passwordMaxChars)
      throw new Refusal('invalid', `at most ${passwordMaxChars} characters`, { at: 'password' });
    if (typeof downloadsMax === 'number' && (downloadsMax < 1 || downloadsMax > downloadsLimit))
      throw new Refusal('invalid', `1 to ${downloadsLimit}`, { at: 'downloadsMax' });
    await this.#store.write(changeParcel, {
      account,
      id,
      ...(days !== undefined && { expires: this.#clock.nowMs() + this.#days(days) * dayMs }),
      ...(password !== undefined && { password: password === '' ? '' : await hashed(password, id) }),
      ...(downloadsMax !== undefined && { downloadsMax: downloadsMax ?? 0 }),
    });
    return (await this.#own(account, id))!;
  }

  /** Its link leads nowhere from now on. */
  async revoke(account: AccountId, id: string): Promise<void> {
    await this.#store.write(dropParcel, { account, id });
  }

  /** Those that have not ended, the newest first. */
  async list(account: AccountId): Promise<readonly Parcel[]> {
    const nowMs = this.#clock.nowMs();
    const found = await this.#store.read(() => readParcels(account));
    return found.filter(({ expires }) => expires > nowMs).map(shown);
  }

  /** What a link leads to; undefined: nothing, or no longer. */
  async find(key: string): Promise<Parcel | undefined> {
    const [, account, id] = keyForm.exec(key) ?? [];
    if (account === undefined || id === undefined) return undefined;
    const found = await this.#store.read(() => readParcel(account, id));
    if (found === undefined || found.ready !== 1 || found.expires <= this.#clock.nowMs()) return undefined;
    if (found.downloads_max > 0 && found.downloads >= found.downloads_max) return undefined;
    return shown(found);
  }

  /** Whether the password is the file's. Refusal: rateLimited. */
  async opens({ account, id, hasPassword }: Parcel, password: string): Promise<boolean> {
    if (!hasPassword) return true;
    await this.#store.write(noteGuess, { account, id, nowMs: this.#clock.nowMs() });
    const found = await this.#store.read(() => readParcel(account, id));
    if (found === undefined) return false;
    const is = Buffer.from(await hashed(password.slice(0, passwordMaxChars), id));
    const right = is.length === found.password.length && timingSafeEqual(is, Buffer.from(found.password));
    if (right) await this.#store.write(forgetGuesses, { account, id });
    return right;
  }

  /** Counts a download; false: it may not be had any more. */
  take({ account, id }: Parcel): Promise<boolean> {
    return this.#store.write(takeParcel, { account, id, nowMs: this.#clock.nowMs() });
  }

  /** All of it, piece by piece. One that is revoked meanwhile breaks off. */
  async *stream({ account, id, sizeBytes }: Parcel): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for (let number = 0; sent < sizeBytes; number++) {
      const piece = await this.#store.read(() => readPiece(account, id, number));
      if (piece === undefined) throw new Refusal('notFound', 'the file has gone');
      const { size, file, body } = piece;
      const stored: StoredBody =
        file === null ? { is: 'inline', bytes: body! } : { is: 'file', name: file, sizeBytes: size };
      yield* this.#store.bodies.stream(stored);
      sent += size;
    }
  }

  #days(days: number): number {
    if (!(days >= 1 && days <= this.options.daysMax))
      throw new Refusal('invalid', `1 to ${this.options.daysMax} days`, { at: 'days' });
    return days;
  }

  async #own(account: AccountId, id: string): Promise<Parcel | undefined> {
    const found = await this.#store.read(() => readParcel(account, id));
    return found && shown(found);
  }
}

/** Without what could be a path, or hide what it is (RFC 6266, 4.3). */
function cleanName(name: string): string {
  const clean = name
    .normalize('NFC')
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .replaceAll(/[/\\]/g, '_')
    .trim();
  if (clean === '' || clean.length > nameMaxChars || /^\.+$/.test(clean))
    throw new Refusal('invalid', `a name of 1 to ${nameMaxChars} characters`, { at: 'name' });
  return clean;
}

const hashed = async (password: string, salt: string): Promise<string> =>
  (await derive(password.normalize('NFKC'), salt, hashBytes)).toString('base64url');

function shown(row: ParcelRow): Parcel {
  return {
    account: row.account,
    id: row.id,
    key: `${row.account}-${row.id}`,
    name: row.name,
    sizeBytes: row.size,
    ready: row.ready === 1,
    createdAtMs: row.created,
    expiresAtMs: row.expires,
    hasPassword: row.password !== '',
    downloads: row.downloads,
    downloadsMax: row.downloads_max === 0 ? null : row.downloads_max,
  };
}
