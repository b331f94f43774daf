/** What servers say of themselves and of the conversation. */
import type { Saying } from './phrase.ts';

export const ofSystems: readonly Saying[] = [
  {
    reason: 'security',
    strength: 'sure',
    phrases: `
      recipient address rejected access denied
      authentication required|failed|failure|credentials|unsuccessful|needed|error|data|requise|invalide
      authrequired
      auth failed
      requires authentication
      must authenticate|login
      username and password
      bad username
      password required
      access code
      credentials invalid
      not authorized to perform
      unauthenticated senders not allowed
      verification failure
      code|codes d authentification
      too many login
    `,
  },
  {
    reason: 'systemFull',
    strength: 'sure',
    phrases: `
      insufficient system storage|resources|disk
      mail system full
      system|server|spool disk? full
      no space left
      insufficient disk
      insufficient resources
      insufficient space
      out of memory
    `,
  },
  {
    reason: 'mailerError',
    strength: 'sure',
    phrases: `
      mailer error
      mailer terminated|failed
      operating system error
      local mailer
      procmail
      maildrop
      pipe to
      command died
      command failed|output|terminated
      died with status
      exit status|code
      exited with
      child process
      child|program .. exit|exited|returned|failed
      x unix
      can not exec
      can not create output
      local delivery failed|agent
      i o error
    `,
  },
  {
    reason: 'system',
    strength: 'sure',
    phrases: `
      could not load drd
      queue file write error
      file write error
      internal system|server? error
      server configuration error|problem
      configuration error
      system config error
      local configuration error
      temporary local problem
      temporary system error
      temporary|local|internal|system lookup? error|problem|failure
      local error in processing
      can not create user output file
      system .. busy
      server is? too? busy
      resources temporarily
      temporarily|currently unable to
      service currently|temporarily unavailable
      temporary|temporarily server|service error
      aliasing forwarding loop
      duplicated message id
      interrupted system call
      encountered an error while being processed
      would create a mail loop
      remote server is misconfigured
      misconfigured
      deferred because there is no mdb
      unable to contact ldap
      ldap .. error|fail*|unavailable
      blame it on the weather
      technical problem|error
      message ended early
      an error occurred
    `,
  },
  {
    reason: 'protocol',
    strength: 'sure',
    phrases: `
      syntax error
      bad sequence
      command unrecognized
      command not recognized|implemented|understood
      unrecognized command|authentication
      unimplemented command
      command unknown
      unknown command
      parameter not implemented|recognized
      bad address syntax
      malformed address
      out of sequence
      invalid command|parameter|arguments|syntax
      need mail|rcpt|helo
      valid rcpt command must precede
      no commands allowed to pipeline
      invalid input from
      domain missing
      unable to parse
      expecting
    `,
  },
  {
    reason: 'system',
    strength: 'weak',
    phrases: `
      try again later
      please try again
      try later
      temporarily unavailable
      temporarily deferred
      temporary failure
      temporary
      service unavailable
      service not available
      unavailable
      overload*
      resources
      timeout
      unexpected error
      unknown error
      server error
      mail system configuration
      timeout waiting
      transaction failed
      can not send|deliver
      unable to send|deliver|process|lookup
    `,
  },
  {
    reason: 'security',
    strength: 'weak',
    phrases: `
      access denied
      permission denied
      not authorized
      not authorised
      not permitted
      security
      authentication
      privilege
    `,
  },
  {
    reason: 'addressBlocked',
    strength: 'weak',
    phrases: `
      access denied .. ip
      connection refused
      blacklisted
      blocklisted
      blacklist
      service refuse
      service refused
      service not available closing
    `,
  },
  {
    reason: 'mailerError',
    strength: 'weak',
    phrases: `
      program
      local delivery
    `,
  },
  {
    reason: 'security',
    strength: 'certain',
    phrases: `
      do not authenticate or
      not subscribed to ses
    `,
  },
];
