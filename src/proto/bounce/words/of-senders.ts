/** What servers say of the sender and of what it may do: authentication, envelope sender, relaying. */
import type { Saying } from './phrase.ts';

export const ofSenders: readonly Saying[] = [
  {
    reason: 'unauthenticated',
    strength: 'sure',
    phrases: `
      /pobox
      /openspf
      spf check|checks .. fail*
      spf fail*
      bad|no|missing|invalid|your spf
      spf validation|verification|authentication|hard|sender|softfail|permerror|settings|policy|hardfail
      spf or dkim
      spf and dkim
      either spf
      fails|fail|failing|failed .. spf
      pass .. spf
      spf dns
      sender policy framework
      violat* .. spf
      per its? spf
      for spf
      spf is|was|does|did
      dkim check|checks|validation|verification|signature|sender|fail*|authentication|is|does|reasons|policy
      invalid dkim
      no dkim
      with dkim
      dmarc
      domainkeys
      sender id pra|check|fail*
      unauthenticated email|mail|message|messages
      sender is unauthenticated
      mail|message|email is unauthenticated
      authentication checks|check|results
      authentication information
      domain authentication fail*
      does not pass authentication
      required authentication level
      not authenticated .. spf
      is not allowed to send mail|email|from .. spf|domain
      is not allowed to send mail from
      not designated .. sender
      not authorized to send .. domain
      not permitted to send .. from .. domain
      /openspf
      /pobox .. spf
      cxsndr
      送信ドメイン認証
    `,
  },
  {
    reason: 'noRelay',
    strength: 'sure',
    phrases: `
      relay access? denied|denined|prohibited|refused|rejected|disallowed|forbidden
      relay is|was|has|not been? not? denied|prohibited|permitted|allowed|authorized|enabled
      relaying is? not? denied|prohibited|permitted|allowed|disallowed|refused|forbidden|rejected|disabled|mail
      relaying to .. prohibited|denied
      relay not permitted|allowed
      not permitted|allowed|authorized|able|authorised to relay
      not relay
      no relaying|relay
      can not relay
      unable to relay
      we do not relay
      as a relay
      attempt to relay
      open relay is? not allowed
      open relaying
      insecure mail relay
      unauthorized relay
      credentials for relay
      rcpthosts
      list of allowed rcpthosts|rcpthost
      not a gateway
      not local host
      send to a nonlocal email
      send to a non local email
      requires authentication when attempting to send
      not hosted here
      domain .. not local
      not handle mail for
      not accept mail for .. domain
      does not accept mail for
      not authorized to send email directly to our servers
      local user only
      needs smtp auth
      requires smtp auth
      mail relay denied
      email address is not verified
      gate is forbidden
    `,
  },
  {
    reason: 'senderRefused',
    strength: 'sure',
    phrases: `
      sender .. address|domain $refused
      sender|mailfrom is? $refused
      sender was $refused
      sender email? address $refused
      sender denied
      sender verify fail*
      sender verification fail*
      sender not pre approved
      sender domain .. not|empty|invalid|blacklisted|blocked|must|unresolvable|resolve
      sender address .. not|invalid|blacklisted|blocked|unknown|must|does
      sender address|domain|envelope has? been? blacklisted|blocked|listed
      sender envelope domain
      sender is spammer
      sender is|was not allowed|authorized|authorised|permitted|accepted|verified|found
      sender is|was blocked|listed|blacklisted|banned|unknown
      sender blocked|blacklisted|unknown|invalid|refused
      sender has no
      sender email is not
      sender not allowed|authorized|authenticated|in|accepted
      invalid|unknown|bad|unverified|unresolvable|unroutable|malformed|empty|null|fake|forged|blocked|blacklisted envelope|mail? sender|senders
      empty envelope|sender
      empty email address
      envelope sender
      envelope blocked|rejected
      envelope from .. rejected|blocked|invalid
      domain of sender
      domain of the sender
      domain name .. sender .. not|resolve
      access denied in reply to mail
      mail from not owned
      mailfrom failed
      bogus mail from
      from address .. not|invalid|rejected|blocked|refused
      from domain .. not|invalid|must|resolve|unresolvable
      from this sender
      from this? domain is|are not
      return path .. not|invalid|rejected
      reverse path
      purported responsible address
      verify .. sender
      resolve .. sender domain
      your email? address has been blacklisted|blocked
      your domain has been blacklisted|blocked
      your domain .. blacklisted|blocked
      address that has been blacklisted
      badmailfrom
      batv
      backscatter protection|detected|spam
      no third party dsns
      returned mail not accepted
      unsigned dsn
      bouncedeny
      emetteur invalide
      not owned by user
      not verified .. identities
      not a registered gateway user
      you|sender are|is not an? member
      not a member of this
      only members|subscribers
      permission to post
      allowed to post|send messages
      group you tried to contact
      moderated
      not .. permission to send
      sendernotauthenticated*|/sendernotauthenticated*
      sender not authenticated
      sender was not authenticated
      bad outbound sender
      unregistered domains
      valid address filter
      does not accept mail from
      not accept mail from your|this domain
      server does not accept mail from
      does not accept bounces
      bounces are|is not accepted
      bounces not accepted
      null mx .. sender
      absender .. abgelehnt|ungultig|gesperrt|unbekannt
      expediteur .. refuse|invalide|rejete
      remitente .. rechazado|invalido
      mittente .. rifiutato|non
      送信者 .. 拒否
      发件人 .. 拒绝
      dns p1
      dns p2
    `,
  },
  {
    reason: 'senderRefused',
    strength: 'fair',
    phrases: `
      mail from is|was? rejected|denied|refused|not|invalid|must
    `,
  },
  {
    reason: 'unauthenticated',
    strength: 'fair',
    phrases: `
      spf record|records
      spf
      dkim
    `,
  },
];
