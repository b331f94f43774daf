/** What crosses JMAP (RFC 8620, RFC 8621), as far as the page asks for it. */

export type Id = string;

export interface JmapSession {
  readonly apiUrl: string;
  readonly downloadUrl: string;
  readonly uploadUrl: string;
  readonly eventSourceUrl: string;
  readonly accounts: Readonly<Record<Id, JmapAccount>>;
  readonly primaryAccounts: Readonly<Record<string, Id>>;
  readonly capabilities: Readonly<Record<string, unknown>>;
}

export interface JmapAccount {
  readonly name: string;
  readonly isPersonal: boolean;
  readonly isReadOnly: boolean;
  readonly accountCapabilities: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Mailbox {
  readonly id: Id;
  readonly name: string;
  readonly parentId: Id | null;
  readonly role: string | null;
  readonly sortOrder: number;
  readonly totalEmails: number;
  readonly unreadEmails: number;
  readonly totalThreads: number;
  readonly unreadThreads: number;
  readonly isSubscribed: boolean;
  readonly myRights: Readonly<Record<string, boolean>>;
}

export interface EmailAddress {
  readonly name: string | null;
  readonly email: string;
}

/** What a row of a list shows. */
export interface EmailRow {
  readonly id: Id;
  readonly threadId: Id;
  readonly mailboxIds: Readonly<Record<Id, true>>;
  readonly keywords: Readonly<Record<string, true>>;
  readonly from: readonly EmailAddress[] | null;
  readonly to: readonly EmailAddress[] | null;
  readonly subject: string | null;
  readonly receivedAt: string;
  readonly preview: string;
  readonly hasAttachment: boolean;
  readonly size: number;
}

export interface BodyPart {
  readonly partId: string | null;
  readonly blobId: Id | null;
  readonly size: number;
  readonly name: string | null;
  readonly type: string;
  readonly charset: string | null;
  readonly disposition: string | null;
  readonly cid: string | null;
}

export interface BodyValue {
  readonly value: string;
  readonly isEncodingProblem: boolean;
  readonly isTruncated: boolean;
}

/** What a message shows when it is read. */
export interface Email extends EmailRow {
  readonly blobId: Id;
  readonly cc: readonly EmailAddress[] | null;
  readonly bcc: readonly EmailAddress[] | null;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly sentAt: string | null;
  readonly messageId: readonly string[] | null;
  readonly inReplyTo: readonly string[] | null;
  readonly references: readonly string[] | null;
  readonly textBody: readonly BodyPart[];
  readonly htmlBody: readonly BodyPart[];
  readonly attachments: readonly BodyPart[];
  readonly bodyValues: Readonly<Record<string, BodyValue>>;
  readonly 'header:Authentication-Results:asText:all': readonly string[];
  readonly 'header:List-Unsubscribe:asURLs': readonly string[] | null;
  readonly 'header:List-Unsubscribe-Post:asText': string | null;
}

export interface Identity {
  readonly id: Id;
  readonly name: string;
  readonly email: string;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly bcc: readonly EmailAddress[] | null;
  readonly textSignature: string;
  readonly htmlSignature: string;
  readonly mayDelete: boolean;
}

export interface SetResponse {
  readonly created?: Readonly<Record<string, { readonly id: Id; readonly blobId?: Id }>> | null;
  readonly updated?: Readonly<Record<Id, unknown>> | null;
  readonly destroyed?: readonly Id[] | null;
  readonly notCreated?: Readonly<Record<string, SetError>> | null;
  readonly notUpdated?: Readonly<Record<Id, SetError>> | null;
  readonly notDestroyed?: Readonly<Record<Id, SetError>> | null;
}

export interface SetError {
  readonly type: string;
  readonly description?: string;
}
