// Made from docs/reference/send-api.json by scripts/send-openapi.mjs.

/** RFC 9457 problem details. */
export type Problem = {
  /** `urn:hikyaku:problem:` and the reason. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string | undefined;
  readonly errors?: readonly {
    /** Dotted path of the field at fault. */
    readonly at: string;
    readonly detail: string;
  }[] | undefined;
};

/** What `sendMessage` is given. */
export type SendMessageRequest = {
  /** One address. */
  readonly from: string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  };
  /** One address. */
  readonly sender?: string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  } | undefined;
  /** One address or several. */
  readonly to?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** One address or several. */
  readonly cc?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** One address or several. */
  readonly bcc?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** One address or several. */
  readonly replyTo?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** Subject. */
  readonly subject?: string | undefined;
  /** Plain text. Made from the HTML where it is not given; empty: none. */
  readonly text?: string | undefined;
  /** HTML. */
  readonly html?: string | undefined;
  /** More fields of the header. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly attachments?: readonly {
    /** Name of the file. */
    readonly filename?: string | undefined;
    /** Media type; by the name of the file unless given. */
    readonly contentType?: string | undefined;
    /** The file in base64. */
    readonly content?: string | undefined;
    /** Where it is fetched from: https, a public address, within 10 seconds, up to 25 MiB. */
    readonly url?: string | undefined;
    /** For an image in the HTML, which names it as `cid:…`. */
    readonly contentId?: string | undefined;
  }[] | undefined;
  /** A whole message (RFC 5322) in base64, in place of all fields above but from, to, cc and bcc. */
  readonly raw?: string | undefined;
  /** ISO-2022-JP is used for each text that it can carry. */
  readonly charset?: "utf-8" | "iso-2022-jp" | undefined;
  /** flowed: paragraphs are broken so that readers join them again (RFC 3676). */
  readonly textFormat?: "fixed" | "flowed" | undefined;
  /** List-Unsubscribe and, with a URL, List-Unsubscribe-Post. */
  readonly unsubscribe?: {
    /** https; one click is a POST there (RFC 8058). */
    readonly url?: string | undefined;
    /** Address that is told. */
    readonly mailto?: string | undefined;
    /** In place of both: this server makes the link and keeps who clicks it off the stream, or off the campaign. `none`: no link, whatever the stream has. For mail to one recipient. */
    readonly scope?: "stream" | "topic" | "none" | undefined;
  } | undefined;
  readonly template?: {
    /** Name of a template. */
    readonly name: string;
    /** The newest unless given. */
    readonly version?: number | undefined;
  } | undefined;
  /** What is inserted: subject, text and html are then templates, or that of `template` is used. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Refuses it when an insertion is missing or empty; as the template says, or true. */
  readonly strict?: boolean | undefined;
  /** Stream: `transactional`, `bulk` or one of your own. */
  readonly stream?: string | undefined;
  /** Mail that belongs together, for fairness and reports. */
  readonly campaign?: string | undefined;
  /** To find it by. */
  readonly tags?: readonly string[] | undefined;
  /** Kept with the message and told by webhooks. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Not before, at most 30 days ahead (RFC 3339, as `2027-01-31T09:00:00+09:00`) */
  readonly sendAt?: string | undefined;
  /** Seconds after which it is given up. */
  readonly expiresIn?: number | undefined;
  /** Where bounces go; `from` unless given. */
  readonly returnPath?: string | undefined;
  /** Only over verified TLS (RFC 8689). */
  readonly requireTls?: boolean | undefined;
} | (readonly {
  /** One address. */
  readonly from: string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  };
  /** One address. */
  readonly sender?: string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  } | undefined;
  /** One address or several. */
  readonly to?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** One address or several. */
  readonly cc?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** One address or several. */
  readonly bcc?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** One address or several. */
  readonly replyTo?: (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  }) | (readonly (string | {
    /** Address. */
    readonly email: string;
    /** Name for people. */
    readonly name?: string | undefined;
  })[]) | undefined;
  /** Subject. */
  readonly subject?: string | undefined;
  /** Plain text. Made from the HTML where it is not given; empty: none. */
  readonly text?: string | undefined;
  /** HTML. */
  readonly html?: string | undefined;
  /** More fields of the header. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly attachments?: readonly {
    /** Name of the file. */
    readonly filename?: string | undefined;
    /** Media type; by the name of the file unless given. */
    readonly contentType?: string | undefined;
    /** The file in base64. */
    readonly content?: string | undefined;
    /** Where it is fetched from: https, a public address, within 10 seconds, up to 25 MiB. */
    readonly url?: string | undefined;
    /** For an image in the HTML, which names it as `cid:…`. */
    readonly contentId?: string | undefined;
  }[] | undefined;
  /** A whole message (RFC 5322) in base64, in place of all fields above but from, to, cc and bcc. */
  readonly raw?: string | undefined;
  /** ISO-2022-JP is used for each text that it can carry. */
  readonly charset?: "utf-8" | "iso-2022-jp" | undefined;
  /** flowed: paragraphs are broken so that readers join them again (RFC 3676). */
  readonly textFormat?: "fixed" | "flowed" | undefined;
  /** List-Unsubscribe and, with a URL, List-Unsubscribe-Post. */
  readonly unsubscribe?: {
    /** https; one click is a POST there (RFC 8058). */
    readonly url?: string | undefined;
    /** Address that is told. */
    readonly mailto?: string | undefined;
    /** In place of both: this server makes the link and keeps who clicks it off the stream, or off the campaign. `none`: no link, whatever the stream has. For mail to one recipient. */
    readonly scope?: "stream" | "topic" | "none" | undefined;
  } | undefined;
  readonly template?: {
    /** Name of a template. */
    readonly name: string;
    /** The newest unless given. */
    readonly version?: number | undefined;
  } | undefined;
  /** What is inserted: subject, text and html are then templates, or that of `template` is used. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Refuses it when an insertion is missing or empty; as the template says, or true. */
  readonly strict?: boolean | undefined;
  /** Stream: `transactional`, `bulk` or one of your own. */
  readonly stream?: string | undefined;
  /** Mail that belongs together, for fairness and reports. */
  readonly campaign?: string | undefined;
  /** To find it by. */
  readonly tags?: readonly string[] | undefined;
  /** Kept with the message and told by webhooks. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Not before, at most 30 days ahead (RFC 3339, as `2027-01-31T09:00:00+09:00`) */
  readonly sendAt?: string | undefined;
  /** Seconds after which it is given up. */
  readonly expiresIn?: number | undefined;
  /** Where bounces go; `from` unless given. */
  readonly returnPath?: string | undefined;
  /** Only over verified TLS (RFC 8689). */
  readonly requireTls?: boolean | undefined;
}[]);

