/** The browser's side of passkeys, loaded when one is used. */
export interface PasskeyOptions {
  readonly ticket: string;
  readonly options: unknown;
}

export function canPasskeys(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && !/^[\d.]+$|:/.test(location.hostname);
}

/** Throws `NotAllowedError` when the person gives up. */
export async function askPasskey(options: unknown): Promise<object> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  return startAuthentication({ optionsJSON: options as never });
}

export async function makePasskey(options: unknown): Promise<object> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  return startRegistration({ optionsJSON: options as never });
}
