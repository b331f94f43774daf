/** Tar archives, of POSIX (ustar) and older: nothing in them is packed. */
import { takeFile, type Budget, type Packed } from './unpack.ts';
import { ArchiveError } from './zip-directory.ts';

const tarBlock = 512;

export function* untar(bytes: Buffer, budget: Budget): Generator<Packed, void, void> {
  for (let at = 0; at + tarBlock <= bytes.length; ) {
    const block = bytes.subarray(at, at + tarBlock);
    if (block.every((byte) => byte === 0)) return;
    const size = Number.parseInt(tarText(block, 124, 12).trim() || '0', 8);
    if (!(size >= 0) || !isTarBlock(block)) throw new ArchiveError('a tar file that is broken');
    const start = at + tarBlock;
    const type = String.fromCharCode(block[156]!);
    if (type === '0' || type === '\0' || type === '7') {
      takeFile(budget);
      const name = `${tarText(block, 345, 155)}${tarText(block, 345, 1) === '' ? '' : '/'}${tarText(block, 0, 100)}`;
      yield { is: 'file', name, bytes: bytes.subarray(start, start + size) };
    }
    at = start + Math.ceil(size / tarBlock) * tarBlock;
  }
}

function tarText(block: Buffer, from: number, length: number): string {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** By the sum of all octets, those of the sum itself taken as blanks. */
export function isTarBlock(block: Buffer): boolean {
  if (block.length < tarBlock) return false;
  const told = Number.parseInt(tarText(block, 148, 8).trim(), 8);
  let sum = 0;
  for (let i = 0; i < tarBlock; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!;
  return sum === told;
}