/** How `sendMessage` is asked. */
export type SendMessageQuery = {
  /** Checks and renders, sends and keeps nothing. */
  readonly dryRun?: boolean | undefined;
};

/** Sends a mail, or up to 1,000 with a result for each */
export type SendMessageAnswer200 = {
  readonly dryRun: true;
  readonly from: string;
  readonly recipients: readonly string[];
  readonly results: readonly {
    readonly address: string;
    /** suppressed: on the suppression list, it gets nothing; the others do. */
    readonly status: "queued" | "scheduled" | "suppressed";
    /** Why it is suppressed. */
    readonly detail?: string | undefined;
  }[];
  readonly subject: string;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly stream: string;
  readonly sizeBytes: number;
  /** The message as it would be sent, in base64; before it is signed. */
  readonly raw: string;
} | {
  readonly accepted: number;
  readonly refused: number;
  readonly items: readonly ({
    readonly index: number;
    readonly accepted: true;
    readonly message: {
      /** Id of the message. */
      readonly id: string;
      /** Its Message-ID. */
      readonly messageId: string;
      readonly status: "queued" | "scheduled";
      readonly stream: string;
      /** Those that get it. */
      readonly recipients: readonly string[];
      /** All that were named, suppressed ones too. */
      readonly results: readonly {
        readonly address: string;
        /** suppressed: on the suppression list, it gets nothing; the others do. */
        readonly status: "queued" | "scheduled" | "suppressed";
        /** Why it is suppressed. */
        readonly detail?: string | undefined;
      }[];
      readonly sendAt?: string | undefined;
      /** It went to the simulator. */
      readonly test?: true | undefined;
    };
  } | {
    readonly index: number;
    readonly accepted: false;
    readonly problem: {
      readonly type: string;
      readonly title: string;
      readonly status: number;
      readonly detail?: string | undefined;
      readonly errors?: readonly {
        readonly at: string;
        readonly detail: string;
      }[] | undefined;
    };
  })[];
};

