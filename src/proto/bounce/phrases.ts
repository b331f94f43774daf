/**
 * What servers say in words, from the special to the general: texts of the mail programs (Postfix, Exim, Sendmail, qmail, Exchange, Courier, Domino, …), of hosting
 * providers and of filters, as their manuals and sources print them. First match wins.
 *
 * Whether there is no such mailbox is not decided here alone: see `unknownUser`, whose weight depends on the phase.
 */
import type { FailureReason } from './reasons.ts';

export type Phrase = readonly [FailureReason, RegExp];

/** Says that nobody has this address. After the recipient was accepted it may as well be a filter that says so. */
export const unknownUser =
  /user ?(?:name )?(?:is )?(?:unknown|not (?:found|exist|known|valid)|doesn'?t exist|does not exist|invalid)|(?:unknown|invalid|illegal|no such|non-?existent|undeliverable|bad destination) (?:or illegal |local |e-?mail |final delivery |virtual |mailing )*(?:user|recipients?|mailbox|alias|account|address(?:es)?|user ?name|destination|person|userid|local[- ]?part)|(?:mailbox|account|recipient|address|alias|inbox|user)(?: (?:you|that|is|you are|are|trying|tried|to|reach|named?|by|<[^>]*>|[^\s<>@]+@[^\s<>@]+)){0,12} (?:unknown|not found|does(?:n'?t| not) exist|unavailable|not (?:available|exist|known|listed|valid|here)|invalid|is not a valid|no longer (?:exists?|available|valid))|no mailbox (?:here )?(?:by|with) that name|no (?:one|such person|such recipient|such user|such account|such mailbox|user|account|recipient|mailbox|valid recipients?)(?: here| by that name| found| named| exists?| with (?:that|this) (?:name|address))|not (?:a (?:known|valid) (?:user|mailbox|recipient|address)|our (?:customer|user)|in (?:my|our|the|local) (?:control files|(?:domino )?directory|recipient table|validrcptto list|database))|(?:does|did) not (?:have an? (?:account|mailbox|user)|match|handle mail for)|doesn'?t (?:have an? .{0,30}account|handle mail for)|(?:recipient|address)(?: address)? (?:was )?rejected: (?:undeliverable|unknown|no such|invalid|unverified|access denied|user|address)|recipient (?:address )?rejected\.? ?(?:\(in reply|$)|address rejected(?!: )|can'?t (?:verify|create user output file)|user (?:could not be|account is) (?:verified|unavailable)|isn'?t (?:listed|a valid)|RESOLVER\.ADR\.(?:Recip|Ex|Inv|Bad|.*NotFound)|RecipNotFound|RecipientNotFound|554 delivery error: dd (?:this user|sorry)|destinataire (?:invalide|inconnu)|(?:adresse|utilisateur|boite).{0,40}(?:inconnue?|invalide|n'existe)|usuario (?:desconocido|inexistente)|unbekannte?r? (?:empf|benutzer)|utente sconosciuto|(?:宛先|メールアドレス|アドレス|ユーザ).{0,30}(?:見つかり|見つから|存在し|ありません|不明)|此收件人|收件人.{0,8}不存在|unrouteable address|address (?:couldn'?t be|wasn'?t|was not|could not be) found|(?:the )?email account that you tried to reach (?:does not|is)|mailbox unavailable|no such (?:user|local user)|chkusr|vdeliver: invalid or unknown virtual user|not a valid (?:mailbox|recipient|user)|recipient (?:does not exist|unknown|not found)|not our customer/i;

