/** What servers say of the mail itself: spam, virus, policy, size, form. */
import type { Saying } from './phrase.ts';

export const ofMessages: readonly Saying[] = [
  {
    reason: 'tooLarge',
    strength: 'sure',
    phrases: `
      $message size|length .. exceeds|exceeded|exceeding|too|larger|over
      $message|file|data is|was? too large|big|long
      $message too large|big|long
      $message .. larger than
      $message .. exceeds|exceeded|over .. size|maximum|limit|length
      $message file size exceeds
      size .. exceeds .. limit|maximum
      size exceeds
      size limit exceeded
      exceeds .. size limit
      exceeds .. maximum .. size
      exceeded .. message size
      exceeded .. size limits
      maximum email|message|mail|allowed? size
      message size limit
      file too large
      line too long
      line limit exceeded
      message header size
      sendsizelimit
      size greater than
      nachricht .. zu gross
      trop gros|volumineux
      taille limite
      taille maximale
      demasiado grande
      excede .. tamano|tamanho
      muito grande
      troppo grande
      te groot
      zbyt duza|duzy
      слишком большое|велик*
      サイズ .. 超
      サイズ .. 大き
      邮件 .. 过大
      郵件 .. 過大
      너무 큽니다
      너무 커
      크기를 초과*
    `,
  },
  {
    reason: 'spam',
    strength: 'certain',
    phrases: `
      spam or virus
      spam virus
      url in .. listed
      url .. blacklisted|blocked|listed
    `,
  },
  {
    reason: 'spam',
    strength: 'sure',
    phrases: `
      spam message|mail|email|content|detected|filter|filtering|rejected|blocked|refused|rejection|check|classification|score|engine|pattern|points|block|contents|profile|scale|list|trap|policy|not|url
      is|as|be|consider|considered|possible|suspected|probable|probably|likely|identified|classified|for|with|by|contains|containing|against|reject|no|denied|appears|looks|like $spam
      looks like spam|junk
      appears to be .. $spam
      considered .. unsolicited
      spam like
      spamtrap
      spamassassin
      spamprofiler
      spambouncer
      spamming not
      unsolicited bulk|mail|email|message|commercial
      likely unsolicited
      likely suspicious
      message .. suspicious due to the nature
      nature of the content or the links
      bulk email|mail
      bulk .. advertising
      message content rejected
      content denied
      content filter
      content reject
      content rejected
      message filtered
      unacceptable content
      banned content
      rejecting .. content
      mail rejete
      mass mailer
      high probability
      uribl
      surbl
      blacklisted url
      link .. blacklisted
      dropped by the sender based
      bogofilter
      recurrent pattern
      antispam
      score is? too high
      scored too high
      failed several antispam checks
      junk mail
      unwanted mail|message
      lpn007_506
      refused by .. aisp
      temporarily blocked by our filter
      domain listed at
      eingestuft als spam
      als spam .. eingestuft|erkannt|abgelehnt
      spam .. erkannt|abgelehnt
      pourriel
      indesirable
      correo no deseado
      basura
      posta indesiderata
      antyspam*
      ongewenste
      спам
      迷惑メール
      スパム
      垃圾
      스팸
    `,
  },
  {
    reason: 'spam',
    strength: 'fair',
    phrases: `
      reject id
      spam
      unsolicited
      cloudmark
    `,
  },
  {
    reason: 'virus',
    strength: 'sure',
    phrases: `
      virus detected|found|infected|infection|or|signature|free|positive|scan|contained|/|identified
      $message .. virus|malware|trojan|worm
      contains|contained|contain|infected|due|with|carry|carries|prohibited a|an|to|by|the? virus|malware|trojan|worm|phishing
      $is infected
      infected
      malware
      phishing
      mcspamsignature|/mcspamsignature
      eicar
      heuristics*
      dangerous content|attachment
      virus
      ウイルス
      ウィルス
      病毒
      바이러스
    `,
  },
  {
    reason: 'notCompliant',
    strength: 'sure',
    phrases: `
      multiple addresses in
      not rfc compliant
      rfc .. compliant
      comply|compliance with rfc
      complied to rfc
      must be rfc
      not rfc
      /rfcmessagenoncompliant
      missing a valid address
      having no from
      missing a valid message
      messages missing
      missing from|date|message header
      no from|date header
      multiple from|to|subject|date|message|sender|reply|return|cc headers|header|fields|field|addresses|id
      multiple .. header|headers
      duplicate header|headers
      bare lf|linefeed|linefeeds|newline|newlines|cr
      barelinefeed*
      stray linefeed|linefeeds|newline
      from header .. missing|invalid|not
      from addresses are not allowed
      mail message is malformed
      encoded word syntax
      unicode character in a disallowed header
      section of rfc
      violates rfc
    `,
  },
  {
    reason: 'policy',
    strength: 'sure',
    phrases: `
      non member to
      members only list
      closed mailing list
      not subscribed to this group
      not accepting mail with
      messages containing images
      solving a captcha
      for policy reasons
      policy reasons
      policy reason
      due to .. policy
      local policy
      policy violation
      violat* .. policy
      policy that prohibited
      policy restrictions
      content policy
      security policies|policy
      security .. policies
      organization policy
      organizational settings
      denied by policy
      rejected by policy|rule|rules|header|the
      blocked by policy|rule|content
      against policy
      anti spoofing policy
      illegal attachment
      potential security issue
      content presents a potential
      attachment|attachments|extension|executable|executables|files .. not allowed|accepted|permitted
      attachment|attachments|extension|executable|file .. forbidden|prohibited|blocked|banned|rejected
      forbidden attachment|extension|file
      banned attachment|file|name|extension
      geographical
      geolocation
      by country
      host network not allowed
      from your country
      content examination
      message denied
      headers|header are not accepted
      header error
      message given low priority
      no permit
      rejected aup
      legal .. reasons
      because of local policy
      administrative policy
      restricted by policy
      protocol violation
      ポリシー
    `,
  },
  {
    reason: 'content',
    strength: 'sure',
    phrases: `
      mime error|headers|reject|structure|complexity|header|content|type
      invalid mime|header|headers|structure|data|message|content|characters
      malformed mime|header|message|mime
      improper use of
      improperly formatted
      base64
      text that uses unnecessary
      message header|headers .. invalid|malformed
      header|headers .. too large|long
      header size exceeds
      non ascii
      not conform|conforms .. mime
      conversion required|not|prohibited|failed
      charset .. not
      content type .. not|blocked
      media not supported
      unsupported content
      content not supported
      too many received
      smtputf8
      non ascii addresses
    `,
  },
  {
    reason: 'tooLarge',
    strength: 'weak',
    phrases: `
      too large
      too big
    `,
  },
  {
    reason: 'policy',
    strength: 'weak',
    phrases: `
      policy
      policies
      prohibited
      administrative prohibition
      administratively prohibited
      not accepted
      not allowed
      not permitted
      not wanted
      message|mail refused
      message|mail|email $is? rejected
      rejected
      rejected by
      violation
      suspicious
      filter
      blocked
      refused
      declined
    `,
  },
  {
    reason: 'content',
    strength: 'certain',
    phrases: `
      header size exceeds
      message header size
      mime complexity
    `,
  },
];
