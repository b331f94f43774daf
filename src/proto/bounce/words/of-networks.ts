/** What is said of the way to a server: no such domain, no connection, no answer, too late, no encryption. */
import type { Saying } from './phrase.ts';

export const ofNetworks: readonly Saying[] = [
  {
    reason: 'takesNoMail',
    strength: 'certain',
    phrases: `
      null mx
      nullmx
      does not receive email
    `,
  },
  {
    reason: 'takesNoMail',
    strength: 'sure',
    phrases: `
      domain|host does not accept|receive any? mail|email|messages
      does not accept mail nullmx
      host domain does not accept mail
      no smtp service
      smtp protocol returned a permanent error
      no mail enabled subscriptions
      account inbounds disabled
    `,
  },
  {
    reason: 'network',
    strength: 'certain',
    phrases: `
      host not found try again
      dns error
    `,
  },
  {
    reason: 'network',
    strength: 'sure',
    phrases: `
      unexpected name server reply
      malformed .. name server reply
      no route to host
      network unreachable
      network is unreachable
      host is|was? unreachable
      too many hops
      hop count exceeded
      exceeded .. hops
      mail loop
      mailloop
      mail forwarding loop
      forwarding loop count
      routing loop
      loop detected
      loop was found
      message is looping
      message looping
      loops back to
      points back to
      dns lookup timeout|timed
      name server timeout
      temporary dns
      network error
      connect to .. connection refused
      could not connect and send
      dns records for the destination computer could not be found
      unable to resolve route
      connection .. is broken
      lost connection
      bad file descriptor
      connection reset
      timeout closing connection
    `,
  },
  {
    reason: 'noSuchDomain',
    strength: 'sure',
    phrases: `
      account or domain may not exist
      domain must exist
      host|server|hostname|domain unknown
      unknown domain
      unknown mail? server
      host or domain name not found
      domain|host|hostname name? $is? not? not found|exist|valid|known
      domain|host does not exist
      recipient domain .. not|must
      no such domain|host
      domain not found
      domain name not found
      invalid host|hostname|domain name|server?
      invalid domain
      could not find any host
      not find any host
      could not find .. host|domain
      nxdomain
      mx records .. nonexistent|invalid
      mx or a
      no mx
      no dns
      no mx record
      no mail server
      no mail exchanger
      bad destination system|host
      bad domain
      unroutable mail domain
      unrouteable mail domain
      domain .. unreachable
      domain is not reachable
      host name is unknown
      name or service not known
      name service error for name
      mail domain mentioned .. unknown
      nonexistentdomain
      dns domain .. does not exist
      is a dead domain
      no data known
      /nosuchdomain
      ドメイン .. 見つか
      ドメイン .. 存在
      ドメイン .. ありません
      域名不存在
      domane .. nicht
      domaine .. inconnu|inexistant
      dominio .. no existe
      dominio .. inexistente|desconocido
    `,
  },
  {
    reason: 'expired',
    strength: 'sure',
    phrases: `
      numerous attempts to deliver
      message expired
      queue expired
      message timed out
      mail expired
      delivery time expired
      delivery timeout
      delivery expired
      giving up
      could not be? deliver|delivered for|after
      delivery failed attempts
      envelope expired
      will be deleted from queue
      could not be delivered for .. days|hours
      could not .. deliver* .. for|within .. days|hours
      not delivered within
      within the allowed queue
      long failure period
      retry time not reached
      retry timeout|time exceeded
      failing for a long time
      all hosts .. have been failing
      too many delivery attempts
      delivery attempts exceeded
      maximum queue|retry time|lifetime
      not been collected after
      could not find a gateway
      connection timed out
      operation timed out
      conversation .. timed out
      server did not respond
      host not reachable
      was not able to establish an smtp connection
      not able to establish an smtp
      requests to connect
      retransmission time limit
      has not yet been delivered
      has been delayed
      delivery is? delayed
      still trying
      undelivered after
      journal messages past
      配送期限
      時間内 .. 配信
      nicht zugestellt werden .. tage
    `,
  },
  {
    reason: 'tlsFailed',
    strength: 'sure',
    phrases: `
      starttls
      tls required|handshake|negotiation|connection|not|is|available
      start tls
      tls sslv3
      requires encryption
      encryption required|needed
      requires tls
      ssl handshake|error
      certificate expired|host|verification|verify
      dane validation
      mta sts .. fail*
    `,
  },
  {
    reason: 'network',
    strength: 'fair',
    phrases: `
      dns lookup fail*
      socket error
    `,
  },
  {
    reason: 'noSuchDomain',
    strength: 'fair',
    phrases: `
      unknown host
      unroutable address
      /. does not exist
      /. not found
      /. is unknown
      domain .. not exist|found
    `,
  },
  {
    reason: 'network',
    strength: 'weak',
    phrases: `
      unreachable
      unable to route
      routing error
      connect to
      connection refused|failed|closed|error
      could not connect
      can not connect
      failed to connect
      no answer from host
      delivery path
    `,
  },
  {
    reason: 'takesNoMail',
    strength: 'fair',
    phrases: `
      we do not accept mail
    `,
  },
  {
    reason: 'expired',
    strength: 'fair',
    phrases: `
      queue too long
      not going to try again
    `,
  },
];