export const phrases: readonly Phrase[] = [
  [
    'notCompliant',
    /not rfc ?-?(?:5322|2822|822|5321) compliant|multiple (?:subject|from|to|date|message-id) /i,
  ],
  ['spam', /spam classification|classified as spam|considered (?:as )?spam|(?:is|as|be) spam\b/i],
  ['takesNoMail', /null mx|no smtp service|doesn't receive email|nullmx/i],
  [
    'policy',
    /rejected for policy reasons|for policy reasons|not accepted for policy|content presents a potential|policy reasons|host network not allowed/i,
  ],
  [
    'addressBlocked',
    /spamhaus|spamcop|barracuda(?:central|networks)|dnsbl|\brbl\b|abuseat|sorbs\.net|client host blocked|(?:adresse ip|ip address|\bip) (?:source )?(?:\S+ )?(?:bloqu|blacklist|blocked|banned)|unfortunately, messages from|connection refused by|service not available, closing|use (?:the smtp server of )?your (?:isp|provider)|service refuse/i,
  ],
  [
    'network',
    /host not found, try again|unexpected name server reply|no route to host|too many hops|dns error: |mail loop|loops? back to|routing loop|hop count exceeded|network is unreachable/i,
  ],
  [
    'system',
    /queue file write error|transaction failed$|internal (?:system|server) error|server configuration (?:error|problem)/i,
  ],
  ['mailerError', /operating system error|mailer error|pipe to \||local mailer/i],
  ['security', /authrequired|authentication required/i],
  ['suppressedElsewhere', /suppression list|suppressed recipient|address is on the .*suppress/i],
  [
    'greylisted',
    /gr[ae]y ?-?list|postgrey|temporarily (?:blocked|rejected) (?:for|by) gr[ae]y|please (?:try|retry) (?:again )?in \d+ (?:sec|min)/i,
  ],
  [
    'expired',
    /(?:could not|not) deliver(?:ed)? (?:for the last|within) \d+|in the queue too long|(?:message|envelope|delivery time|mail|queue\.?)[ .]?expired|QUEUE\.Expired|delivery (?:time|timeout) (?:expired|exceeded)|giving up on|all hosts (?:for .{1,80} )?have been failing for a long time|retry (?:time|timeout) (?:not reached|exceeded)|(?:could not|cannot|unable to) be (?:delivered|sent) (?:within|for|after) \d+|was not delivered within|delivery (?:has been )?delayed|has not (?:been able|yet been)|delivery failed \d+ attempts|connection timed out|(?:operation|conversation) (?:with .{1,80} )?timed out|not (?:accept|accepted) (?:our |your )?requests? to connect|wasn'?t able to establish an smtp connection|host not reachable|maximum (?:queue|retry) (?:time|lifetime)|too many (?:failed )?(?:delivery )?attempts|undelivered (?:for|after)|(?:for|after) \d+ (?:days?|hours?) .*(?:giving up|could not)|delivery attempts? .*(?:exceeded|limit)|retransmission time limit|message (?:has been|was) (?:in the queue|queued) for/i,
  ],
  [
    'mailboxFull',
    /(?:mail ?box|inbox|account|mailfolder|maildir|user|recipient|storage|disk)(?:'s)?(?: [\w<>@.'"-]+){0,6}? (?:is |are |has )?(?:too |temporarily |currently )?(?:full|(?:over|exceed(?:s|ed|ing)?|out of|above|beyond|insufficient)(?: \w+){0,5} (?:quota|space|storage|limit|size|allocation))|(?:over|exceed(?:s|ed|ing|)|above)[ -](?:\w+ ){0,4}(?:quota|disk|storage)|quota (?:\w+ ){0,3}(?:exceed|violat|full|reach|limit|over)|mailbox (?:size )?(?:limit|quota) (?:\w+ ){0,2}(?:exceed|reach)|mailbox[ -]?full|boite.{0,20}pleine|out of (?:storage|disk) space|not enough (?:storage|disk|quota|mailbox)|(?:insufficient|exceeded) storage allocation|number of messages in recipient'?s mailbox exceeded|too much mail data|(?:recipient|user|account|mailbox|it)(?:'s)?(?: \w+){0,3} (?:would|will) exceed|STOREDRV\.Deliver.{0,40}(?:full|quota)|exceeded the (?:maximum )?(?:storage|mailbox)|mailbox exceeds|maildir (?:over quota|delivery failed: .*quota)|(?:メールボックス|受信箱|容量|受信トレイ).{0,24}(?:一杯|いっぱい|満|超え|超過|オーバー|フル)|over the maximum allowed (?:mailbox|disk)|has (?:insufficient|no) (?:disk|storage) space|delivery failed: over quota|mail(?:box)? (?:storage )?is full/i,
  ],
  [
    'tooLargeForRecipient',
    /RecipSizeLimit|message too large for this recipient|exceed(?:s|ed)? .{0,30}(?:size|limit) (?:the user|for this (?:recipient|user)|the recipient)|message length exceeds administrative limit/i,
  ],
  [
    'tooLarge',
    /(?:message|mail|e-?mail|body|content|header|data)(?: (?:header|file|data|content|body|is|was|has|the))*(?: size)? (?:is |was )?(?:too (?:large|big|long)|larger than|(?:exceed(?:s|ed|ing)?|over|above) (?:\w+ ){0,4}(?:size|limit|maximum|max|quota))|(?:message|mail) size (?:limit )?exceed|size limit exceed|exceed(?:s|ed|ing) (?:the )?(?:\w+ ){0,3}(?:message|maximum|max|fixed|size)(?: \w+){0,3}|too (?:large|big) (?:a )?(?:message|mail|to)|line limit exceeded|maximum (?:message|allowed) size|SizeLimit\b|max(?:imum)? message size|size exceeds|メール.{0,10}サイズ.{0,20}(?:超え|超過|大き)|line too long/i,
  ],
  [
    'mailboxDisabled',
    /(?:account|mailbox|mail ?account|user|user account|address|recipient|inbox|e-?mail account)(?:\(s\))?(?: address)?(?: (?:that|you|tried|to|reach|<[^>]*>|\S+@\S+|has|have|been|is|are|was|currently|temporarily|permanently))* (?:disabled|suspended|inactive|deactivated|(?:temporary )?locked|frozen|closed|expired|blocked|limited|on hold|not active|restricted|discontinued|unavailable due to inactivity)|(?:disabled|suspended|inactive|deactivated|locked|frozen|closed|expired|blocked) (?:recipient|account|mailbox|user|address|due to inactivity)|not accepting (?:any )?(?:mail|messages) (?:for this|at this)|mailbox (?:\w+ ){0,3}(?:disabled|inactive)|has been (?:suspended|disabled|deactivated)|account (?:not active|is not enabled)|user suspended|vacation mailbox|is inactive|recipient suspend|compte.{0,30}(?:bloqu|suspendu|inacti)|konto.{0,20}(?:gesperrt|deaktiviert)|is no longer active|no longer (?:in service|accepts? mail)|domain (?:is )?(?:suspended|disabled)|invalid\/inactive user|休止|利用停止|停止中/i,
  ],
  [
    'moved',
    /(?:has|have) (?:been )?(?:moved|changed|replaced)(?! to a different server)(?: (?:to|from|his|her|address))|(?:user|address|recipient|mailbox) (?:has )?moved|no longer on (?:this )?server|not our customer|new (?:e-?mail )?address (?:is|:)|please (?:forward|try) <|address changed/i,
  ],
  [
    'takesNoMail',
    /no smtp service|does not accept (?:any )?(?:mail|email|e-mail)(?! from)|null ?mx|(?:domain|host)(?:\/\w+)? (?:\S+ )?(?:does not|doesn'?t) (?:accept|receive) (?:mail|email|messages|e-mail)|smtp protocol returned a permanent error|nullMX|host does not accept mail|we do not accept mail/i,
  ],
  [
    'noReverseName',
    /bad dns ptr|unverif\w+ sending ip|(?:host ?name|helo) (?:does not|doesn't) match (?:\w+ ){0,3}ip|ip address (?:could not be|cannot be) resolved|resolve your (?:ip|hostname)|fcrdns|cannot find your hostname|no corresponding ptr|(?:reverse|ptr)[ -]?(?:dns|record|lookup|mapping|name|hostname|resolution)?[ \w:.,'()-]{0,60}(?:not|no|missing|fail|does|invalid|without|required|fix|mismatch|match|do(?:es)?n'?t|unable|set ?up|problem|lookup)|(?:missing|no|without|lacks?|invalid|fix(?: your)?|cannot find your|unable to find|need) (?:a )?(?:valid |your )?(?:ptr|reverse|rdns|fcrdns|forward[ -]confirmed)|\bptr\b.{0,30}(?:record|name)|rdns|cannot find your (?:reverse )?(?:hostname|name)|unresolvable (?:relay )?host ?name|does not have (?:a )?(?:\w+ ){0,2}(?:hostname|reverse)|ip name (?:lookup|possibly forged)|no (?:valid )?(?:host ?name|name) for your ip/i,
  ],
  [
    'unauthenticated',
    /(?:\bspf\b|\bdkim\b|\bdmarc\b|sender policy framework|domainkeys|sender id)(?![ -]?record lookup)|unauthenticated (?:email|mail|message|sender is|senders? from)|sender is unauthenticated|does not pass (?:authentication|dmarc)|authentication (?:checks?|results|information)|not pass .{0,20}authentication|required authentication level|openspf|pobox\.com/i,
  ],
  [
    'noRelay',
    /relay(?:ing)?(?: \w+){0,3} (?:denied|prohibited|not (?:permitted|allowed|enabled)|disallowed|refused|rejected|attempt)|(?:unable|not (?:permitted|allowed|authorized)|refus\w+|won'?t|cannot|not|no|denied|attempt|do not) (?:to |a )?(?:open )?relay(?:ing)?|no relaying|not (?:a gateway|local host)|not a (?:relay|gateway)|not in my list of allowed rcpthosts|list of allowed rcpthosts|rcpthosts|we do not relay|relay not|(?:address|domain|e-?mail address) (?:is )?not (?:verified|local|hosted here)|not (?:verified|a local)|send(?:ing)? (?:this )?mail (?:to (?:this )?(?:user|address) )?(?:needs|requires) (?:smtp )?auth|unauthorized relay|host(?:ed)? elsewhere|by local administrator|insecure mail relay/i,
  ],
  [
    'virus',
    /virus|malware|\btrojan|infected|\bworm\b|phish|MCSpamSignature|eicar|heuristics\.|dangerous (?:content|attachment)|W32\//i,
  ],
  [
    'badReputation',
    /(?:bad|poor|low|negative|your) (?:\w+ ){0,4}reputation|reputation (?:is|of|score|block|too|filter|service)|\breputation\b|unexpected volume or user complaints|\[TSS?0\d\]|user complaints|senderbase|due to (?:user )?complaints|sender ?score|CXBL|\(HVU:B2\)/i,
  ],
  [
    'tooManyConnections',
    /too many (?:\w+ ){0,3}(?:connections?|sessions?|recipients|concurrent|hosts)|(?:connection|session|recipient)s? (?:rate )?(?:limit|count)(?:s)? (?:\w+ ){0,2}(?:exceed|reach)|(?:maximum|max) (?:number of )?(?:\w+ ){0,2}connections|connection (?:rate )?limit|exceeded the (?:max(?:imum)? )?(?:number of )?(?:concurrent )?(?:connections|recipients)|throttling failure: (?:daily|maximum)|concurrent (?:\w+ )?(?:connections|sessions|smtp)|recipients? (?:limit|exceed)/i,
  ],
  [
    'tooFast',
    /rate[ -]?limit|throttl|too (?:fast|quickly|frequent|many (?:mails?|messages|emails|e-mails|requests|errors|bounces|failures|invalid|unknown|attempts|commands)|much mail|rapid)|at a rate|unusual rate|sent to too many|(?:message|mail|e-?mail|sending|hourly|daily|send) (?:\w+ ){0,2}(?:rate|frequency|quota|limit)(?: \w+){0,3} (?:exceed|limit|reach)|exceed(?:s|ed) (?:\w+ ){0,4}(?:rate|messages|emails|hourly|daily|frequency|sending)|(?:recipient|you) (?:\w+ ){0,3}(?:limit|hour|quota)|please try again (?:slower|later, you)|slow down|frequency limited|mail rate|sending too/i,
  ],
  [
    'spam',
    /\bspam(?:my|ming|assassin)?\b(?!haus|cop| ?block| ?list)|\bube\b|\buce\b|junk mail|bulk (?:mail|e-?mail)|unsolicited|spam-like|looks? like spam|anti-?spam (?:filter|engine|system|check)|content (?:filter|rejected|looks|analysis|scanner|has been identified)|(?:message|content|mail|email|e-mail)(?: \w+){0,3} (?:rejected|blocked|refused|classified|identified|detected|determined|marked|flagged) (?:\w+ ){0,4}(?:spam|junk|bulk)|rejected (?:by|due to|because of) (?:\w+ ){0,4}content|mail rejete|message content rejected|blacklisted url|url.{0,30}(?:black|block|listed)|rule imposed|dropped by the sender-based|bogofilter|score (?:is )?too high|high probability|likely (?:unsolicited|suspicious)|appears to be (?:spam|unsolicited)|SURBL|URIBL|cloudmark|ofr_506|LPN007_5|rejected for policy reasons: spam|message contains (?:blacklisted|spam|a )/i,
  ],
  [
    'addressBlocked',
    /(?:black|block|deny|rbl|dns)[ -]?list|blacklisted|(?<!recipient account is )\bblocked (?:using|by|for|due|because|from|at|-|see|temporarily|on)|blocklist|dnsbl|\brbl\b|\bdul\b|\bxbl\b|\bsbl\b|\bpbl\b|spamhaus|spamcop|sorbs|barracuda|cbl\.abuseat|mail-abuse\.org|ordb|njabl|uceprotect|psbl|mailspike|proofpoint|cloudfilter|trendmicro|senderbase|client host (?:\S+ )?(?:rejected|blocked|denied|not allowed|listed)|(?:your|this|the|sending|sender|source|client|remote|connecting) (?:\w+ )?(?:ip|host|mail ?server|server|network|mta)(?: address)?(?: [[(]?[\d.]+[\])]?)?(?: \w+){0,5} (?:blocked|banned|rejected|denied|listed|refused|prohibited|not allowed|not permitted|black|bloqu)|(?:blocked|banned|rejected|denied|refused|blacklisted) (?:\w+ ){0,4}(?:ip|host|network|server|dynamic)|\bip(?: address)? (?:\S+ )?(?:is )?(?:blocked|listed|banned|rejected|in a black|on a black|bloqu)|messages? from (?:\[?[\d.]+\]?) (?:weren'?t|were not|was not)|dynamic (?:ip|address|pool|host)|(?:invalid|bad|rejecting|unacceptable|illegal|rejected|forged|require(?:s)?|syntactically invalid|needs?) (?:\w+ ){0,3}(?:helo|ehlo|host ?name|domain name|fqdn)|(?:helo|ehlo) (?:\w+ ){0,4}(?:reject|invalid|not|name|command|refused)|my name was rejected|no access from|connection (?:refused|rejected|dropped|not accepted|denied|not authorized)(?: (?:by|from|due|for|,)|$)|connections? (?:not|will not be) accepted|access (?:denied|to this|from)[.,]? (?:\w+ ){0,4}(?:ip|host|server|your)|not authorized to connect|too many spams? from your|network (?:is )?(?:on|black|blocked|listed)|adresse ip|open ?relay|cannot resolve your address|service not available,? closing|connection reset by peer|went away|hosting? (?:provider|network) (?:is )?(?:block|not)|invalid ip for sending|invalid domain name|we do not accept mail from (?:hosts|dynamic|ip)|email from .{1,60} is (?:currently )?blocked|listed (?:in|at|on|by) |abusive|mail server .{0,40}(?:blocked|banned|rejected)|you are not allowed to connect|banned (?:sending )?ip|greeting (?:failed|rejected|was)/i,
  ],
  [
    'notCompliant',
    /(?:not|non)[- ]?(?:rfc|compliant|conform\w*)(?: \w+){0,3}(?: rfc| 5322| 2822| 822| 5321|-compliant)?|(?:\(|see |per |to |with |of |not? )rfc ?-?(?:5322|2822|822|5321|2821)(?![;\w])|violat\w+ (?:of )?rfc|(?:duplicate|multiple|missing|more than one|invalid) (?:\w+ )?(?:['"]?from['"]?|date|message-id|subject|to|return-path|content-type)(?:['"]|:)? ?header|header (?:field )?(?:missing|duplicat)|bare (?:lf|cr|linefeed)|messages? without (?:message-id|a date|from)|pretty cryptic|stray/i,
  ],
  [
    'senderRefused',
    /purported responsible address|(?:sender|return path|reverse[- ]path|envelope[- ](?:sender|from)|mail from|from address|from domain|return address|originator|sender'?s? (?:domain|address)|domain of sender(?: address)?)(?: \S+){0,12}?(?:\.{3}|:| |,)? ?(?:reject|refus|invalid|not (?:verif|exist|accept|allow|found|permitted|authorized|valid|in)|does(?:n'?t| not)|unknown|denied|blocked|unverified|fail|must|cannot|could not|unroutable|rejected|listed|isn'?t)|(?:unknown|invalid|bad|unverified|unresolvable|unroutable|malformed|null|empty|refused|rejected|blocked|prohibited) (?:envelope )?(?:sender|return path|mail from|reverse[- ]path)|(?:can'?t|cannot|could not|unable to|couldn'?t|failed to) (?:verify|resolve|validate|find) (?:\w+ ){0,3}sender|server does not accept mail from|(?:you are|is|are) not (?:a )?(?:member|allowed to (?:post|send)|authorized to (?:send|post)|subscribed|permitted to (?:post|send))|permission to post|may not (?:exist|have permission)|does not accept mail (?:from|\()|null sender|empty envelope|sender was rejected|not a (?:list )?member|only (?:members|subscribers)|from this sender|user .{1,60} is not allowed to send|moderated|domain (?:\S+ )?does not (?:exist|resolve)(?: \(in reply to MAIL)|bounces? (?:not|are not) (?:accepted|allowed)|no (?:mx|a) (?:record )?for (?:the )?(?:sender|domain)|backscatter|group you tried to contact|die gruppe, die sie|groups\.google\.com\/support/i,
  ],
  [
    'noSuchDomain',
    /^\W*(?:\d{3} )?[\w-]+(?:\.[\w-]+)+ does not exist|(?:host|domain|server|name|hostname)(?: <?[\w.-]+>?){0,6} (?:unknown|not (?:found|exist|be found|valid|known)|does(?:n'?t| not) exist|lookup failure|couldn'?t be found|could not be (?:found|resolved))|unknown (?:host|domain|mail ?server|or illegal host|recipient domain)|(?:no|not|invalid|non-?existent|bad|unroutable|unrouteable|illegal|unresolvable) (?:such |valid |a valid )?(?:\w+ )?(?:domain|host(?: ?name)?|mail ?server|destination (?:system|host))|host or domain name not found|name service error .*type=(?:a|aaaa|mx)|couldn'?t find any host|nxdomain|no (?:mx|a|mail exchanger?|dns)(?: or \w+)? (?:records?|entry|information)|no mail server|dns (?:error|server returned|lookup failure)|(?:mx|all relevant mx records) (?:\w+ ){0,3}(?:point|invalid|non-?existent)|unroutable address|unrouteable mail domain|domain name (?:\S+ )?(?:not|does)|unrouteable address|host (?:\S+ )?lookup|bad destination system|no route for|domain.{0,20}(?:存在し|見つかり)|ドメイン.{0,20}(?:存在し|見つかり|ありません)|can'?t find (?:the )?(?:host|domain)/i,
  ],
  [
    'systemFull',
    /(?:system|disk|server|file ?system|insufficient system|spool)(?: \w+){0,2} (?:full|storage|space|resources)|no space left|insufficient (?:system )?(?:storage|disk|resources)|out of (?:disk|memory)|mail system full/i,
  ],
  [
    'policy',
    /\bpolic(?:y|ies)\b|administrative(?:ly)? (?:prohibit|block|denied|reject)|prohibited|not accepted for|(?:message|mail|e-?mail) (?:not (?:allowed|accepted|permitted)|refused|was blocked|has been (?:blocked|rejected|refused))|(?:attachment|file|extension|executable)s?(?: \w+){0,4} (?:not (?:allowed|accepted|permitted)|blocked|forbidden|prohibited|rejected)|potential(?:ly)? (?:security|danger)|(?:disallowed|forbidden|banned|blocked|denied) (?:by|content|attachment|file|extension|header|word|due)|header error|transaction failed|we (?:do not|don'?t) (?:accept|want)|not wanted|local(?:ly)? (?:policy|denied)|country|geo|client host rejected|denied by|rejected by (?:the )?(?:rule|filter|system|administrator|server|header|policy|local)|security (?:policy|reason)|suspicious|you are not allowed|violation|mail from .{1,80} (?:rejected|not allowed|refused)|rejected|smtp traffic|not pass .{0,20}polic|legal/i,
  ],
  [
    'tlsFailed',
    /starttls|tls (?:is )?(?:required|handshake|negotiation|connection|not)|must issue a starttls|encryption (?:is )?(?:required|needed)|ssl (?:handshake|error)|secure channel/i,
  ],
  [
    'security',
    /authentication (?:required|failed|failure|error|credentials|unsuccessful|needed|is required)|unauthenticated|auth(?:entication)? (?:mechanism|not)|AuthRequired|not authenticated|password|not authori[sz]ed|(?:permission|access) (?:denied|is denied|not granted)|not permitted|must (?:authenticate|login|log in)|please (?:authenticate|login)|security (?:status|error|violation|failure)|privilege|insufficient (?:rights|permission)|sorry, that domain isn'?t|verification failure|account not subscribed|unverified address|bad (?:username|password)|you are not authorized/i,
  ],
  [
    'network',
    /network (?:error|is unreachable|unreachable|problem|failure)|(?:no route|route) to host|host (?:is )?(?:unreachable|down)|unreachable|(?:too many|maximum) (?:hops?|received)|hop count|(?:mail|forwarding|routing|message|delivery) ?(?:loop|loops back)|loop(?:ing| detected|s back)|loops back to (?:me|myself)|connect(?:ion)? (?:to \S+ )?(?:refused|failed|error|reset|lost|was (?:lost|dropped|closed)|timed|closed)|(?:dns|name|mx|domain name)(?: \w+){0,3} (?:lookup|server|resolution|query|service)(?: \w+){0,2} (?:fail|error|tim|problem|not)|(?:lost|unable to (?:establish|make|open|create)|could not (?:connect|make|open|establish)|cannot connect|failed to connect|can'?t connect)(?: \w+)* connection|socket error|bad file descriptor|connection to (?:\S+ )?(?:failed|refused)|temporary (?:dns|lookup|name)|excessive recursion|relay loop|couldn'?t connect|not connect to|service unavailable due to network|no answer from host|delivery path|bounce loop|routing error|unroutable mail|unable to route|mail for \S+ loops/i,
  ],
  [
    'content',
    /(?:8[- ]?bit|non-?ascii|mime|header|charset|unicode|base64|encoding|body|content|media)(?: \w+){0,4} (?:error|invalid|not (?:allowed|supported|accepted)|too (?:large|long|many)|malformed|improper|rejected|unsupported|in message header)|improper (?:use|mime)|malformed (?:header|mime|message)|(?:message|mail) (?:header|format|body)(?: \w+){0,2} (?:invalid|error|not|reject|fail)|(?:invalid|bad) (?:message|header|mime|content)|headers? too (?:large|long)|content(?: \w+)? not|conversion (?:failed|not|required)|improperly[- ]formatted/i,
  ],
  [
    'protocol',
    /syntax error|(?:bad|invalid|unexpected) (?:sequence|command|syntax|parameter)|command (?:unrecognized|not (?:implemented|recognized|understood)|unknown|parameter)|(?:parameter|command)(?: \w+)? not (?:implemented|recognized)|malformed address|may not follow|incorrectly constructed|improper (?:command|address)|unable to parse|domain missing|missing (?:or malformed )?(?:local part|domain)|bad address syntax|out of order|expecting|protocol error/i,
  ],
  [
    'mailerError',
    /mailer (?:error|terminated|failed|program)|(?:command|program|pipe|process|child|script|transport)(?: \w+){0,4}(?:"[^"]*")? (?:failed|died|exit|return|terminated|error|output|crash|signal|timed)|exit (?:code|status)|exited (?:with|abnormally)|operating system error|procmail|local delivery (?:failed|error|agent)|x-unix|\|\s?["/]|died with|temporary failure|unknown mailer error|can'?t exec|I\/O error/i,
  ],
  [
    'system',
    /(?:internal|local|server|system|configuration|resource|temporary|service|queue|io|i\/o|database|ldap|technical|software|storage|software|processing|unexpected|general|disk|lookup|routing|unknown) (?:\w+ )?(?:error|failure|problem|fault|unavailable|trouble|misconfigur)|(?:temporarily|currently|service) (?:unavailable|not available|busy|suspended)|try (?:again )?later|(?:queue )?file (?:write|open|create|locked)|misconfigur|overload|too busy|(?:server|system|mailbox|service) (?:is )?(?:busy|down|unavailable|not responding|locked|in use|offline|going down|shutting down|temporarily)|can'?t (?:open|create|write|lock|append)|cannot (?:open|create|write|lock|append)|lock(?:ed)?(?: \w+)? (?:mailbox|file)|timeout (?:waiting|while)|multiple retries|aliasing\/forwarding loop|duplicated message-id|loop alert|local configuration|please retry|insufficient main memory|cannot (?:send|deliver)|unable to (?:send|deliver|process|lookup)|resources/i,
  ],
];
