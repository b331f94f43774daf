/** The files in what is a mail itself: one that is attached as a file, and the wrapping of Outlook (TNEF, `winmail.dat`). */
import type { Packed } from '../../proto/archive/unpack.ts';
import { parseHeaders } from '../../proto/mime/headers.ts';
import { PartStream } from '../../proto/mime/part-stream.ts';
import { readTnef, type TnefMessage } from '../../proto/tnef/tnef.ts';

type File = Extract<Packed, { is: 'file' }>;

/** Its named parts, those of messages within it too. */
export function filesOfMail(bytes: Buffer): File[] {
  const files: File[] = [];
  const { end, bodyStart } = parseHeaders(bytes);
  const header = bytes.subarray(0, end);
  const stream = new PartStream(header, parseHeaders(header), ({ fileName: name }) => {
    if (name === '') return undefined;
    const pieces: Buffer[] = [];
    return {
      write: (piece) => void pieces.push(Buffer.from(piece)),
      end: () => void files.push({ is: 'file', name, bytes: Buffer.concat(pieces) }),
    };
  });
  stream.push(bytes.subarray(bodyStart));
  stream.end();
  return files;
}

export function filesOfTnef(bytes: Buffer): File[] {
  const message = readTnef(bytes);
  return message === undefined ? [] : attached(message);
}

const attached = ({ attachments }: TnefMessage): File[] =>
  attachments.flatMap(({ name, bytes, message }): File[] =>
    message === undefined ? [{ is: 'file', name: name || 'attachment', bytes }] : attached(message),
  );
