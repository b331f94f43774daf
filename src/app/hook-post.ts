/** Posts inbound mail to programs: signed as webhooks are, over HTTPS alone, and only to addresses that may be reached. */
import type { Clock } from '../base/clock.ts';
import type { HookAnswer, PostHook } from '../delivery/hook.ts';
import type { DialGuard } from '../net/dialer.ts';
import { WebPoster, type WebPosterParts } from '../net/web-post.ts';
import { signatureHeaders } from '../webhook/signature.ts';

const timeoutMs = 30_000;
/** What a program says beyond its status is of no interest. */
const answerMaxBytes = 4 * 1024;

export interface HookPostParts {
  readonly clock: Clock;
  readonly resolver: WebPosterParts['resolver'];
  readonly guard: DialGuard;
}

export function hookPost(parts: HookPostParts): PostHook {
  const poster = new WebPoster(parts);
  return async ({ url, secrets, id, body }): Promise<HookAnswer> => {
    const timestamp = Math.floor(parts.clock.nowMs() / 1000);
    const answer = await poster.post({
      url: new URL(url),
      headers: {
        'content-type': 'application/json',
        ...signatureHeaders({ id, timestamp, body }, secrets),
      },
      body,
      timeoutMs,
      answerMaxBytes,
    });
    if (answer.is === 'answer') return { status: answer.status, code: '', ip: answer.ip };
    return {
      status: 0,
      code: answer.reason === 'notAllowed' ? answer.code : `${answer.reason} (${answer.code})`,
      ip: '',
    };
  };
}
