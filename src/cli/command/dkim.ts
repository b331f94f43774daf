import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import type { DkimKeyAnswer } from '../../app/admin-answers.ts';
import { confirmed, Desk, part, withJson, withYes } from '../desk.ts';
import { CommandFailure } from '../failure.ts';
import { timeText } from '../quantity.ts';
import { facts } from '../table.ts';

const algorithms = { rsa: 'rsa-sha256', ed25519: 'ed25519-sha256' } as const;

export function addDkim(program: Command): void {
  const dkim = program.command('dkim').description('keys that sign the mail of a domain');
  withJson(dkim.command('list <domain>').description('its keys, with what belongs into DNS')).action(
    async (domain: string, _: object, command: Command) => {
      const desk = new Desk(command);
      const { items } = await desk.send<{ items: DkimKeyAnswer[] }>('GET', await keysOf(desk, domain));
      desk.print(items, describe(items));
    },
  );
  addRotate(dkim);
  withJson(
    dkim
      .command('import <domain> <selector> <file>')
      .description('take a key over from another server: PEM, or - for standard input'),
  ).action(async (domain: string, selector: string, file: string, _: object, command: Command) => {
    const desk = new Desk(command);
    const body = { selector, privateKey: readPem(file) };
    const names = { selector: '<selector>', privateKey: '<file>' };
    const made = await desk.send<DkimKeyAnswer>('POST', await keysOf(desk, domain), body, names);
    desk.print(made, describe([made]));
  });
  dkim
    .command('export <domain> <selector>')
    .description('print its private key (PEM), for another server')
    .action(async (domain: string, selector: string, _: object, command: Command) => {
      const desk = new Desk(command);
      const path = `${await keysOf(desk, domain)}/${part(selector)}/export`;
      const { privateKey } = await desk.send<{ privateKey: string }>('POST', path);
      process.stdout.write(privateKey);
    });
  addSteps(dkim);
}

function addRotate(dkim: Command): void {
  withJson(
    dkim
      .command('rotate <domain>')
      .description('make new keys: each takes over when its record has been in DNS for a while')
      .option('--only <algorithm>', 'rsa or ed25519'),
  ).action(async (domain: string, { only }: { only?: string }, command: Command) => {
    const desk = new Desk(command);
    if (only !== undefined && !Object.hasOwn(algorithms, only))
      throw new CommandFailure(`--only: "${only}" is neither rsa nor ed25519`, 2);
    const body = only === undefined ? {} : { algorithms: [algorithms[only as keyof typeof algorithms]] };
    const path = `${await keysOf(desk, domain)}/rotate`;
    const { items } = await desk.send<{ items: DkimKeyAnswer[] }>('POST', path, body);
    desk.print(items, describe(items));
  });
}

function addSteps(dkim: Command): void {
  const step = (name: string, description: string, doubt: Readonly<Record<'en' | 'ja', string>>): void => {
    withYes(withJson(dkim.command(`${name} <domain> <selector>`).description(description))).action(
      async (domain: string, selector: string, options: { yes?: boolean }, command: Command) => {
        const desk = new Desk(command);
        const path = `${await keysOf(desk, domain)}/${part(selector)}/${name}`;
        await confirmed(options, doubt);
        const moved = await desk.send<DkimKeyAnswer>('POST', path);
        desk.print(moved, describe([moved]));
      },
    );
  };
  step('activate', 'let it sign now, whether its record was seen in DNS or not', {
    en: 'Until its record is in DNS everywhere, its signatures prove nothing. Let it sign now?',
    ja: 'DNS にレコードが行き渡るまで、この鍵の署名は検証されません。今すぐ署名に使いますか？',
  });
  step('retire', 'let it sign no more; its record stays for mail that is on its way', {
    en: 'Without another key of its kind, mail is no longer signed by it. Retire it?',
    ja: '同じ種類の鍵がほかになければ、その署名は付かなくなります。引退させますか？',
  });
  step('remove', 'throw its private half away; one that signs must be retired before', {
    en: 'The private key goes for good, and mail that it signed may lose its proof. Remove it?',
    ja: '秘密鍵は二度と戻りません。配送中のメールの署名が検証できなくなることもあります。削除しますか？',
  });
}

async function keysOf(desk: Desk, domain: string): Promise<string> {
  const { org, name } = await desk.domain(domain);
  return `/orgs/${part(org)}/domains/${part(name)}/dkim`;
}

function readPem(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandFailure(`${file} cannot be read: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The text of a record is long: each key has its own lines, so that it can be copied. */
function describe(keys: readonly DkimKeyAnswer[]): string[] {
  if (keys.length === 0) return ['There are no keys yet: they are made soon after the domain.'];
  return keys.flatMap((key, index) => [
    ...(index === 0 ? [] : ['']),
    ...facts([
      ['selector', key.selector],
      ['algorithm', key.algorithm],
      ['state', `${key.state} since ${timeText(key.sinceMs)}`],
      ['made', timeText(key.createdAtMs)],
      ['seen in DNS', key.seenAtMs === 0 ? 'not yet' : timeText(key.seenAtMs)],
      ['TXT record', key.state === 'removed' ? `${key.name} (may go)` : key.name],
      ['its text', key.state === 'removed' ? '' : key.record],
    ]),
  ]);
}