/** Sends a mail, or up to 1,000 with a result for each */
export type SendMessageAnswer = {
  /** Id of the message. */
  readonly id: string;
  /** Its Message-ID. */
  readonly messageId: string;
  readonly status: "queued" | "scheduled";
  readonly stream: string;
  /** Those that get it. */
  readonly recipients: readonly string[];
  /** All that were named, suppressed ones too. */
  readonly results: readonly {
    readonly address: string;
    /** suppressed: on the suppression list, it gets nothing; the others do. */
    readonly status: "queued" | "scheduled" | "suppressed";
    /** Why it is suppressed. */
    readonly detail?: string | undefined;
  }[];
  readonly sendAt?: string | undefined;
  /** It went to the simulator. */
  readonly test?: true | undefined;
};

/** How `listMessages` is asked. */
export type ListMessagesQuery = {
  /** 20 unless told. */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
  /** Only those with this tag. */
  readonly tag?: string | undefined;
  /** Only those of this stream. */
  readonly stream?: string | undefined;
};

/** Mails that were sent, the newest first */
export type ListMessagesAnswer = {
  readonly items: readonly {
    readonly id: string;
    readonly messageId: string;
    readonly acceptedAt: string;
    readonly from: string;
    readonly subject: string;
    readonly sizeBytes: number;
    readonly stream?: string | undefined;
    readonly tags: readonly string[];
    readonly metadata: Readonly<Record<string, string>>;
    readonly sendAt?: string | undefined;
    readonly test?: true | undefined;
    readonly to: readonly string[];
  }[];
  /** Cursor of the next page; absent on the last. */
  readonly next?: string | undefined;
};

/** How `getMessage` is asked. */
export type GetMessageQuery = {
  /** Of the journey. */
  readonly language?: "en" | "ja" | undefined;
};

/** What became of a mail */
export type GetMessageAnswer = {
  readonly id: string;
  readonly messageId: string;
  readonly acceptedAt: string;
  readonly from: string;
  readonly subject: string;
  readonly sizeBytes: number;
  readonly stream?: string | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly sendAt?: string | undefined;
  readonly test?: true | undefined;
  readonly recipients: readonly {
    readonly address: string;
    readonly status: "scheduled" | "queued" | "deferred" | "delivered" | "bounced" | "complained" | "suppressed" | "expanded" | "cancelled";
    readonly at: string;
    readonly attempts: number;
    /** What the last server said. */
    readonly reply?: string | undefined;
    readonly nextTryAt?: string | undefined;
  }[];
  /** What happened, in words. */
  readonly journey: readonly {
    readonly at: string;
    readonly event: string;
    readonly recipient: string;
    readonly headline: string;
    readonly details: readonly string[];
  }[];
};

/** What `moveMessage` is given. */
export type MoveMessageRequest = {
  /** Not before (RFC 3339, as `2027-01-31T09:00:00+09:00`) */
  readonly sendAt: string;
};

