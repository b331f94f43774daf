/** That there is no such mailbox, in English. */
import type { Saying } from './phrase.ts';

export const ofUnknownUsers: readonly Saying[] = [
  {
    reason: 'noSuchUser',
    strength: 'sure',
    phrases: `
      can not accept user
      mailbox unavaiable
      not email addresses
      recipient|recipients was|were|is undeliverable
      @ not found|exist|exists|known|valid
      in name directory
      inactive email address
      not a member of domain
      $mailbox not ok
      unknown or illegal $mailbox
      invalid or unknown virtual? $mailbox
      $mailbox unknown
      $mailbox is|was|are not? unknown
      $mailbox @ is|was? unknown
      $mailbox .. is unknown
      $mailbox .. unknown in|at|on|to
      user .. unknown
      unknown local? $mailbox
      unknown email|mail|virtual|destination|recipient? $mailbox
      unknownuser
      userunknown
      no such $mailbox
      no such local|email|mail|smtp|virtual? $mailbox
      no such person|name|one|mail
      no $mailbox here|there|found|exists|exist|named|by|with|at|present
      no $mailbox available
      no mail box
      no one|body|user|person at|by|with|here .. address|name
      no one with that
      there is no one|user|mailbox|account|such|person
      no valid $mailbox
      no local? mailbox
      not a valid|known|local|registered|recognized|existing|active $mailbox
      is not an? active|valid|known|registered|recognized|existing? $mailbox
      not an? active|valid|known $mailbox
      invalid $mailbox
      invalid|bad destination|email|local|final|delivery|recipient|mailing? delivery? $mailbox
      $mailbox invalid
      $mailbox is|was|are|appears|seems to? be? invalid
      $mailbox not found|exist|exists|existing|known|recognized|recognised|valid|listed|present|available|ok
      $mailbox|@ is|are|was|were|could|can|does|do|did|may not be? been? found|exist|exists|known|recognized|recognised|valid|listed|present|available|located|resolved|identified
      $mailbox .. does|do|did not exist
      $mailbox .. not found
      $mailbox .. not .. valid|known $mailbox
      $mailbox .. no longer exists|exist|valid|available
      $mailbox .. doesnt exist
      $mailbox no longer exists|exist|valid|available|here
      $mailbox|@ is not on|in this|the|our server|system|host|list|directory
      name is not found
      does|do not exist on|in|at this|our|the|that server|system|host|domain
      is not present in directory
      not present in directory
      not listed in .. directory|book
      not listed in domino
      not on this server
      was not found in ldap|our|the
      was not found at the domain
      not found in .. directory|database|ldap
      not found by smtp address lookup
      recipnotfound|/recipnotfound
      recipientnotfound|/recipientnotfound
      /resolver /adr
      not have a|an? yahoo* .. account
      user does not have a|an .. account
      not have an? account|mailbox here
      does not have an? mailbox|account
      not our customer
      not a customer
      bad $mailbox
      bad destination $mailbox
      bad|wrong email? address|recipient|recipients
      badrcptto
      badrecipientto
      address invalid
      address|recipient|recipients rejected|denied undeliverable
      undeliverable address
      unknown undeliverable
      recipient rejected|unrecognized|unverified
      recipient address rejected user|unknown|invalid|no|undeliverable|address|unverified|not
      recipient address rejected in reply
      $mailbox unrecognized
      not a member of domain
      $mailbox can not be verified
      $mailbox could not be verified
      can not verify $mailbox
      user path no exist
      can not deliver mail for
      will not accept mail|messages for|to this|that? $mailbox
      recipient is not allowed|accepted|local|valid
      that recipient is not
      $mailbox name not allowed
      mailbox is not allowed
      mailbox unavailable
      mailbox is|was unavailable
      mailbox currently unavailable
      mailbox unavailable or access
      not like recipient
      user is|was not found
      lookup in domain map failed
      address lookup .. failed
      name lookup .. failed
      user missing home directory
      home directory .. not exist
      no home directory
      chkusr
      vdeliver invalid
      destination addresses were unknown
      destination server rejected recipients
      all recipients are|were invalid|rejected
      wrong or no longer valid
      address is no longer valid
      no longer accepts mail
      no longer an employee
      not one of our .. users|customers
      addressee unknown
      can not find user|mailbox|your? recipient
      cannot find user
      could not find user|mailbox|recipient
      unable to find .. user|mailbox|recipient
      not recognized
      not in .. validrcptto
      nosuchuser
      /nosuchuser
      user .. not .. in .. table
      spectator does not exist
      delivery error dd this user
      unknown account
      account unavailable
      account is unavailable
      no thank you rejected
      envelope recipient has been denied
      address wasnt found
      address could not be found
      address was|is not found
      invalid final delivery
    `,
  },
  {
    reason: 'noSuchUser',
    strength: 'fair',
    phrases: `
      invalid recipients
      unroutable address
      does|do not exist
      does not have .. account
      $mailbox unavailable
      $mailbox not available
      verify .. recipient
      incorrectly addressed
      may be misspelled
    `,
  },
  {
    reason: 'noSuchUser',
    strength: 'weak',
    phrases: `
      address rejected
      recipient address rejected
      recipient .. rejected
    `,
  },
  {
    reason: 'noSuchUser',
    strength: 'certain',
    phrases: `
      destination server rejected recipients
      domain or user is not in
    `,
  },
];
