/** The thread that reads attachments: one at a time; whoever asked ends it when one takes too long or too much. */
import { parentPort } from 'node:worker_threads';
import { officeText } from './office.ts';
import { pdfText } from './pdf.ts';

export interface ExtractRequest {
  readonly kind: 'pdf' | 'docx' | 'xlsx' | 'pptx' | 'odf';
  readonly bytes: Uint8Array;
  readonly charactersMax: number;
}

/** Undefined when it cannot be read. */
export type ExtractReply = string | undefined;

async function textOf({ kind, bytes, charactersMax }: ExtractRequest): Promise<ExtractReply> {
  try {
    const text = kind === 'pdf' ? await pdfText(bytes, charactersMax) : officeText(kind, bytes);
    return text.slice(0, charactersMax);
  } catch {
    return undefined;
  }
}

parentPort!.on('message', (request: ExtractRequest) => {
  void textOf(request).then((text) => parentPort!.postMessage(text satisfies ExtractReply));
});
