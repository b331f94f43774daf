/**
 * Mail for benchmarks of search: as many as one likes, the same for the same number. Words are Zipf-like in English and in Japanese, in the shapes that Japanese has (kanji compounds, verbs with
 * their endings, katakana words, particles); headers are those of a mailer and two servers. Nothing is anybody's mail.
 */

/** Numbers that look random, from a seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const syllables =
  'ba be bi bo ca ce co cu da de di do fa fe fi fo ga ge go ha he hi ho in is it ja jo ka ke ki la le li lo ma me mi mo na ne ni no on or pa pe pi po ra re ri ro sa se si so sta str ta te ti to tra un ur va ve vi wa we wi al an ar as at en er es ing ed ly tion ment'.split(
    ' ',
  );
const common =
  'the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you were their one all we can her has there been if more when will would who so no please thank regards meeting schedule report invoice order delivery project team'.split(
    ' ',
  );
const kanji =
  '日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤町常校料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足違消境神番規術護展態導鮮備宅害配副算視条幹独警宮究育席輸訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例衛然早張映限親額監環験追審商葉義伝働形景落欧担好退準賀訴辺造英被株頭技低毎医復仕去姿味負閣韓渡失移差衆個門写評課末守若脳極種美岡影命含福蔵量望松非撃佐核観察整段横融型白深字答夜製票況音申様財港識注呼渉達'.split(
    '',
  );
const particles = 'の に は を が で と も へ や から まで より について として による'.split(' ');
const endings =
  'します しました している いたします ください でした です になります となります されました させていただきます お願いいたします ありがとうございます'.split(
    ' ',
  );
const okurigana = 'う く す つ む る える ける める れる わせ り き み い った んだ って'.split(' ');
const kana = 'アイウエオカキクケコサシスセソタチツテトナニノハヒフヘホマミムメモラリルレロン'.split('');
const names =
  '佐藤 鈴木 髙橋 高橋 田中 伊藤 渡邊 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山﨑 山崎 松本 井上 木村 林 斎藤 齋藤 清水'.split(
    ' ',
  );

export interface BenchMail {
  readonly subject: string;
  readonly text: string;
  /** With CRLF. */
  readonly message: string;
}

/** Words by rank: the first are the most common. */
export interface Vocabulary {
  readonly english: readonly string[];
  readonly japanese: readonly string[];
}

export function vocabulary(): Vocabulary {
  const random = chance(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const english = new Set(common);
  while (english.size < 60_000) {
    let word = '';
    for (let i = 2 + Math.floor(random() * 3); i > 0; i--) word += pick(syllables);
    english.add(word);
  }
  const japanese = new Set<string>();
  while (japanese.size < 50_000) {
    const shape = random();
    const stem = (length: number): string => Array.from({ length }, () => pick(kanji)).join('');
    if (shape < 0.55) japanese.add(stem(2));
    else if (shape < 0.7) japanese.add(stem(3 + Math.floor(random() * 2)));
    else if (shape < 0.85) japanese.add(stem(1) + pick(okurigana));
    else japanese.add(Array.from({ length: 3 + Math.floor(random() * 4) }, () => pick(kana)).join(''));
  }
  return { english: [...english], japanese: [...japanese] };
}

export class MailMaker {
  readonly #words: Vocabulary = vocabulary();

  get words(): Vocabulary {
    return this.#words;
  }

  /** Mail `number`: about `chars` characters of text, every second one in Japanese. */
  mail(number: number, chars: number): BenchMail {
    const random = chance(number * 2_654_435_761);
    const japanese = number % 2 === 1;
    const text = japanese ? this.#japanese(random, Math.ceil(chars * 0.45)) : this.#english(random, chars);
    const subject = japanese
      ? this.#japanese(random, 14).split('。')[0]!.replaceAll('\n', '')
      : this.#english(random, 30).split('\n')[0]!;
    return { subject, text, message: asMessage({ subject, text }, number, random) };
  }

  /** By a law of Zipf: rank r comes with a chance near 1/r. */
  #word(words: readonly string[], random: () => number): string {
    return words[Math.min(words.length - 1, Math.floor(words.length ** random()) - 1)]!;
  }

  #english(random: () => number, chars: number): string {
    const lines: string[] = [];
    let line = '';
    let length = 0;
    while (length < chars) {
      const end = random();
      line += this.#word(this.#words.english, random);
      line += end < 0.08 ? '. ' : end < 0.13 ? ', ' : ' ';
      if (line.length > 66) {
        lines.push(line.trimEnd());
        length += line.length;
        line = '';
      }
    }
    return lines.join('\n');
  }

  #japanese(random: () => number, chars: number): string {
    const lines: string[] = [];
    let line = '';
    let length = 0;
    const from = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
    while (length < chars) {
      line += this.#word(this.#words.japanese, random);
      if (random() < 0.2) line += `${from(endings)}。`;
      else line += from(particles);
      if (line.length > 36) {
        lines.push(line);
        length += line.length;
        line = '';
      }
    }
    return lines.join('\n');
  }
}

function asMessage(
  { subject, text }: { subject: string; text: string },
  number: number,
  random: () => number,
): string {
  const encoded = (value: string): string =>
    /^[\x20-\x7e]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
  const id = (): string =>
    Math.floor(random() * 2 ** 40)
      .toString(36)
      .padStart(8, '0');
  const name = names[Math.floor(names.length * random() ** 2)]!;
  const date = new Date(1_600_000_000_000 + number * 61_000).toUTCString().replace('GMT', '+0000');
  const headers = [
    `Received: from mail.there.test (mail.there.test [192.0.2.${number % 250}])`,
    `\tby mx.here.test with ESMTPS id ${id()}; ${date}`,
    `From: ${encoded(name)} <user${Math.floor(5000 * random() ** 3)}@there.test>`,
    'To: alice@here.test',
    `Subject: ${encoded(subject)}`,
    `Date: ${date}`,
    `Message-ID: <${id()}.${number}@there.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${text.replaceAll('\n', '\r\n')}\r\n`;
}
