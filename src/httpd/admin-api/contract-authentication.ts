/** What crosses the admin API about the proof of who sends, as schemas (see contract.ts). */
import * as Type from 'typebox';

const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description });

const domainPattern = Type.String({
  description: '`example.jp` with all below it, or `*.example.jp` for those alone.',
  maxLength: 300,
});

export const senderRules = Type.Object(
  {
    dmarc: Type.Optional(
      oneOf(
        ['obey', 'junk', 'ignore'],
        'What domains ask for by DMARC: `obey` it, put into Junk at most, or only tell the result.',
      ),
    ),
    mailingLists: Type.Optional(
      oneOf(
        ['junk', 'refuse'],
        'Mail of a domain with `p=reject` by way of a mailing list that proves itself.',
      ),
    ),
    spfFail: Type.Optional(
      oneOf(['accept', 'junk', 'refuse'], 'Mail from a host that SPF forbids, without DMARC or a signature.'),
    ),
    unclearAuthor: Type.Optional(
      oneOf(['accept', 'junk', 'refuse'], 'Mail with several From fields, or one that cannot be read.'),
    ),
    missingAuthor: Type.Optional(oneOf(['accept', 'junk', 'refuse'], 'Mail without a From field.')),
    trustedForwarders: Type.Optional(Type.Array(domainPattern, { maxItems: 500 })),
    senders: Type.Optional(
      Type.Array(
        Type.Object(
          {
            domain: domainPattern,
            action: oneOf(['accept', 'junk', 'refuse', 'obey'], 'What is done with its mail.'),
          },
          { additionalProperties: false },
        ),
        { maxItems: 500 },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'What is absent is as it is one level up: organisation, then server.',
  },
);
