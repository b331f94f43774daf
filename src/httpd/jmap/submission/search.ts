/** EmailSubmission/query (RFC 8621, 7.3). */
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { changesOf, idOf, stateOf } from '../kept-records.ts';
import { matching, type SearchType, sorted } from '../searches.ts';
import { currentSubmissions } from './current.ts';
import { type SubmissionParts, submissionType } from './submission.ts';

type Value = Awaited<ReturnType<typeof currentSubmissions>>[number]['value'];

export function submissionSearch(parts: SubmissionParts): SearchType {
  return {
    sortable: ['emailId', 'threadId', 'sentAt', 'sendAt'],
    state: async (call) => {
      await currentSubmissions(parts, call);
      return stateOf(parts.profiles, submissionType, call.account.id);
    },
    // Brought up to date by `state`, which is asked before.
    changes: changesOf(parts.profiles, submissionType),
    async find(call, { filter, sort }) {
      const fits = matching(filter, condition);
      const found = (await currentSubmissions(parts, call)).filter(({ value }) => fits(value));
      const ordered = sorted(found, sort, ({ value }, property) =>
        property === 'emailId' || property === 'threadId' ? value[property] : Date.parse(value.sendAt),
      );
      return ordered.map(({ id }) => idOf(submissionType, id));
    },
  };
}

function condition(name: string, given: unknown): (value: Value) => boolean {
  switch (name) {
    case 'identityIds':
    case 'emailIds':
    case 'threadIds': {
      if (!Array.isArray(given) || !given.every((each) => typeof each === 'string'))
        throw invalidArguments(`${name} is a list of Ids`);
      const property = name.slice(0, -1) as 'identityId' | 'emailId' | 'threadId';
      return (value) => given.includes(value[property]);
    }
    case 'undoStatus':
      if (typeof given !== 'string') throw invalidArguments('undoStatus is a String');
      return (value) => value.undoStatus === given;
    case 'before':
    case 'after': {
      const at = typeof given === 'string' ? Date.parse(given) : Number.NaN;
      if (Number.isNaN(at)) throw invalidArguments(`${name} is a UTCDate`);
      return (value) => (name === 'before' ? Date.parse(value.sendAt) < at : Date.parse(value.sendAt) >= at);
    }
    default:
      throw new MethodError('unsupportedFilter', name);
  }
}
