/** Webhooks for tests of the HTTP server: one endpoint of each organisation, which nobody else sees. */
import { Refusal } from '../base/refusal.ts';
import type { Endpoint } from '../webhook/endpoint.ts';
import type { HttpParts } from './parts.ts';

export function testWebhooks(orgs: readonly string[]): HttpParts['webhooks'] {
  const endpoints = ['', ...orgs].map(endpointOf);
  const get = async (org: string, id: string): Promise<Endpoint> => {
    const found = endpoints.find((each) => each.org === org && (org === '' || each.id === id));
    if (!found) throw new Refusal('notFound', 'no such endpoint');
    return found;
  };
  const touch = async (org: string, id: string): Promise<void> => void (await get(org, id));
  return {
    list: async (org) => endpoints.filter((each) => each.org === org),
    get,
    add: async (org) => ({ endpoint: endpointOf(org), secret: 'whsec_made' }),
    edit: get,
    rotate: async (org, id) => (await touch(org, id), 'whsec_rotated'),
    pause: touch,
    resume: touch,
    drop: touch,
    replayFrom: touch,
    replayEvents: async (org, id, seqs) => (await touch(org, id), seqs.length),
    dead: async (org, id) => (await touch(org, id), []),
    revive: async (org, id) => (await touch(org, id), 1),
    attempts: async (org, id) => (await touch(org, id), []),
    test: async (org, id) => (await touch(org, id), { status: 200, ms: 1, answer: 'ok' }),
  };
}

const endpointOf = (org: string): Endpoint => ({
  id: `m-${org}`,
  org,
  settings: { url: 'https://hooks.test/', description: '', events: [], streams: [], tags: [], batch: 1 },
  madeAtMs: 1,
  madeBy: 'x',
  state: 'active',
  reason: '',
  cursor: 1,
  failingSinceMs: 0,
  nextTryAtMs: 0,
  tries: 0,
});
