/** EmailSubmission/query (RFC 8621, 7.3). */
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { idOf, stateOf } from '../kept-records.ts';
import type { Properties } from '../records.ts';
import { type Filter, type SearchType, sorted } from '../searches.ts';
import { currentSubmissions, type SubmissionParts, submissionType } from './submissions.ts';

type Value = Awaited<ReturnType<typeof currentSubmissions>>[number]['value'];

export function submissionSearch(parts: SubmissionParts): SearchType {
  return {
    sortable: ['emailId', 'threadId', 'sentAt', 'sendAt'],
    state: async (call) => {
      await currentSubmissions(parts, call);
      return stateOf(parts.profiles, submissionType, call.account.id);
    },
    async find(call, { filter, sort }) {
      const fits = filter === undefined ? () => true : matcher(filter);
      const found = (await currentSubmissions(parts, call)).filter(({ value }) => fits(value));
      const ordered = sorted(found, sort, ({ value }, property) =>
        property === 'emailId' || property === 'threadId' ? value[property] : Date.parse(value.sendAt),
      );
      return ordered.map(({ id }) => idOf(submissionType, id));
    },
  };
}

function matcher(filter: Filter<Properties>): (value: Value) => boolean {
  if (filter.is === 'condition') {
    const all = Object.entries(filter.condition).map(([name, given]) => condition(name, given));
    return (value) => all.every((each) => each(value));
  }
  const of = filter.of.map(matcher);
  if (filter.is === 'and') return (value) => of.every((each) => each(value));
  const some = (value: Value): boolean => of.some((each) => each(value));
  return filter.is === 'or' ? some : (value) => !some(value);
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
