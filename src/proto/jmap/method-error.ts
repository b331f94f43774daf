/** What can go wrong with one method call (RFC 8620, 3.6.2), and with one record of a /set (5.3). */

/** Thrown by a method: becomes an `error` response in place of its own. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
  readonly type: string;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(type: string, description?: string, more: Readonly<Record<string, unknown>> = {}) {
    super(`${type}: ${description ?? ''}`);
    this.type = type;
    this.more = description === undefined ? more : { description, ...more };
  }

  get answer(): Record<string, unknown> {
    return { type: this.type, ...this.more };
  }
}

export const invalidArguments = (description: string): MethodError =>
  new MethodError('invalidArguments', description);

/** Why one record was not created, changed or destroyed. Thrown while it is worked on. */
export class SetError extends Error {
  override readonly name = 'SetError';
  readonly type: string;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(type: string, description?: string, more: Readonly<Record<string, unknown>> = {}) {
    super(`${type}: ${description ?? ''}`);
    this.type = type;
    this.more = description === undefined ? more : { description, ...more };
  }

  get answer(): Record<string, unknown> {
    return { type: this.type, ...this.more };
  }
}

export const invalidProperties = (properties: readonly string[], description?: string): SetError =>
  new SetError('invalidProperties', description, { properties });
