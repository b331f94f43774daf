/** What servers say of the mailbox: it is full, closed, has moved, or its owner wants no such mail. */
import type { Saying } from './phrase.ts';

export const ofMailboxes: readonly Saying[] = [
  {
    reason: 'suppressedElsewhere',
    strength: 'sure',
    phrases: `
      suppression list
      suppressed recipient|address
      suppressed sending to this address
      address is on .. suppress*
      recipient is on .. suppress*
      bounced address
      spam reporting address
      unsubscribed address
      in .. suppression list
    `,
  },
  {
    reason: 'filtered',
    strength: 'sure',
    phrases: `
      have been blocked by the recipient
      blocked by this? user
      rejected|refused|blocked by recipients|addressee
      user|recipient|addressee refused|refuses to? receive
      user reject|rejects|rejected
      due to recipient preferences
      recipient|user preferences .. prevent
      recipient only|is accepts|accepting? mail|messages from specific|known|approved|certain
      only accepting mail from specific
      has restricted sms
      refuse to receive mail
      refuses to accept your mail
      account is protected by
      mailbox|recipient .. is restricted
      is not accepting any mail
      is not accepting mail from you
      not accept mail|messages from this sender
      does not want mail|messages from you
      rejected by user
      privacy settings
      not in .. address management
      /rst /notauthorized
      unable to receive mail from you
      受信拒否
      受信 .. 拒否 .. 設定
      指定受信
      수신거부
      拒绝接收
    `,
  },
  {
    reason: 'mailboxFull',
    strength: 'sure',
    phrases: `
      exceeding receiving limits
      mail file size exceeds the maximum
      userdisk|domaindisk quota
      $box is full
      $box .. is|are full
      $box full
      $box|mails is|are too full
      $box temporarily|currently full
      full $box
      over quota
      over the? allowed|disk|mail|mailbox|storage|his|her|their|its|account|maximum? quota
      over .. allowed quota
      quota $exceeded
      quota is|has|was been? $exceeded
      quota limit|usage is? $exceeded
      quota is|are full
      quota violation
      quota full
      disk|disc quota .. $exceeded
      $exceeded .. quota
      exceeding .. quota
      would exceed .. quota
      $exceeded .. storage
      $exceeded .. disk space
      $exceeded .. mailbox|mailfolder size|limit
      exceeded storage allocation
      insufficient storage allocation
      $box $is? $exceeded .. limit|space|storage|size|quota
      $box .. would|will exceed
      mailbox|inbox|account|folder|maildir|user size|storage limit|quota $exceeded
      mailbox|inbox|account|folder|maildir|user limit|storage $exceeded
      out of storage|disk|mailbox space|quota
      out of storage
      not enough storage|disk|mailbox|free? space
      not have enough space|storage
      space not enough
      no|insufficient|low disk|storage|mailbox space|storage for|in|left|available? .. $mailbox
      has insufficient|no disk|storage space
      space has been used up
      exhausted .. storage|space|quota
      too many messages on the server
      number of messages in .. exceeded
      too much mail data
      storage full
      mailbox is at|over capacity
      mail receiving limit for .. full
      account storage limit
      quotaexceededexception
      /overquotatemp
      /overquotaperm
      quota .. mailbox for user is full
      blocks limit exceeded
      mailbox exceeds
      is over .. quota
      recipient overquota
      account is overquota
      mailbox disk quota
      postfach .. voll
      postfach .. uberfullt
      speicher* .. uberschritten|ueberschritten
      kontingent .. uberschritten|ueberschritten|erschopft
      zuviele|zu viele? mails auf dem server
      quota uberschritten|ueberschritten
      boite .. pleine|saturee
      quota .. depasse
      espace .. insuffisant
      buzon .. lleno
      cuota .. excedid*|superad*
      sin espacio
      caixa .. cheia|lotada
      cota .. excedida
      sem espaco
      casella .. piena
      quota .. superata
      spazio .. esaurito
      mailbox .. vol
      postvak .. vol
      quotum .. overschreden
      skrzynka .. przepeln*|pelna
      przekroczon* .. limit|pojemno*
      ящик .. переполнен
      превышена .. квота
      переполнен
      メールボックス .. 一杯
      メールボックス .. いっぱい
      メールボックス .. 満
      メールボックス .. フル
      メールボックス .. 超
      受信箱 .. 一杯
      受信箱 .. いっぱい
      容量 .. 超
      容量 .. 一杯
      容量 .. いっぱい
      容量 .. オーバー
      容量 .. 不足
      邮箱 .. 满
      信箱 .. 滿
      郵箱 .. 滿
      邮箱空间不足
      空间 .. 不足
      용량이 초과*
      용량 초과*
      메일함* .. 가득
      메일함* .. 초과*
    `,
  },
  {
    reason: 'tooLargeForRecipient',
    strength: 'sure',
    phrases: `
      recipsizelimit
      too large for this|the recipient
      exceeds .. limit .. for this|the recipient|user
      size the user
      message length exceeds administrative limit
    `,
  },
  {
    reason: 'moved',
    strength: 'sure',
    phrases: `
      $mailbox .. $is moved to
      $mailbox has? been? moved
      @ has moved to
      has been replaced by
      replaced by @
      $mailbox .. has changed
      address changed
      changed .. email address
      new email address is
      new address is
      recipient no longer on server
      user not local please try
      user has moved
      moved .. no forwarding address
      mailbox has moved
      please try @
      owner has changed
      neue .. adresse
      nouvelle adresse
      nueva direccion
      アドレス .. 変更
      アドレス .. 変わ
      地址已更改
    `,
  },
  {
    reason: 'mailboxDisabled',
    strength: 'sure',
    phrases: `
      mailbox unavailable or access denied
      $mailbox|it|@ is|are|has|have|was been? now|currently|temporarily|permanently|administratively? $closed
      $mailbox .. is|has been? temporarily|currently? disabled|suspended|inactive|locked|frozen|deactivated|discontinued
      $mailbox .. disabled or discontinued
      $mailbox status is locked|inactive|disabled
      $mailbox temporarily|temporary|currently|permanently? disabled|suspended|locked|frozen|deactivated|inactive|archived
      $mailbox closed|expired|discontinued|terminated|cancelled
      disabled|suspended|inactive|deactivated|locked|frozen|closed|expired|archived|inactivated $mailbox
      invalid inactive user
      mailbox|account|user not active|activated|enabled
      mailbox|account|user is|has not been? active|activated|enabled
      has been disabled|suspended|deactivated|discontinued
      no longer active
      is now disabled
      due to .. inactivity
      due to inactivity
      has been blocked due to inactivity
      extended inactivity
      not accepting messages|mail|email for|at this
      mail receiving disabled
      currently not accepting messages|mail
      account you tried|are trying to reach is disabled|inactive
      account that you tried to reach is disabled|inactive
      is a deactivated mailbox
      vacation mailbox
      out of service
      no longer in service|use
      recipient suspend|suspended
      temporarily inactive
      address deactivated
      account not subscribed
      disableduser
      unpaid
      not been used for .. months
      konto .. gesperrt|deaktiviert|stillgelegt
      postfach .. gesperrt|deaktiviert|stillgelegt
      compte .. bloque|suspendu|inactif|desactive|archive*
      boite .. archivee|desactivee|bloquee
      cuenta .. suspendida|desactivada|bloqueada|inactiva
      usuario .. inactivo|suspendido|bloqueado
      buzon .. deshabilitado|desactivado|inactivo
      casilla .. expirado
      conta .. suspensa|desativada|bloqueada|inativa
      caixa .. desativada
      casella .. disattivata|disabilitata|sospesa|bloccata
      indirizzo .. bloccato|disattivato
      utente .. disabilitato|sospeso
      account .. geblokkeerd|gedeactiveerd
      konto .. zablokowan*|nieaktywn*
      ящик .. заблокирован|отключен
      почтовый ящик .. неактивен
      利用停止
      利用 .. 停止
      休止
      停止中
      使用停止
      无效 .. 冻结
      账号 .. 冻结|停用
      帐号 .. 冻结
      被禁用
      已停用
      휴면
      사용이 중지*
    `,
  },
];
