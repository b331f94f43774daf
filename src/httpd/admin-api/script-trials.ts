/** Scripts over mail that is there: what they would do, and doing it (delivery/script-desk.ts). Of one's own mail, and of the mail of accounts that one may change. */
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { MailOwner, Piece, Tried } from '../../delivery/script-desk.ts';
import type { Language } from '../../proto/sieve/problem.ts';
import { isLarge, ownerKey, programOf, type RunnableScript } from '../../sieve/script.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn, type Access } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import { scriptTrial, scriptUse, triedMails, type ScriptUse, type TriedMails } from './contract-scripts.ts';
import { shownProblem } from './script-problems.ts';

const tags = ['scripts'];
const pieceOf = ({ mailbox = 'INBOX', limit = 20, before }: ScriptUse): Piece => ({
  mailbox,
  max: limit,
  ...(before !== undefined && { before }),
});

interface Place {
  readonly path: string;
  readonly params: Readonly<Record<string, ReturnType<typeof Type.String>>>;
  readonly access: Access;
  readonly accountOf: (request: FastifyRequest) => AccountId | '';
}

const places: readonly Place[] = [
  {
    path: '/orgs/:org/accounts/:account',
    params: { org: Type.String(), account: Type.String() },
    access: 'accounts:write',
    accountOf: (request) => (request.params as { account: string }).account as AccountId,
  },
  {
    path: '/me',
    params: {},
    access: 'password',
    accountOf: (request) => callerIn(request).account,
  },
];

export function scriptTrialRoutes(app: App, parts: HttpParts): void {
  for (const place of places) {
    trying(app, parts, place);
    using(app, parts, place);
  }
}

function trying(app: App, parts: HttpParts, { path, params, access, accountOf }: Place): void {
  app.post(
    `${path}/script-trial`,
    {
      config: { access },
      schema: {
        tags,
        summary: 'What a script would do to mail that is there',
        description: 'Nothing is done. `next` leads to older mail.',
        params: Type.Object(params),
        body: scriptTrial,
        response: { 200: answer(triedMails) },
      },
    },
    async (request) => {
      const owner = await ownerOf(parts, request, accountOf(request));
      const { body } = request;
      const { language = 'en', trace = false, message, from, to } = body;
      const script = await scriptOf(parts, owner, body);
      await note(parts, request, owner, { did: 'try', script: script.name });
      if (message === undefined) {
        const tried = await parts.scriptDesk.test(owner, script, pieceOf(body), trace);
        return shown(tried.items, tried.next, language);
      }
      const envelope = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
      const given = { message: Buffer.from(crlf(message)), envelope };
      return shown([await parts.scriptDesk.testGiven(owner, script, given, trace)], undefined, language);
    },
  );
}

function using(app: App, parts: HttpParts, { path, params, access, accountOf }: Place): void {
  app.post(
    `${path}/script-use`,
    {
      config: { access },
      schema: {
        tags,
        summary: 'Files and flags mail that is there as a script says',
        description:
          'Nothing is sent, and nothing is lost: what it throws away goes into the trash. `next` leads to older mail.',
        params: Type.Object(params),
        body: scriptUse,
        response: { 200: answer(triedMails) },
      },
    },
    async (request) => {
      const owner = await ownerOf(parts, request, accountOf(request));
      const { language = 'en' } = request.body;
      const script = await scriptOf(parts, owner, request.body);
      await note(parts, request, owner, { did: 'use', script: script.name });
      const done = await parts.scriptDesk.apply(owner, script, pieceOf(request.body));
      return shown(done.items, done.next, language);
    },
  );
}

async function ownerOf(
  { directory }: HttpParts,
  request: FastifyRequest,
  account: AccountId | '',
): Promise<MailOwner> {
  const found = account === '' ? undefined : await directory.account(account);
  const { org = found?.org } = request.params as { org?: OrgId };
  if (!found || found.org !== org) throw new Refusal('notFound', 'no such account', { at: 'account' });
  return found;
}

/** The one that is stored, or a draft. Rejects with ScriptRefusal when it has errors. */
async function scriptOf(
  { scripts }: HttpParts,
  { id }: MailOwner,
  { script: name, source: draft }: ScriptUse,
): Promise<RunnableScript> {
  if ((name === undefined) === (draft === undefined))
    throw new Refusal('invalid', 'one of `script` and `source`', { at: 'source' });
  const owner = { is: 'account', id } as const;
  const source = name === undefined ? Buffer.from(draft ?? '') : (await scripts.get(owner, name)).source;
  await scripts.check(source);
  const program = isLarge(source) ? 'large' : programOf(source);
  return { owner: ownerKey(owner), name: name ?? '', stage: 'active', source, program };
}

/** Who looks into the mail of others, or moves mail about, leaves a trace. */
async function note(
  { administration: { accounts } }: HttpParts,
  request: FastifyRequest,
  { id, org }: MailOwner,
  detail: { readonly did: 'try' | 'use'; readonly script: string },
): Promise<void> {
  if (detail.did === 'use' || callerIn(request).account !== id)
    await accounts.noteScript(actorIn(request), { org, id }, detail);
}

const shown = (items: readonly Tried[], next: number | undefined, language: Language): TriedMails => ({
  items: items.map(({ problem, actions, flags, steps, ...rest }) => ({
    ...rest,
    actions: [...actions],
    flags: [...flags],
    steps: [...steps],
    ...(problem && { problem: shownProblem(problem, language) }),
  })),
  ...(next !== undefined && { next }),
});

/** Mail has CRLF; what is typed or read from a file may have less. */
const crlf = (text: string): string => text.replaceAll(/\r?\n/g, '\r\n');
