/** How a command ends. */
export type Outcome =
  /** Text of the tagged OK, with its response code; undefined: `<command> completed`. */
  | string
  | undefined
  | Ask
  /** The tagged OK is sent, then `run`: as TLS begins behind the reply to STARTTLS. */
  | { readonly is: 'afterwards'; readonly text: string; readonly run: () => Promise<void> };

/** "+ text" is sent; the next line of the client goes to `onLine`. */
export interface Ask {
  readonly is: 'ask';
  readonly text: string;
  readonly onLine: (line: string) => Promise<Outcome>;
  /** The connection was lost instead. */
  readonly stop?: () => void;
}
