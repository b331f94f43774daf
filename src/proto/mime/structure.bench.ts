/** Speed of the MIME indexer: `node src/proto/mime/structure.bench.ts`. Prints MB/s and µs a message for shapes of mail. */
import { indexMessage } from './structure.ts';

const text = `${'The quick brown fox jumps over the lazy dog, and again and again.'.repeat(1)}\r\n`;
const base64 = `${'QUJD'.repeat(19)}\r\n`;
const header = [
  'Received: from a.example by b.example with ESMTPS id 1; Tue, 24 Nov 2026 04:00:00 +0000',
  'DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=k; h=from:to:subject;\r\n\tbh=abc; b=def',
  'From: =?UTF-8?B?5bGx55Sw5aSq6YOO?= <taro@example.jp>',
  'To: Hanako <hanako@example.jp>, Jiro <jiro@example.jp>',
  'Subject: =?UTF-8?B?5Lya6K2w44Gu44GK55+l44KJ44Gb?=',
  'Date: Tue, 24 Nov 2026 13:00:00 +0900',
  'Message-ID: <1234@example.jp>',
  'MIME-Version: 1.0',
].join('\r\n');

function mixed(attachmentLines: number): Buffer {
  const parts = [
    `Content-Type: text/plain; charset=utf-8\r\n\r\n${text.repeat(40)}`,
    `Content-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64.repeat(attachmentLines)}`,
  ];
  return Buffer.from(
    `${header}\r\nContent-Type: multipart/mixed; boundary="b1"\r\n\r\n${parts.map((part) => `--b1\r\n${part}\r\n`).join('')}--b1--\r\n`,
  );
}

function nested(levels: number): Buffer {
  let message = `${header}\r\n\r\n${text.repeat(2000)}`;
  for (let i = 0; i < levels; i++) message = `${header}\r\nContent-Type: message/rfc822\r\n\r\n${message}`;
  return Buffer.from(message);
}

const shapes: Record<string, Buffer> = {
  'plain text 4 KiB': Buffer.from(`${header}\r\n\r\n${text.repeat(50)}`),
  'mixed with attachment 400 KiB': mixed(5200),
  'mixed with attachment 20 MiB': mixed(268_000),
  'ten messages nested 140 KiB': nested(10),
  'four million delimiters look-alikes': Buffer.from(
    `${header}\r\nContent-Type: multipart/mixed; boundary="b1"\r\n\r\n--b1\r\n\r\n${'--b\n'.repeat(4_000_000)}`,
  ),
};

for (const [name, bytes] of Object.entries(shapes)) {
  const rounds = Math.max(3, Math.ceil(50e6 / bytes.length / (bytes.length < 10_000 ? 5 : 1)));
  for (let i = 0; i < Math.min(rounds, 300); i++) indexMessage(bytes);
  const start = process.cpuUsage();
  for (let i = 0; i < rounds; i++) indexMessage(bytes);
  const used = process.cpuUsage(start);
  const us = (used.user + used.system) / rounds;
  console.log(
    `${name.padEnd(40)} ${(bytes.length / us).toFixed(0).padStart(6)} MB/s ${us.toFixed(0).padStart(8)} µs CPU a message`,
  );
}