/** Moves a mail that waits for its time */
export type MoveMessageAnswer = {
  readonly id: string;
  readonly messageId: string;
  readonly acceptedAt: string;
  readonly from: string;
  readonly subject: string;
  readonly sizeBytes: number;
  readonly stream?: string | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly sendAt?: string | undefined;
  readonly test?: true | undefined;
  readonly recipients: readonly {
    readonly address: string;
    readonly status: "scheduled" | "queued" | "deferred" | "delivered" | "bounced" | "complained" | "suppressed" | "expanded" | "cancelled";
    readonly at: string;
    readonly attempts: number;
    /** What the last server said. */
    readonly reply?: string | undefined;
    readonly nextTryAt?: string | undefined;
  }[];
  /** What happened, in words. */
  readonly journey: readonly {
    readonly at: string;
    readonly event: string;
    readonly recipient: string;
    readonly headline: string;
    readonly details: readonly string[];
  }[];
};


/** What `sendBatch` is given. */
export type SendBatchRequest = {
  readonly message?: {
    /** One address. */
    readonly sender?: string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    } | undefined;
    /** One address or several. */
    readonly to?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** One address or several. */
    readonly cc?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** One address or several. */
    readonly bcc?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** One address or several. */
    readonly replyTo?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** Subject. */
    readonly subject?: string | undefined;
    /** Plain text. Made from the HTML where it is not given; empty: none. */
    readonly text?: string | undefined;
    /** HTML. */
    readonly html?: string | undefined;
    /** More fields of the header. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly attachments?: readonly {
      /** Name of the file. */
      readonly filename?: string | undefined;
      /** Media type; by the name of the file unless given. */
      readonly contentType?: string | undefined;
      /** The file in base64. */
      readonly content?: string | undefined;
      /** Where it is fetched from: https, a public address, within 10 seconds, up to 25 MiB. */
      readonly url?: string | undefined;
      /** For an image in the HTML, which names it as `cid:…`. */
      readonly contentId?: string | undefined;
    }[] | undefined;
    /** A whole message (RFC 5322) in base64, in place of all fields above but from, to, cc and bcc. */
    readonly raw?: string | undefined;
    /** ISO-2022-JP is used for each text that it can carry. */
    readonly charset?: "utf-8" | "iso-2022-jp" | undefined;
    /** flowed: paragraphs are broken so that readers join them again (RFC 3676). */
    readonly textFormat?: "fixed" | "flowed" | undefined;
    /** List-Unsubscribe and, with a URL, List-Unsubscribe-Post. */
    readonly unsubscribe?: {
      /** https; one click is a POST there (RFC 8058). */
      readonly url?: string | undefined;
      /** Address that is told. */
      readonly mailto?: string | undefined;
      /** In place of both: this server makes the link and keeps who clicks it off the stream, or off the campaign. `none`: no link, whatever the stream has. For mail to one recipient. */
      readonly scope?: "stream" | "topic" | "none" | undefined;
    } | undefined;
    readonly template?: {
      /** Name of a template. */
      readonly name: string;
      /** The newest unless given. */
      readonly version?: number | undefined;
    } | undefined;
    /** What is inserted: subject, text and html are then templates, or that of `template` is used. */
    readonly data?: Readonly<Record<string, unknown>> | undefined;
    /** Refuses it when an insertion is missing or empty; as the template says, or true. */
    readonly strict?: boolean | undefined;
    /** Stream: `transactional`, `bulk` or one of your own. */
    readonly stream?: string | undefined;
    /** Mail that belongs together, for fairness and reports. */
    readonly campaign?: string | undefined;
    /** To find it by. */
    readonly tags?: readonly string[] | undefined;
    /** Kept with the message and told by webhooks. */
    readonly metadata?: Readonly<Record<string, string>> | undefined;
    /** Not before, at most 30 days ahead (RFC 3339, as `2027-01-31T09:00:00+09:00`) */
    readonly sendAt?: string | undefined;
    /** Seconds after which it is given up. */
    readonly expiresIn?: number | undefined;
    /** Where bounces go; `from` unless given. */
    readonly returnPath?: string | undefined;
    /** Only over verified TLS (RFC 8689). */
    readonly requireTls?: boolean | undefined;
    /** One address. */
    readonly from?: string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    } | undefined;
  } | undefined;
  /** One mail each: what it says goes over `message`. */
  readonly items: readonly {
    /** One address. */
    readonly sender?: string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    } | undefined;
    /** One address or several. */
    readonly to?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** One address or several. */
    readonly cc?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** One address or several. */
    readonly bcc?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** One address or several. */
    readonly replyTo?: (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    }) | (readonly (string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    })[]) | undefined;
    /** Subject. */
    readonly subject?: string | undefined;
    /** Plain text. Made from the HTML where it is not given; empty: none. */
    readonly text?: string | undefined;
    /** HTML. */
    readonly html?: string | undefined;
    /** More fields of the header. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly attachments?: readonly {
      /** Name of the file. */
      readonly filename?: string | undefined;
      /** Media type; by the name of the file unless given. */
      readonly contentType?: string | undefined;
      /** The file in base64. */
      readonly content?: string | undefined;
      /** Where it is fetched from: https, a public address, within 10 seconds, up to 25 MiB. */
      readonly url?: string | undefined;
      /** For an image in the HTML, which names it as `cid:…`. */
      readonly contentId?: string | undefined;
    }[] | undefined;
    /** A whole message (RFC 5322) in base64, in place of all fields above but from, to, cc and bcc. */
    readonly raw?: string | undefined;
    /** ISO-2022-JP is used for each text that it can carry. */
    readonly charset?: "utf-8" | "iso-2022-jp" | undefined;
    /** flowed: paragraphs are broken so that readers join them again (RFC 3676). */
    readonly textFormat?: "fixed" | "flowed" | undefined;
    /** List-Unsubscribe and, with a URL, List-Unsubscribe-Post. */
    readonly unsubscribe?: {
      /** https; one click is a POST there (RFC 8058). */
      readonly url?: string | undefined;
      /** Address that is told. */
      readonly mailto?: string | undefined;
      /** In place of both: this server makes the link and keeps who clicks it off the stream, or off the campaign. `none`: no link, whatever the stream has. For mail to one recipient. */
      readonly scope?: "stream" | "topic" | "none" | undefined;
    } | undefined;
    readonly template?: {
      /** Name of a template. */
      readonly name: string;
      /** The newest unless given. */
      readonly version?: number | undefined;
    } | undefined;
    /** What is inserted: subject, text and html are then templates, or that of `template` is used. */
    readonly data?: Readonly<Record<string, unknown>> | undefined;
    /** Refuses it when an insertion is missing or empty; as the template says, or true. */
    readonly strict?: boolean | undefined;
    /** Stream: `transactional`, `bulk` or one of your own. */
    readonly stream?: string | undefined;
    /** Mail that belongs together, for fairness and reports. */
    readonly campaign?: string | undefined;
    /** To find it by. */
    readonly tags?: readonly string[] | undefined;
    /** Kept with the message and told by webhooks. */
    readonly metadata?: Readonly<Record<string, string>> | undefined;
    /** Not before, at most 30 days ahead (RFC 3339, as `2027-01-31T09:00:00+09:00`) */
    readonly sendAt?: string | undefined;
    /** Seconds after which it is given up. */
    readonly expiresIn?: number | undefined;
    /** Where bounces go; `from` unless given. */
    readonly returnPath?: string | undefined;
    /** Only over verified TLS (RFC 8689). */
    readonly requireTls?: boolean | undefined;
    /** One address. */
    readonly from?: string | {
      /** Address. */
      readonly email: string;
      /** Name for people. */
      readonly name?: string | undefined;
    } | undefined;
  }[];
};

