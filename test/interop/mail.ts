/** Mails that tests send and look at. Kept as octets; read here with a few lines of our own, not with the code under test. */

export class Mail {
  readonly raw: Buffer;

  constructor(raw: Buffer) {
    this.raw = raw;
  }

  /** One character for each octet. */
  get text(): string {
    return this.raw.toString('latin1');
  }

  get body(): Buffer {
    return this.raw.subarray(this.#headerEnd + 4);
  }

  get #headerEnd(): number {
    return this.raw.indexOf('\r\n\r\n');
  }

  /** Values of all fields of this name, unfolded. */
  fields(name: string): string[] {
    const header = this.raw.subarray(0, this.#headerEnd + 2).toString('utf8');
    return fieldsOf(header)
      .filter(([key]) => key === name.toLowerCase())
      .map(([, value]) => value);
  }

  field(name: string): string | undefined {
    return this.fields(name)[0];
  }

  /** Parts of a multipart message, one level deep. */
  parts(): Mail[] {
    const boundary = /boundary="?([^";]+)"?/i.exec(this.field('content-type') ?? '')?.[1];
    if (boundary === undefined) return [];
    const pieces = this.text.split(`\r\n--${boundary}`).slice(1, -1);
    return pieces.map((piece) => new Mail(Buffer.from(piece.replace(/^[ \t]*\r\n/, ''), 'latin1')));
  }

  /** The fields of a delivery status notification (RFC 3464, 2.1): of the message, then of each recipient. */
  deliveryStatus(): Readonly<Record<string, string>>[] {
    const status = this.parts().find((part) =>
      /^message\/(?:global-)?delivery-status/i.test(part.field('content-type') ?? ''),
    );
    if (status === undefined) return [];
    const groups = status.body.toString('utf8').split('\r\n\r\n');
    return groups.filter((group) => group.trim() !== '').map((group) => Object.fromEntries(fieldsOf(group)));
  }
}

function fieldsOf(text: string): [name: string, value: string][] {
  const lines = text.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon === -1 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]];
  });
}

export interface Draft {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Further header lines. */
  readonly header?: readonly string[];
  /** With LF line ends. */
  readonly body?: string | Buffer;
}

/** A mail with nothing left for a submission server to add. */
export function compose({ from, to, subject, header = [], body = 'Hello.\n' }: Draft): Buffer {
  const fields = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    'Date: Tue, 24 Nov 2026 10:00:00 +0900',
    `Message-ID: <${Math.random().toString(36).slice(2)}@test.example>`,
    ...header,
  ];
  const text = typeof body === 'string' ? Buffer.from(body.replaceAll('\n', '\r\n'), 'latin1') : body;
  return Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n\r\n`), text]);
}

/** 「こんにちは、世界。」 in ISO-2022-JP, as one character for each octet. */
const helloJis = '\u001b$B$3$s$K$A$O!"@$3&!#\u001b(B';
/** 「山田」 and 「打診」 as encoded words in ISO-2022-JP. */
const yamada = '=?iso-2022-jp?B?GyRCOzNFRBsoQg==?=';
export const dashin = '=?iso-2022-jp?B?GyRCQkc/RxsoQg==?=';

/** A mail as Japanese mailers have written it for thirty years: ISO-2022-JP in header and body, an attachment with a name in RFC 2231. */
export function composeJapanese(from: string, to: string): Buffer {
  const raw = compose({
    from,
    to,
    subject: dashin,
    header: ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="=-jp-="'],
    body: `--=-jp-=
Content-Type: text/plain; charset=ISO-2022-JP
Content-Transfer-Encoding: 7bit

${helloJis}
--=-jp-=
Content-Type: text/csv; name="=?utf-8?B?6LOH5paZLmNzdg==?="
Content-Disposition: attachment; filename*=utf-8''%E8%B3%87%E6%96%99.csv
Content-Transfer-Encoding: base64

YSxiDQo=
--=-jp-=--
`,
  });
  return Buffer.from(
    raw.toString('latin1').replace(`From: <${from}>`, `From: ${yamada} <${from}>`),
    'latin1',
  );
}
