/**
 * An IMAP client that believes nothing: it keeps the picture of a mailbox that the server has given it, and fails when an answer does not fit the picture.
 *
 * Checked of each line (RFC 3501, 7; RFC 7162; RFC 9051): EXISTS never falls, an EXPUNGE is of a message that is there and never comes within FETCH, STORE or SEARCH, a
 * FETCH is of a message that is known and never gives it another uid, uids rise, modseqs never fall.
 */
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';

export interface Seen {
  uid: number | undefined;
  flags: ReadonlySet<string> | undefined;
  modseq: number;
}

/** Commands during which message numbers hold still. */
const holding = /^(?:FETCH|STORE|SEARCH|SORT|THREAD) /;

interface Waiting {
  readonly tag: string;
  readonly command: string;
  readonly done: PromiseWithResolvers<Answer>;
  readonly lines: string[];
}

export interface Answer {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly text: string;
  readonly lines: readonly string[];
}

export class Mirror {
  readonly name: string;
  readonly messages: Seen[] = [];
  /** Known to have been there, and gone. */
  readonly vanished = new Set<number>();
  readonly #stream: Duplex;
  #rest = '';
  #tags = 0;
  #waiting: Waiting[] = [];
  #plus: PromiseWithResolvers<void> | undefined;
  readonly #log: string[] = [];
  #broken: Error | undefined;
  uidOnly = false;
  /** By NOTIFY: expunges are told at any moment (RFC 5465, 5). */
  atOnce = false;
  highest = 0;

  constructor(stream: Duplex, name: string) {
    this.#stream = stream;
    this.name = name;
    stream.on('data', (chunk: Buffer) => this.#heard(chunk.toString('latin1')));
    stream.on('close', () => this.#fail(new Error(`${name}: closed`)));
  }

  send(command: string): Promise<Answer> {
    const tag = `${this.name}${this.#tags++}`;
    const done = Promise.withResolvers<Answer>();
    done.promise.catch(() => undefined);
    this.#waiting.push({ tag, command, done, lines: [] });
    this.#note(`C: ${tag} ${command}`);
    if (this.#broken !== undefined) done.reject(this.#broken);
    else this.#stream.write(`${tag} ${command}\r\n`);
    return done.promise;
  }

  async ok(command: string): Promise<Answer> {
    const answer = await this.send(command);
    assert.equal(answer.status, 'OK', `${this.name}: ${command}: ${answer.text}\n${this.history()}`);
    return answer;
  }

  /** IDLE until `end` resolves. */
  async idle(end: Promise<void>): Promise<void> {
    this.#plus = Promise.withResolvers();
    const done = this.send('IDLE');
    await this.#plus.promise;
    await end;
    this.#stream.write('DONE\r\n');
    await done;
  }

  /** Forgets the picture: another mailbox is selected next. */
  reset(): void {
    this.messages.length = 0;
    this.vanished.clear();
    this.highest = 0;
  }

  uids(): number[] {
    return this.messages.map(({ uid }) => uid!);
  }

  history(): string {
    return this.#log.slice(-40).join('\n');
  }

  end(): void {
    this.#stream.removeAllListeners('close');
    this.#stream.resume().end();
  }

  #note(line: string): void {
    this.#log.push(line.slice(0, 400));
    if (this.#log.length > 400) this.#log.splice(0, 200);
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    for (const { done } of this.#waiting) done.reject(this.#broken);
    this.#plus?.reject(this.#broken);
  }

  #heard(text: string): void {
    this.#rest += text;
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end === -1) return;
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      this.#note(`S: ${line}`);
      try {
        this.#line(line);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        return this.#fail(new Error(`${this.name}: ${line}: ${said}\n${this.history()}`));
      }
    }
  }

  #line(line: string): void {
    if (line.startsWith('+ ')) return this.#plus?.resolve();
    const current = this.#waiting[0];
    const tagged =
      current && line.startsWith(`${current.tag} `) ? line.slice(current.tag.length + 1) : undefined;
    if (tagged !== undefined) {
      this.#waiting.shift();
      const status = tagged.slice(0, tagged.indexOf(' ')) as Answer['status'];
      current!.done.resolve({ status, text: tagged.slice(status.length + 1), lines: current!.lines });
      return;
    }
    assert(line.startsWith('* '), 'neither tagged nor untagged');
    current?.lines.push(line);
    this.#untagged(line.slice(2), current?.command ?? '');
  }

