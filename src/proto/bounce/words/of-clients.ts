/** What servers say of the machine that sends: its address, its name, its reputation, its pace. */
import type { Saying } from './phrase.ts';

export const ofClients: readonly Saying[] = [
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
      forward dns
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
      domain mismatches client ip
      /. mismatches client ip
      dns lookup failure .. try again later
      逆引き
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
    reason: 'addressBlocked',
    strength: 'sure',
    phrases: `
      currently sending spam
      you are sending spam
      in a|an|the|our $blocklist
      mail from # refused|rejected|denied|not|blocked
      access to submit messages
      submit messages to this .. has been rejected
      # is|was|has blocked|listed|blacklisted|banned
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
      blocked using .. $lister
      $client .. blocked using
      blocked|refused see
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
      mail from .. mismatches client ip
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
  {
    reason: 'addressBlocked',
    strength: 'weak',
    phrases: `
      was blocked by
    `,
  },
  {
    reason: 'tooManyConnections',
    strength: 'certain',
    phrases: `
      throttling failure
    `,
  },
];
