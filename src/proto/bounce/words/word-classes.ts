/** Words that mean the same in what servers say. */
const list = (words: string): readonly string[] => words.trim().split(/\s+/);

export const wordClasses: Readonly<Record<string, readonly string[]>> = {
  /** Whom the mail was for. */
  mailbox: list(
    'user users username userid recipient recipients mailbox mailboxes account accounts address addresses addressee alias aliases inbox maildrop destination person subscriber member customer localpart mailaddress emailaddress id',
  ),
  /** A place mail is kept in. */
  box: list(
    'mailbox inbox account user recipient mailfolder maildir folder mail storage disk disc spool member maildrop',
  ),
  /** Who sent it. */
  sender: list('sender originator mailfrom sender_address returnpath'),
  /** The machine that sent it. */
  client: list('ip ips host client server mta hostname relay network netblock remotehost mailserver'),
  message: list('message messages mail mails email emails content letter body msg'),
  is: list('is are was were be been has have isn'),
  refused: list(
    'rejected refused blocked denied declined prohibited forbidden banned discarded reject deny bounced',
  ),
  unknown: list(
    'unknown invalid illegal nonexistent undeliverable unrecognized inexistent unresolvable undefined unavaiable',
  ),
  closed: list(
    'disabled suspended inactive deactivated inactivated locked frozen closed expired discontinued terminated cancelled canceled dormant archived deleted',
  ),
  exceeded: list('exceed exceeds exceeded exceeding exeeded exhausted reached exceded over overflow'),
  blocklist: list(
    'blacklist blacklisted blacklists blocklist blocklists blocklisted blocklisting denylist rbl rbls dnsbl dnsbls drbl',
  ),
  /** Who keeps lists of addresses, also in links. */
  lister: list(
    'spamhaus /spamhaus spamcop /spamcop sorbs /sorbs barracudacentral /barracudacentral abuseat /abuseat uceprotect /uceprotect invaluement ivmsip /spamrl /hostkarma hostkarma /junkemailfilter /njabl njabl /ordb /dsbl /psbl psbl /mailspike /cobion mapsrbl /mapsrbl xbl pbl sbl dul cbl /surriel',
  ),
  spam: list('spam spamming spammer spammy ube uce junk junkmail unsolicited bulk'),
  server: list('server system host mailserver mta service machine'),
};