  #untagged(line: string, command: string): void {
    const exists = /^(\d+) EXISTS$/.exec(line);
    if (exists) return this.#exists(Number(exists[1]));
    const expunge = /^(\d+) EXPUNGE$/.exec(line);
    if (expunge) return this.#expunge(Number(expunge[1]), command);
    const vanished = /^VANISHED (\(EARLIER\) )?([\d:,]+)$/.exec(line);
    if (vanished) return this.#gone(numbersOf(vanished[2]!), vanished[1] !== undefined, command);
    const fetch = /^(\d+) (UID)?FETCH \((.*)\)$/.exec(line);
    if (fetch) return this.#fetch(Number(fetch[1]), fetch[2] !== undefined, fetch[3]!);
    const search = /^(?:SEARCH|SORT)([ \d]*)/.exec(line);
    if (search) this.#found(search[1]!.split(' ').filter(Boolean).map(Number), command);
    // What follows is of another selection.
    if (line.startsWith('OK [CLOSED]')) this.reset();
    assert(!line.startsWith('BYE') || command === 'LOGOUT', 'good-bye');
  }

  #found(numbers: readonly number[], command: string): void {
    assert.equal(new Set(numbers).size, numbers.length, 'found twice');
    for (const n of numbers) {
      if (command.startsWith('UID ')) assert(!this.vanished.has(n), 'found what was expunged');
      else assert(n >= 1 && n <= this.messages.length, 'a number beyond the mailbox');
    }
  }

  #exists(count: number): void {
    assert(count >= this.messages.length, `EXISTS fell from ${this.messages.length}`);
    while (this.messages.length < count) this.messages.push({ uid: undefined, flags: undefined, modseq: 0 });
  }

  #expunge(number: number, command: string): void {
    assert(!this.uidOnly, 'EXPUNGE after UIDONLY');
    assert(this.atOnce || !holding.test(command), `EXPUNGE during ${command}`);
    assert(number >= 1 && number <= this.messages.length, 'no such message');
    const [gone] = this.messages.splice(number - 1, 1);
    if (gone!.uid !== undefined) this.vanished.add(gone!.uid);
  }

  #gone(uids: readonly number[], earlier: boolean, command: string): void {
    if (!earlier) assert(!holding.test(command), `VANISHED during ${command}`);
    for (const uid of uids) {
      const at = this.messages.findIndex((each) => each.uid === uid);
      if (!earlier) {
        const place = at !== -1 ? at : this.#placeFor(uid);
        assert(place !== -1, `VANISHED ${uid} is not there`);
        this.messages.splice(place, 1);
      } else if (at !== -1) this.messages.splice(at, 1);
      this.vanished.add(uid);
    }
  }

  #fetch(number: number, byUid: boolean, text: string): void {
    assert.equal(byUid, this.uidOnly, 'FETCH or UIDFETCH');
    const uid = byUid ? number : Number(/\bUID (\d+)/.exec(text)?.[1] ?? Number.NaN);
    const message = byUid ? this.#byUid(uid) : this.messages[number - 1];
    if (message === undefined) {
      assert(byUid, 'no such message');
      return;
    }
    if (!Number.isNaN(uid)) {
      assert(!this.vanished.has(uid), `${uid} was expunged`);
      assert(message.uid === undefined || message.uid === uid, `has the uid ${message.uid}`);
      message.uid = uid;
      if (!byUid) this.#rises(number);
    }
    const flags = /\bFLAGS \(([^)]*)\)/.exec(text)?.[1];
    if (flags !== undefined) {
      const names = flags.split(' ').filter((flag) => flag !== '' && flag !== '\\Recent');
      message.flags = new Set(names.map((flag) => flag.toLowerCase()));
    }
    const modseq = /\bMODSEQ \((\d+)\)/.exec(text)?.[1];
    if (modseq === undefined) return;
    assert(Number(modseq) >= message.modseq, `MODSEQ fell from ${message.modseq}`);
    message.modseq = Number(modseq);
    this.highest = Math.max(this.highest, message.modseq);
  }

  #byUid(uid: number): Seen | undefined {
    const known = this.messages.find((each) => each.uid === uid);
    if (known !== undefined) return known;
    const fresh = this.messages[this.#placeFor(uid)];
    if (fresh !== undefined) fresh.uid = uid;
    return fresh;
  }

  /** Where a message stands whose uid was never told: between those with a lower and those with a higher one. */
  #placeFor(uid: number): number {
    // With UIDONLY there is no order to keep.
    if (this.uidOnly) return this.messages.findIndex((each) => each.uid === undefined);
    const above = this.messages.findIndex((each) => each.uid !== undefined && each.uid > uid);
    const end = above === -1 ? this.messages.length : above;
    const below = this.messages.slice(0, end).findLastIndex((each) => each.uid !== undefined);
    return below + 1 < end ? below + 1 : -1;
  }

  /** The uid is between those of its neighbours, as far as they are known. */
  #rises(number: number): void {
    const { uid } = this.messages[number - 1]!;
    const before = this.messages[number - 2]?.uid;
    const behind = this.messages[number]?.uid;
    assert(before === undefined || before < uid!, `uid ${uid} behind ${before}`);
    assert(behind === undefined || behind > uid!, `uid ${uid} before ${behind}`);
  }
}

export function numbersOf(set: string): number[] {
  return set.split(',').flatMap((part) => {
    const [from, to = from] = part.split(':').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
  });
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}
