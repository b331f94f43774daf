/** Mails that are alike in every run: number i has always the same bytes. One in a hundred has `needle` in its subject, one in five hundred `haystackpin` in its text. */
import { createHash } from 'node:crypto';

const words =
  `time year people way day man thing woman life child world school state family student group country problem hand part place case week company system program question work
  government number night point home water room mother area money story fact month lot right study book eye job word business issue side kind head house service friend father
  power hour game line end member law car city community name president team minute idea body information back parent face others level office door health person art war history
  party result change morning reason research girl guy moment air teacher force education`.split(/\s+/);

const epochMs = Date.UTC(2020, 8, 13);
const betweenMs = 61_000;

/** Numbers that look random and depend on `seed` alone (xorshift32). */
export function numbersFrom(seed: number): (below: number) => number {
  let x = (seed * 2_654_435_761 + 1) | 0 || 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

export function generatedMail(index: number, sizeBytes = 4096): Buffer {
  const next = numbersFrom(index);
  const word = (): string => words[next(words.length)]!;
  const subject = Array.from({ length: 3 + next(6) }, word).join(' ') + (index % 100 === 7 ? ' needle' : '');
  const who = word();
  const hash = (of: number): string => createHash('md5').update(String(of)).digest('hex');
  const id = hash(index);
  const parent = hash(-1 - Math.floor(index / 3));
  const date = new Date(epochMs + index * betweenMs).toUTCString().replace('GMT', '+0000');
  const lines = [
    `Return-Path: <${who}.${index}@example.org>`,
    `Received: from mail${index % 9}.example.org (mail${index % 9}.example.org [192.0.2.${index % 250}])`,
    `\tby mx.example.test with ESMTPS id ${id.slice(0, 12)}`,
    `\tfor <reader@example.test>; ${date}`,
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1;',
    `\th=from:to:subject:date:message-id; bh=${id}=;`,
    `\tb=${id.repeat(6).slice(0, 172)}`,
    `From: "${who} ${index}" <${who}.${index}@example.org>`,
    'To: <reader@example.test>',
    `Cc: "${word()}" <${word()}@example.com>`,
    `Subject: ${subject}`,
    `Date: ${date}`,
    `Message-ID: <${id}@example.org>`,
    `In-Reply-To: <${parent}@example.org>`,
    `References: <${parent}@example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...(index % 500 === 11 ? ['haystackpin'] : []),
  ];
  let size = lines.reduce((sum, line) => sum + line.length + 2, 0);
  while (size < sizeBytes - 2) {
    const line = Array.from({ length: 11 }, word)
      .join(' ')
      .slice(0, Math.min(74, sizeBytes - size - 2));
    lines.push(line);
    size += line.length + 2;
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}
