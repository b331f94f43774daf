/** urn:ietf:params:jmap:submission (RFC 8621, 6 and 7): identities, and mail on its way. */
import { invalidArguments } from '../../../proto/jmap/method-error.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { Invocation } from '../../../proto/jmap/request.ts';
import type { HttpParts } from '../../parts.ts';
import { changesOf } from '../kept-records.ts';
import type { Capability, Method } from '../method.ts';
import { callOf, changesMethod, getMethod, type Properties, setMethod, type SetCall } from '../records.ts';
import { queryChangesMethod, queryMethod } from '../searches.ts';
import { identities, identityType } from './identities.ts';
import { submissionSearch } from './search.ts';
import { currentSubmissions } from './current.ts';
import { submissionType } from './submission.ts';
import { maxDelayedSendSeconds, submissions } from './submissions.ts';

/** Extensions of SMTP that a client may ask for by parameters, as EHLO tells them (RFC 8621, 1.3.2). */
const submissionExtensions = {
  FUTURERELEASE: [String(maxDelayedSendSeconds)],
  DSN: [],
  DELIVERBY: [],
  'MT-PRIORITY': [],
  REQUIRETLS: [],
};

export function submission(parts: HttpParts): Capability {
  const ofIdentities = identities(parts);
  const ofSubmissions = submissions(parts);
  const search = submissionSearch(parts);
  const identityChanges = changesOf(parts.profiles, identityType);
  const submissionChanges = changesOf(parts.profiles, submissionType);
  return {
    uri: 'urn:ietf:params:jmap:submission',
    ofServer: {},
    ofAccount: async (account) =>
      account.isPersonal ? { maxDelayedSend: maxDelayedSendSeconds, submissionExtensions } : undefined,
    methods: {
      'Identity/get': getMethod(ofIdentities),
      'Identity/changes': changesMethod(async (call, since, max) => {
        await ofIdentities.state(call);
        return identityChanges(call, since, max);
      }),
      'Identity/set': setMethod(ofIdentities),
      'EmailSubmission/get': getMethod(ofSubmissions),
      'EmailSubmission/changes': changesMethod(async (call, since, max) => {
        await currentSubmissions(parts, call);
        return submissionChanges(call, since, max);
      }),
      'EmailSubmission/query': queryMethod(search),
      'EmailSubmission/queryChanges': queryChangesMethod(search),
      'EmailSubmission/set': withEmails(ofSubmissions, parts),
    },
  };
}

/** onSuccessUpdateEmail and onSuccessDestroyEmail: an Email/set that follows (RFC 8621, 7.5). */
function withEmails(type: ReturnType<typeof submissions>, parts: HttpParts): Method {
  return async (args, context) => {
    const { onSuccessUpdateEmail = null, onSuccessDestroyEmail = null } = args;
    if (
      onSuccessUpdateEmail !== null &&
      (!isObject(onSuccessUpdateEmail) || !Object.values(onSuccessUpdateEmail).every(isObject))
    )
      throw invalidArguments('onSuccessUpdateEmail is a map of patches, or null');
    if (
      onSuccessDestroyEmail !== null &&
      (!Array.isArray(onSuccessDestroyEmail) || !onSuccessDestroyEmail.every((id) => typeof id === 'string'))
    )
      throw invalidArguments('onSuccessDestroyEmail is a list of Ids, or null');
    // Emails of submissions that this call destroys are known only before it.
    const before = new Map(
      (await currentSubmissions(parts, await callOf(args, context))).map(({ id, value }) => [
        `${submissionType.letter}${id.toString(32)}`,
        value.emailId,
      ]),
    );
    let done: SetCall['done'] | undefined;
    const answered = await setMethod(type, async (call) => {
      done = call.done;
      const now = await currentSubmissions(parts, call);
      for (const { id, value } of now)
        before.set(`${submissionType.letter}${id.toString(32)}`, value.emailId);
    })(args, context);
    const answer = 'implied' in answered ? answered['answer'] : answered;
    const emailOf = (name: string): string | undefined => {
      if (done === undefined) return undefined;
      const id = name.startsWith('#') ? (done.created[name.slice(1)]?.['id'] as string | undefined) : name;
      const succeeded =
        name.startsWith('#') ||
        (id !== undefined && (Object.hasOwn(done.updated, id) || done.destroyed.includes(id)));
      return id !== undefined && succeeded ? before.get(id) : undefined;
    };
    const update: Record<string, Properties> = {};
    for (const [name, patch] of Object.entries((onSuccessUpdateEmail ?? {}) as Record<string, Properties>)) {
      const email = emailOf(name);
      if (email !== undefined) update[email] = patch;
    }
    const destroy = (onSuccessDestroyEmail ?? []).map(emailOf).filter((id) => id !== undefined);
    if (Object.keys(update).length === 0 && destroy.length === 0) return answered;
    const implied: readonly Invocation[] = await context.invoke('Email/set', {
      accountId: args['accountId'],
      ...(Object.keys(update).length > 0 && { update }),
      ...(destroy.length > 0 && { destroy }),
    });
    return { answer: answer as Properties, implied };
  };
}
