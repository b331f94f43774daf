import type { Command } from 'commander';
import type { Account } from '../../app/admin-answers.ts';
import { showAccount, accountPath, usageOf } from '../account-facts.ts';
import {
  confirmed,
  Desk,
  part,
  readable,
  withJson,
  withList,
  withOrg,
  withYes,
  type ListOptions,
} from '../desk.ts';
import { spokenLanguage } from '../language.ts';
import { newPassword, withPassword, type PasswordOptions } from '../password.ts';
import { readSize, sizeText } from '../quantity.ts';
import { terminal } from '../terminal.ts';
import { addAccountAccess } from './account-access.ts';
import { addAccountMail } from './account-mail.ts';

interface AccountOptions extends PasswordOptions {
  readonly name?: string;
  readonly language?: string;
  readonly quota?: string;
  readonly role?: readonly string[];
  readonly disable?: boolean;
  readonly enable?: boolean;
}

const names = {
  name: '<address>',
  displayName: '--name',
  language: '--language',
  quotaBytes: '--quota',
  roles: '--role',
  password: 'password',
};

export function addAccount(program: Command): void {
  const account = program.command('account').description('people and programs with a login and a mailbox');
  reading(account);
  making(account);
  changing(account);
  addAccountMail(account);
  addAccountAccess(account);
}

function reading(account: Command): void {
  withOrg(withList(account.command('list').description('all of them'))).action(
    async (options: ListOptions & { org?: string }, command: Command) => {
      const desk = new Desk(command);
      const path =
        options.org === undefined ? '/accounts' : `/orgs/${part((await desk.org(options.org)).id)}/accounts`;
      desk.printList(await desk.list<Account>(path, options), [
        { title: 'address', of: ({ name }) => readable(name) },
        { title: 'name', of: ({ displayName }) => displayName },
        { title: 'roles', of: ({ roles }) => roles.filter((role) => role !== 'user').join(', ') },
        {
          title: 'quota',
          of: ({ quotaBytes }) => (quotaBytes === 0 ? '' : sizeText(quotaBytes)),
          right: true,
        },
        { title: '', of: ({ disabled }) => (disabled ? 'switched off' : '') },
      ]);
    },
  );
  withJson(account.command('show <address>').description('one of them')).action(
    async (address: string, _: object, command: Command) => {
      const desk = new Desk(command);
      await showAccount(desk, await desk.account(address));
    },
  );
}

function making(account: Command): void {
  withJson(
    withPassword(withEdits(account.command('add <address>').description('make one')))
      .option('--no-login', 'without a password: for app passwords only')
      .option('--disable', 'switched off at first'),
  ).action(async (address: string, options: AccountOptions & { login: boolean }, command: Command) => {
    const desk = new Desk(command);
    const org = await desk.orgOf(address);
    const asked = { questions: terminal, language: spokenLanguage() };
    const made = options.login ? await newPassword(options, address, asked) : undefined;
    const body = {
      name: address,
      ...edits(options),
      ...(made === undefined ? {} : { password: made.password }),
    };
    const account = await desk.send<Account>('POST', `/orgs/${part(org)}/accounts`, body, names);
    const told = made?.generated === true ? { password: made.password } : {};
    await showAccount(desk, account, told);
  });
}

function changing(account: Command): void {
  withJson(
    withEdits(account.command('change <address>').description('change its name, language, quota or roles'))
      .option('--disable', 'switch it off: no login, no mail')
      .option('--enable', 'switch it on again'),
  ).action(async (address: string, options: AccountOptions, command: Command) => {
    const desk = new Desk(command);
    const found = await desk.account(address);
    await showAccount(desk, await desk.send<Account>('PATCH', accountPath(found), edits(options), names));
  });

  withJson(
    account
      .command('rename <address> <new-address>')
      .description('another address; mail, passwords and all else stay')
      .option('--drop-old', 'the old address does not stay as an alias'),
  ).action(async (address: string, name: string, options: { dropOld?: boolean }, command: Command) => {
    const desk = new Desk(command);
    const found = await desk.account(address);
    const body = { name, keepOld: options.dropOld !== true };
    const renamed = await desk.send<Account>('POST', `${accountPath(found)}/rename`, body, {
      name: '<new-address>',
    });
    await showAccount(desk, renamed);
  });

  withPassword(account.command('password <address>').description('set its password')).action(
    async (address: string, options: PasswordOptions, command: Command) => {
      const desk = new Desk(command);
      const found = await desk.account(address);
      const asked = { questions: terminal, language: spokenLanguage() };
      const { password, generated } = await newPassword(options, found.name, asked);
      await desk.send('PUT', `${accountPath(found)}/password`, { password }, { password: 'password' });
      if (generated) console.log(password);
    },
  );

  withYes(account.command('remove <address>').description('remove it with all its mail')).action(
    async (address: string, options: { yes?: boolean }, command: Command) => {
      const desk = new Desk(command);
      const found = await desk.account(address);
      const { emails, usedBytes } = await usageOf(desk, found);
      const mail = `${emails} messages (${sizeText(usedBytes)})`;
      await confirmed(options, {
        en: `Remove ${readable(found.name)} with its ${mail}, and what leads only to it? This cannot be undone.`,
        ja: `${readable(found.name)} を、メール ${emails} 通（${sizeText(usedBytes)}）と、そこだけに届く別名もろとも削除しますか？元に戻せません。`,
      });
      await desk.send('DELETE', accountPath(found));
    },
  );
}

const collect = (one: string, all: readonly string[] = []): readonly string[] => [...all, one];

const withEdits = (command: Command): Command =>
  command
    .option('--name <name>', 'name for people')
    .option('--language <language>', 'en or ja: of notices')
    .option('--quota <size>', 'room for mail, as 5G; none for no limit')
    .option('--role <role>', 'what it may do (hikyaku role list); say it again for several', collect);

const edits = ({ name, language, quota, role, disable, enable }: AccountOptions) => ({
  ...(name === undefined ? {} : { displayName: name }),
  ...(language === undefined ? {} : { language }),
  ...(quota === undefined ? {} : { quotaBytes: readSize(quota) }),
  ...(role === undefined ? {} : { roles: role }),
  ...(disable === true ? { disabled: true } : enable === true ? { disabled: false } : {}),
});
