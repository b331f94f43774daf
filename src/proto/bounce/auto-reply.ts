/**
 * Replies that no person wrote: holidays, receipts, and challenges that want to be answered first (RFC 3834; what mail programs set before there was one; subjects in
 * the languages of their users).
 */
import type { Pieces } from './pieces.ts';
import type { AutoReplyReason } from './reasons.ts';

const challengeWords =
  /(?:confirm|verify|authenticat\w+|validate)(?:\w+ )? (?:your |that you|you are|yourself|sender|this message|e-?mail)|(?:sender|spam) verification|challenge|boxbe|spamarrest|earthlink.*spamblocker|tmda|bluebottle|waiting for (?:your )?confirmation|送信者確認|送信認証/i;

/** At the beginning of a subject, or all of it. */
const subjects = new RegExp(
  `^(?:(?:re|aw|sv|antw|fwd?)\\s*:\\s*)*(?:${[
    String.raw`\[?auto(?:matic(?:ally)?|mated|mática|matisch\w*|matique|matica|svar)?[ -:]*(?:reply|response|respon\w*|generated|answer|antwort|wort|svar|svarar|wiadomo\w*|odpowied\w*)`,
    'out[ -]of[ -](?:the[ -])?office',
    'ooo\\b',
    'i am (?:currently )?(?:away|out)',
    'away (?:from|until|on)',
    '(?:on |annual |my )?vacation',
    'on (?:annual )?leave',
    '(?:holiday|absence|vacation) (?:notice|message|reply|notification|alert)',
    'away from my mail',
    'abwesen\\w*',
    'abwesenheits\\w*',
    'automatische antwort',
    'automatisch antwoord',
    'automatisk svar',
    'autosvar',
    'r[ée]ponse automatique',
    'absence du bureau',
    'message d.absence',
    'respuesta autom[áa]tica',
    'fuera de (?:la )?oficina',
    'resposta autom[áa]tica',
    'fora do escrit[óo]rio',
    'risposta automatica',
    'fuori (?:sede|ufficio)',
    'afwezig\\w*',
    'fr[åa]nvaro\\w*',
    'poissa\\w*',
    'ikke til stede',
    'nieobecno\\w*',
    'automatyczna odpowied\\w*',
    'автоматический ответ',
    'автоответ\\w*',
    '自動(?:返信|応答|回覆|回复)',
    '自动(?:回复|答复)',
    '不在(?:通知|の|連絡|に)?',
    '休暇',
    '外出中',
    '受信(?:確認|しました)',
    '부재 ?중',
    '자동 ?(?:회신|응답)',
    '自動回覆',
    'automaattinen vastaus',
    'automatisk svar',
    'autom[aá]tic(?:a|k[aá]) (?:odpov[eě][dď]|resposta)',
    'automatick[aá] odpove[dď]',
    'mimo kancel[aá][rř]',
    'automatikus v[aá]lasz',
    'r[aă]spuns automat',
    'otomatik (?:yan[ıi]t|cevap)',
    'αυτόματη απάντηση',
    'автоматична відповідь',
    'нет на рабочем месте',
    'отпуск',
    'رد تلقائي',
    'מענה אוטומטי',
    'ตอบกลับอัตโนมัติ',
    'trả lời tự động',
    'balasan otomatis',
    'automatinis atsakymas',
    'samodejni odgovor',
    'automatski odgovor',
    'автоматичен отговор',
  ].join('|')})`,
  'iu',
);

export function autoReplyOf(pieces: Pieces): AutoReplyReason | undefined {
  const subject = pieces.header('subject');
  const from = pieces.header('from');
  const marked = isMarked(pieces);
  const named = subjects.test(subject);
  if (!marked && !named) return undefined;
  if (pieces.statuses.length > 0 || pieces.feedback !== '') return undefined;
  if (challengeWords.test(subject) || challengeWords.test(from)) return 'challenge';
  if (
    challengeWords.test(pieces.text.slice(0, 4000)) &&
    /click|link|reply to this|クリック|返信して/i.test(pieces.text)
  )
    return 'challenge';
  return named || absent.test(pieces.text.slice(0, 4000)) ? 'vacation' : 'autoReply';
}

const absent =
  /out of (?:the )?office|vacation|on leave|away (?:from|until)|holiday|currently away|不在|休暇|abwesen|absent|fuera de/i;

/** RFC 3834, 5 and its forerunners. */
function isMarked({ header }: Pieces): boolean {
  if (/^auto-(?:replied|notified)/i.test(header('auto-submitted'))) return true;
  if (/^(?:yes|vacation|auto|auto_?reply)/i.test(header('x-autoreply')) || header('x-autorespond') !== '')
    return true;
  if (header('x-autoreply-from') !== '' || header('x-mail-autoreply') !== '') return true;
  if (
    /auto_?reply/i.test(header('precedence')) ||
    /(?:^|,)\s*oof/i.test(header('x-ms-exchange-generated-message-source'))
  )
    return true;
  if (/auto(?:matic)?[- ]?(?:reply|respon)|vacation/i.test(header('x-mailer'))) return true;
  return /^vacation\b/i.test(header('x-vacation'));
}
