/** The classifier of mail: what it has learned of accounts and organisations, teaching it a whole mailbox, and having it forget. */
import * as Type from 'typebox';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import { learned, lessonCount, lessonRequest } from './contract-classifier.ts';

const tags = ['filters'];
const ofOrg = '/orgs/:org/classifier';
const ofAccount = '/orgs/:org/accounts/:account/classifier';
const params = Type.Object({ org: Type.String(), account: Type.String() });
const limitDefault = 1000;

export function classifierRoutes(app: App, { administration, classifier, mailboxes }: HttpParts): void {
  const { accounts, orgs } = administration;
  const refOf = (path: { org: string; account: string }) => ({
    org: path.org as OrgId,
    id: path.account as AccountId,
  });

  app.get(
    ofOrg,
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'What the classifier has learned from an organisation',
        params: Type.Object({ org: Type.String() }),
        response: { 200: answer(learned) },
      },
    },
    async (request) => {
      const { id } = await orgs.get(request.params.org as OrgId);
      return classifier.learned({ is: 'org', id });
    },
  );

  app.get(
    ofAccount,
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'What the classifier has learned from an account',
        params,
        response: { 200: answer(learned) },
      },
    },
    async (request) => {
      const { id } = await accounts.get(refOf(request.params));
      return classifier.learned({ is: 'account', id });
    },
  );

  app.post(
    ofAccount,
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Teaches the classifier what the mail of a mailbox is',
        params,
        body: lessonRequest,
        response: { 200: answer(lessonCount) },
      },
    },
    async (request) => {
      const ref = refOf(request.params);
      const { mailbox, says, limit = limitDefault } = request.body;
      await accounts.get(ref);
      const found = await mailboxes.find(ref.id, mailbox);
      if (found === undefined) throw new Refusal('mailboxNotFound', mailbox, { at: 'mailbox' });
      await accounts.noteClassifier(actorIn(request), ref, request.body);
      return { count: await classifier.teach({ account: ref.id, mailbox: found.id, says, limit }) };
    },
  );

  app.delete(
    ofAccount,
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Has the classifier forget all that it has learned from an account',
        description: 'Also what the organisation has learned from it.',
        params,
        response: { 200: answer(lessonCount) },
      },
    },
    async (request) => {
      const ref = refOf(request.params);
      await accounts.noteClassifier(actorIn(request), ref, { forget: true });
      return { count: await classifier.forget(ref.id, ref.org) };
    },
  );
}
