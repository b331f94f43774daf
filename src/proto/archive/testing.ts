/** For tests: archives made by hand, right and wrong. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface TestEntry {
  readonly name: string | Buffer;
  readonly bytes: Buffer | string;
  readonly encrypted?: boolean;
  readonly stored?: boolean;
  readonly method?: number;
  /** What the list says of its size. */
  readonly claims?: number;
}

export function zipOf(entries: readonly TestEntry[], { comment = '', before = '' } = {}): Buffer {
  const files: Buffer[] = [Buffer.from(before)];
  const list: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { head, packed, name } = parts(entry);
    const local = Buffer.alloc(30);
    local.write('PK\x03\x04', 'latin1');
    head.copy(local, 4);
    files.push(local, name, packed);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 'latin1');
    head.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    list.push(central, name);
    offset += local.length + name.length + packed.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...files, directory, end, Buffer.from(comment)]);
}

/** What local header and list have in common: 26 octets from the version on. */
function parts(entry: TestEntry): { head: Buffer; packed: Buffer; name: Buffer } {
  const bytes = Buffer.from(entry.bytes);
  const name = Buffer.from(entry.name);
  const packed = entry.stored ? bytes : deflateRawSync(bytes);
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE((entry.encrypted ? 1 : 0) | (typeof entry.name === 'string' ? 0x800 : 0), 2);
  head.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4);
  head.writeUInt32LE(crc32(bytes), 10);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(entry.claims ?? bytes.length, 18);
  head.writeUInt16LE(name.length, 22);
  return { head, packed, name };
}

export function tarOf(files: Readonly<Record<string, Buffer | string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const block = Buffer.alloc(512);
    block.write(name, 0);
    block.write('0000644\0', 100);
    block.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    block.write('        ', 148);
    block.write('0', 156);
    block.write('ustar\x0000', 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A RAR 5 archive of files that are not there. */
export function rar5Of(names: readonly string[], { encrypted = false, hidden = false } = {}): Buffer {
  const block = (body: readonly number[]): Buffer => Buffer.from([0, 0, 0, 0, body.length, ...body]);
  const files = names.map((name) => {
    const text = Buffer.from(name);
    // Record of encryption: size, type 1, and what is not read here.
    const extra = encrypted ? [3, 1, 0, 0] : [];
    const flags = encrypted ? [1, extra.length] : [0];
    return block([2, ...flags, 0, 0, 0, 0, 0, text.length, ...text, ...extra]);
  });
  const mark = Buffer.from('Rar!\x1a\x07\x01\0', 'latin1');
  const main = hidden ? block([4, 0, 0, 0]) : block([1, 0, 0]);
  return Buffer.concat([mark, main, ...files, block([5, 0, 0])]);
}

/** A RAR 4 archive of empty files. */
export function rar4Of(names: readonly string[], { encrypted = false, hidden = false } = {}): Buffer {
  const mark = Buffer.from('Rar!\x1a\x07\0', 'latin1');
  const main = Buffer.alloc(13);
  main[2] = 0x73;
  main.writeUInt16LE(hidden ? 0x80 : 0, 3);
  main.writeUInt16LE(13, 5);
  const files = names.map((name) => {
    const text = Buffer.from(name);
    const head = Buffer.alloc(32 + text.length);
    head[2] = 0x74;
    head.writeUInt16LE(0x8000 | (encrypted ? 4 : 0), 3);
    head.writeUInt16LE(head.length, 5);
    head.writeUInt16LE(text.length, 26);
    text.copy(head, 32);
    return head;
  });
  return Buffer.concat([mark, main, ...files]);
}
