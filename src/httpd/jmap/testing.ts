/** JMAP requests for tests, over HTTP as a client makes them. */
import assert from 'node:assert/strict';
import { openTestApi, type TestApi } from '../testing.ts';

export const coreUri = 'urn:ietf:params:jmap:core';
const mailUri = 'urn:ietf:params:jmap:mail';

// Tests know what they asked for.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

export interface TestJmap extends AsyncDisposable {
  readonly api: TestApi;
  readonly account: string;
  /** Authorization of the owner of `account`. */
  readonly as: string;
  /** One method call: its answer, or an `error` (then `type` says which). */
  readonly call: (name: string, args?: object) => Promise<Any>;
  /** The whole answer to several calls: `[name, args]` each; call ids count from 0. */
  readonly request: (calls: readonly (readonly [string, object])[], more?: object) => Promise<Any>;
}

export const password = (name: string): string =>
  `Basic ${Buffer.from(`${name}:correct horse`).toString('base64')}`;

export async function openTestJmap(changed: Parameters<typeof openTestApi>[0] = {}): Promise<TestJmap> {
  const api = await openTestApi(changed);
  return {
    ...jmapAs(api, api.a.owner.name, api.a.owner.id),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

/** The same for another account of the same server. */
export function jmapAs(
  api: TestApi,
  name: string,
  account: string,
): Omit<TestJmap, typeof Symbol.asyncDispose> {
  const as = password(name);
  const request: TestJmap['request'] = async (calls, more = {}) => {
    const methodCalls = calls.map(([method, args], i) => [method, args, String(i)]);
    const answer = await api.call('POST', '/jmap/api', {
      as,
      body: { using: [coreUri, mailUri], methodCalls, ...more },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  return {
    api,
    account,
    as,
    request,
    async call(method, args = {}) {
      const { methodResponses } = await request([[method, { accountId: account, ...args }]]);
      return methodResponses[0][1];
    },
  };
}
