/** What servers say of the one who sends: address of the machine, its name, authentication, reputation, pace, the envelope sender, relaying. */
import type { Saying } from './phrase.ts';

export const ofSenders: readonly Saying[] = [
  {
    reason: 'greylisted',
    strength: 'sure',
    phrases: `
      greylist*
      postgrey
      greytrap*
      temporarily|temporary deferred|rejected|blocked .. greylist*
    `,
  },
  {
    reason: 'noReverseName',
    strength: 'sure',
    phrases: `
      ptr record|records|resource|setup
      no ptr
      dns ptr
      valid ptr
      ptr records
      reverse dns
      reverse hostname
      reverse lookup
      reverse name
      reverse mapping
      rdns
      fcrdns
      forward confirmed
      find your reverse? hostname
      resolve your hostname|address|ip
      ip name lookup failed
      name lookup failed .. ip
      unresolvable relay hostname
      unverifyable|unverifiable sending ips|ip
      no|missing|invalid|without|lacks reverse
      hostname does not match .. ip
      ip .. does not resolve
      no hostname for your ip
      ip address could not be resolved
      cxdns
      逆引き
    `,
  },
  {
    reason: 'unauthenticated',
    strength: 'sure',
    phrases: `
      spf check|checks .. fail*
      spf fail*
      spf validation|verification|authentication|record|records|hard|sender|softfail|permerror|settings|policy|hardfail
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
    reason: 'badReputation',
    strength: 'sure',
    phrases: `
      poor|bad|low|negative|unacceptable email|sender|domain|ip|web? reputation
      $client reputation
      sender|email|domain reputation
      reputation of
      reputation score|problem|problems|block|filter|service|reason
      due to .. reputation
      poor reputation
      very low reputation
      unexpected volume or user complaints
      due to user complaints
      senderbase
      sender score
      sbrs
      ip domain reputation
    `,
  },
  {
    reason: 'tooManyConnections',
    strength: 'sure',
    phrases: `
      too many concurrent|simultaneous|open|smtp|active? smtp? connections|connection|sessions|session
      too many recipients
      too many connections
      too many hosts
      connection rate limit
      connection limit
      maximum connections|connection|concurrent
      max connections|connection|concurrent
      concurrent .. limit|connections|sessions
      exceeded .. number of .. connections|recipients
      recipients limit exceeded
      maximum number of recipients
      trop de connexions
      max message|messages per connection
      message threshold exceeded
      demasiadas conexiones
      zu viele verbindungen
      per connection .. reached
      outbound thread limit
      cxcnct
    `,
  },
  {
    reason: 'tooFast',
    strength: 'sure',
    phrases: `
      rate limit
      rate limited
      rate limits
      throttl*
      too quickly
      too fast
      too frequent*
      at a rate
      unusual rate
      try again slower
      slow down
      excessive volume
      too much mail from
      too much mail
      too many messages|mails|emails|errors|requests|bounces|attempts|commands|logins
      too many .. messages|mails|emails .. hour|day|minute|session
      too many invalid|unknown|bad|nonexistent recipients|recipient|users|addresses
      frequency limited
      frequency of .. limited
      sending limit|quota|rate
      daily .. limit|quota exceeded
      hourly .. limit|quota exceeded
      per|this hour
      maximum .. per hour
      exceeded .. rate
      exceeded .. emails|messages per
      exceeded .. hourly|daily
      relay limit exceeded
      mail volume
      sent too many
      sending too
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
      list of allowed rcpthosts
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
      mail from is|was? rejected|denied|refused|not|invalid|must
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
      non member to
      members only list
      only members|subscribers
      permission to post
      allowed to post|send messages
      not subscribed to this group
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
    reason: 'addressBlocked',
    strength: 'sure',
    phrases: `
      $lister
      $blocklist .. $client
      $client .. is|was|are in|on|listed|found .. $blocklist|list
      $client .. blocked using|by|for|due|because
      $client .. found on .. $blocklist|list
      $client is|are|was|has|have been? temporarily|currently|permanently? blocked|banned|blacklisted|blocklisted|listed|denied|refused
      $client @|address? .. is|was|has|have been? blocked|banned|blacklisted|blocklisted|listed
      $client rejected|blocked|banned|blacklisted|refused|forbidden
      $client address rejected|blocked|banned|blacklisted|refused|listed
      $client .. address was rejected
      client host .. rejected|blocked
      your ip .. blacklisted|blocked|listed|banned|identified|rejected
      your network|server|host|mailserver .. blacklisted|blocked|listed|banned|on|rejected
      blocked using|at|- see
      blocked - see
      refused - see
      blacklisted by|at|in|on
      listed as|in|at|on|by .. $blocklist|$lister|abusive
      listed by the lookup site
      block list
      dns blacklist*
      dynamic ip|ips|address|pool|zombied
      hosts with dynamic
      generic dns
      open proxy
      banned sending|sender ip|address
      banned sending
      bad sender? ip
      bad helo
      invalid ip for
      helo|ehlo command? rejected|invalid|refused|required|must|not
      helo|ehlo .. argument|name|hostname .. invalid|rejected|not
      empty helo
      fully qualified hostname|host|domain
      my name was rejected
      not currently accepting mail from your ip
      messages from .. weren not
      messages from .. were not sent
      mail from ip
      mail from .. refused see
      no access from mail server
      not accept mail from dynamic|hosts|ips
      not accepting connections
      connection|connections .. not accepted from ip
      connections will not be accepted
      not allowed to connect
      not authorized to connect
      not permitted to connect
      go away
      confirm this mail server
      requires confirmation
      mismatches client ip
      may not be mail exchanger
      part of their network
      spams from your ip
      unwanted messages .. from .. ip
      server access forbidden
      use the smtp server of your isp|provider
      through your isp
      your isp .. smtp|server
      access from ip
      ip frequency
      denyip
      service refused please try later
      adresse ip .. bloquee
      ip address .. rejected
      blocked for abuse
      blocked for spam .. ip
      email blocked by
      said blocked
      is_blocked
      remotehost looks suspicious*
      connection refused by
      connection dropped
      connection was dropped by remote
      connection rejected|denied
      refused to talk
      sending mta .. validation
      closing transmission channel
      abus detecte
      cxbl
      cdrbl
      rbl reject
      relay is blacklisted
      rtr bl
      rtr bb
      rtr du
      attrbl
      shxbl
      problem occurred ask your postmaster
      recipients @ blocked
      mail from ip .. rejected
      blocked because .. ip
      unverified sending ip
    `,
  },
];