/** Sends up to 1,000 mails, with a result for each */
export type SendBatchAnswer = {
  readonly accepted: number;
  readonly refused: number;
  readonly items: readonly ({
    readonly index: number;
    readonly accepted: true;
    readonly message: {
      /** Id of the message. */
      readonly id: string;
      /** Its Message-ID. */
      readonly messageId: string;
      readonly status: "queued" | "scheduled";
      readonly stream: string;
      /** Those that get it. */
      readonly recipients: readonly string[];
      /** All that were named, suppressed ones too. */
      readonly results: readonly {
        readonly address: string;
        /** suppressed: on the suppression list, it gets nothing; the others do. */
        readonly status: "queued" | "scheduled" | "suppressed";
        /** Why it is suppressed. */
        readonly detail?: string | undefined;
      }[];
      readonly sendAt?: string | undefined;
      /** It went to the simulator. */
      readonly test?: true | undefined;
    };
  } | {
    readonly index: number;
    readonly accepted: false;
    readonly problem: {
      readonly type: string;
      readonly title: string;
      readonly status: number;
      readonly detail?: string | undefined;
      readonly errors?: readonly {
        readonly at: string;
        readonly detail: string;
      }[] | undefined;
    };
  })[];
};

/** How `listTemplates` is asked. */
export type ListTemplatesQuery = {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

/** Templates, the newest version of each */
export type ListTemplatesAnswer = {
  readonly items: readonly {
    readonly name: string;
    readonly version: number;
    /** Subject, in Liquid. */
    readonly subject?: string | undefined;
    /** Plain text, in Liquid. */
    readonly text?: string | undefined;
    /** HTML, in Liquid; what is inserted is escaped. */
    readonly html?: string | undefined;
    readonly strict: boolean;
    readonly note: string;
    readonly createdBy: string;
    readonly createdAt: string;
  }[];
  /** Cursor of the next page; absent on the last. */
  readonly next?: string | undefined;
};

/** How `getTemplate` is asked. */
export type GetTemplateQuery = {
  readonly version?: number | undefined;
};

/** One template */
export type GetTemplateAnswer = {
  readonly name: string;
  readonly version: number;
  /** Subject, in Liquid. */
  readonly subject?: string | undefined;
  /** Plain text, in Liquid. */
  readonly text?: string | undefined;
  /** HTML, in Liquid; what is inserted is escaped. */
  readonly html?: string | undefined;
  readonly strict: boolean;
  readonly note: string;
  readonly createdBy: string;
  readonly createdAt: string;
};

/** What `putTemplate` is given. */
export type PutTemplateRequest = {
  /** Subject, in Liquid. */
  readonly subject?: string | undefined;
  /** Plain text, in Liquid. */
  readonly text?: string | undefined;
  /** HTML, in Liquid; what is inserted is escaped. */
  readonly html?: string | undefined;
  /** Mail whose insertions are missing or empty is refused. */
  readonly strict?: boolean | undefined;
  /** What has changed. */
  readonly note?: string | undefined;
};

/** Makes a template, or a new version of it */
export type PutTemplateAnswer = {
  readonly name: string;
  readonly version: number;
  /** Subject, in Liquid. */
  readonly subject?: string | undefined;
  /** Plain text, in Liquid. */
  readonly text?: string | undefined;
  /** HTML, in Liquid; what is inserted is escaped. */
  readonly html?: string | undefined;
  readonly strict: boolean;
  readonly note: string;
  readonly createdBy: string;
  readonly createdAt: string;
};


/** What `renderTemplate` is given. */
export type RenderTemplateRequest = {
  /** Subject, in Liquid. */
  readonly subject?: string | undefined;
  /** Plain text, in Liquid. */
  readonly text?: string | undefined;
  /** HTML, in Liquid; what is inserted is escaped. */
  readonly html?: string | undefined;
  readonly version?: number | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly strict?: boolean | undefined;
};

/** Shows what a template, or a change of it, becomes with some data */
export type RenderTemplateAnswer = {
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
};

/** Streams */
export type ListStreamsAnswer = {
  readonly items: readonly {
    readonly name: string;
    readonly kind: "transactional" | "bulk";
    /** The link that this server puts into mail of it to one recipient (RFC 8058), and what its reader is taken off: all mail of that kind, or the campaign. */
    readonly unsubscribe: "none" | "stream" | "topic";
  }[];
};

/** What `putStream` is given. */
export type PutStreamRequest = {
  /** Transactional mail goes first. */
  readonly kind: "transactional" | "bulk";
  /** The link that this server puts into mail of it to one recipient (RFC 8058), and what its reader is taken off: all mail of that kind, or the campaign. */
  readonly unsubscribe?: "none" | "stream" | "topic" | undefined;
};

/** Makes or changes a stream */
export type PutStreamAnswer = {
  readonly name: string;
  readonly kind: "transactional" | "bulk";
  /** The link that this server puts into mail of it to one recipient (RFC 8058), and what its reader is taken off: all mail of that kind, or the campaign. */
  readonly unsubscribe: "none" | "stream" | "topic";
};


/** Routes of mail to programs, without their secrets */
export type ListInboundRoutesAnswer = {
  readonly items: readonly {
    readonly id: string;
    readonly address: string;
    readonly url: string;
    readonly raw: boolean;
    readonly attachmentsMaxBytes: number;
    readonly createdAt: string;
  }[];
};

/** What `createInboundRoute` is given. */
export type CreateInboundRouteRequest = {
  /** `support@shop.example`, `ticket-*@shop.example`, or `@shop.example` for all that has no mailbox. */
  readonly address: string;
  /** https, where it is posted to. */
  readonly url: string;
  /** The whole message goes along, in base64. */
  readonly raw?: boolean | undefined;
  /** Files of so many bytes in all go along; 10 MiB unless told. */
  readonly attachmentsMaxBytes?: number | undefined;
};

/** Sends mail for an address to a program */
export type CreateInboundRouteAnswer = {
  readonly id: string;
  readonly address: string;
  readonly url: string;
  readonly raw: boolean;
  readonly attachmentsMaxBytes: number;
  readonly createdAt: string;
  /** What requests are signed with (Standard Webhooks). Told this once; a lost one is rotated. */
  readonly secret: string;
};

/** What `rotateInboundRoute` is given. */
export type RotateInboundRouteRequest = {
  /** Hours in which the old secret signs too; 24 unless told. */
  readonly overlapHours?: number | undefined;
};

/** Makes a new secret; the old one signs beside it for a while */
export type RotateInboundRouteAnswer = {
  /** What requests are signed with (Standard Webhooks). Told this once; a lost one is rotated. */
  readonly secret: string;
};


/** Domains of bounces and links, held against DNS */
export type ListSendingDomainsAnswer = {
  readonly items: readonly {
    /** returnPath: bounces come back to it. tracking: links lead over it. */
    readonly purpose: "returnPath" | "tracking";
    readonly name: string;
    readonly records: readonly {
      readonly type: string;
      readonly name: string;
      readonly value: string;
      /** What its name servers say. */
      readonly found: readonly string[];
      readonly state: "right" | "missing" | "wrong" | "unknown";
    }[];
  }[];
};

/** What `putSendingDomain` is given. */
export type PutSendingDomainRequest = {
  /** A name below one of your domains, as `bounce.shop.example`. */
  readonly name: string;
};

/** Sets the domain of bounces, or of links */
export type PutSendingDomainAnswer = {
  /** returnPath: bounces come back to it. tracking: links lead over it. */
  readonly purpose: "returnPath" | "tracking";
  readonly name: string;
  readonly records: readonly {
    readonly type: string;
    readonly name: string;
    readonly value: string;
    /** What its name servers say. */
    readonly found: readonly string[];
    readonly state: "right" | "missing" | "wrong" | "unknown";
  }[];
};

