/** What the server says no with: RFC 9457 problem details as an error. */
import type { Problem } from './api-types.ts';

export class HikyakuError extends Error {
  override readonly name = 'HikyakuError';
  readonly status: number;
  /** `urn:hikyaku:problem:` and the reason, as `urn:hikyaku:problem:keyUsed`. */
  readonly type: string;
  /** Which fields are at fault, and why. */
  readonly errors: NonNullable<Problem['errors']>;
  /** What the server asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.detail === undefined ? problem.title : `${problem.title}: ${problem.detail}`);
    this.status = problem.status;
    this.type = problem.type;
    this.errors = problem.errors ?? [];
    this.retryAfterMs = retryAfterMs;
  }

  /** The same request may succeed later. */
  get retryable(): boolean {
    return this.status === 429 || this.status >= 500;
  }

  static async of(response: Response): Promise<HikyakuError> {
    const { status, headers } = response;
    const text = await response.text().catch(() => '');
    const after = Number(headers.get('retry-after') ?? Number.NaN);
    return new HikyakuError(problemIn(text, status), Number.isFinite(after) ? after * 1000 : undefined);
  }
}

/** Whatever stands between may answer with a page of its own. */
function problemIn(text: string, status: number): Problem {
  try {
    const read = JSON.parse(text) as Partial<Problem>;
    if (typeof read.title === 'string' && typeof read.type === 'string')
      return { ...read, title: read.title, type: read.type, status };
  } catch {
    // Not ours.
  }
  return { type: 'about:blank', title: `The server answered ${status}`, status };
}
