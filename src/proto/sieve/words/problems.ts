/** What is said of each problem, in English and Japanese. `{0}` and so on are filled in. */

type Sentence = readonly [en: string, ja: string];

const syntax = {
  strayCharacter: ['"{0}" does not belong here', '「{0}」はここには書けません'],
  tagWithoutName: ['a name must follow the colon', 'コロンの後に名前が必要です'],
  badNumber: ['"{0}" is not a number', '「{0}」は数ではありません'],
  numberTooLarge: ['the number {0} is too large', '数 {0} は大きすぎます'],
  stringNotClosed: ['this string has no closing quote', '文字列が引用符で閉じられていません'],
  multiLineStart: [
    'nothing but a comment may follow "text:" on its line',
    '「text:」の行の残りにはコメント以外書けません',
  ],
  multiLineNotClosed: [
    'this text has no line with a single dot at its end',
    'テキストの終わりに「.」だけの行がありません',
  ],
  commentNotClosed: ['this comment is not closed with "*/"', 'コメントが「*/」で閉じられていません'],
  nul: ['a string may not contain NUL', '文字列にNULは使えません'],
  blockNotOpen: ['this "}" closes nothing', 'この「}」に対応する「{」がありません'],
  blockNotClosed: ['this "{" is not closed', 'この「{」が閉じられていません'],
  semicolonMissing: [
    '";" is missing after "{0}", before "{1}"',
    '「{0}」の後、「{1}」の前に「;」がありません',
  ],
  commandExpected: ['a command was expected, not "{0}"', 'コマンドが必要ですが「{0}」があります'],
  testExpected: ['a test was expected, not "{0}"', 'テストが必要ですが「{0}」があります'],
  stringExpected: ['a string was expected, not "{0}"', '文字列が必要ですが「{0}」があります'],
  expected: ['"{0}" was expected, not "{1}"', '「{0}」が必要ですが「{1}」があります'],
  nestedTooDeep: [
    'blocks or tests are nested more than {0} deep',
    'ブロックまたはテストの入れ子が{0}段を超えています',
  ],
  scriptTooLarge: ['the script is larger than {0} octets', 'スクリプトが{0}オクテットを超えています'],
} as const satisfies Record<string, Sentence>;

const meaning = {
  commandUnknown: ['there is no command "{0}"', '「{0}」というコマンドはありません'],
  testUnknown: ['there is no test "{0}"', '「{0}」というテストはありません'],
  testNotCommand: [
    '"{0}" is a test: it must stand in an "if"',
    '「{0}」はテストです。「if」の中で使ってください',
  ],
  needs: ['"{0}" needs "require" of "{1}"', '「{0}」を使うには「{1}」のrequireが必要です'],
  capabilityUnknown: ['this server has no capability "{0}"', 'このサーバーに「{0}」という機能はありません'],
  requireLate: [
    '"require" must come before everything else',
    '「require」は他のすべてより前に書いてください',
  ],
  elseWithoutIf: ['"{0}" must follow an "if" or "elsif"', '「{0}」は「if」か「elsif」の後に書いてください'],
  blockMissing: ['"{0}" must end with a block { … }', '「{0}」の後にはブロック { … } が必要です'],
  noBlockHere: ['"{0}" takes no block', '「{0}」にブロックは付けられません'],
  noTestHere: ['"{0}" takes no test', '「{0}」にテストは付けられません'],
  oneTest: ['"{0}" takes exactly one test', '「{0}」にはテストがちょうど1つ必要です'],
  testListMissing: [
    '"{0}" takes a list of tests in parentheses',
    '「{0}」には括弧で囲んだテストの並びが必要です',
  ],
  argumentCount: ['"{0}" takes {1} arguments here, not {2}', '「{0}」の引数は{1}個ですが、{2}個あります'],
  argumentKind: [
    'argument {1} of "{0}" must be of type {2}',
    '「{0}」の{1}番目の引数の型は{2}でなければなりません',
  ],
  tagUnknown: ['"{1}" has no tag ":{0}"', '「{1}」に「:{0}」というタグはありません'],
  tagNeeds: [':{0} needs "require" of "{1}"', '「:{0}」を使うには「{1}」のrequireが必要です'],
  tagTwice: [':{0} is given twice', '「:{0}」が2回指定されています'],
  tagsExclude: [':{0} and :{1} exclude each other', '「:{0}」と「:{1}」は同時に指定できません'],
  tagMissing: ['{0} or {1} is missing', '「{0}」か「{1}」が必要です'],
  tagOnlyWith: [':{0} may only be used with :{1}', '「:{0}」は「:{1}」と一緒に指定してください'],
  tagValue: [':{0} must be followed by a value of type {1}', '「:{0}」の後には{1}型の値が必要です'],
  tagForm: ['"{1}" is not a value for :{0}', '「{1}」は「:{0}」の値として使えません'],
  tagTooLate: [':{0} must stand before the other arguments', '「:{0}」は他の引数より前に書いてください'],
  indexZero: [':index counts from 1', '「:index」は1から数えます'],
  comparatorUnknown: ['there is no comparator "{0}"', '「{0}」という比較方法はありません'],
  comparatorNeeds: ['this comparator needs "require" of "{0}"', 'この比較方法には「{0}」のrequireが必要です'],
  comparatorSubstring: ['"{0}" cannot be used with :{1}', '「{0}」は「:{1}」と一緒に使えません'],
  relationUnknown: [
    '"{0}" is not one of gt, ge, lt, le, eq, ne',
    '「{0}」は gt, ge, lt, le, eq, ne のどれでもありません',
  ],
  regexTooMany: ['the regular expressions are too large together', '正規表現が全体として大きすぎます'],
  regexInvalid: ['not a regular expression: {0}', '正規表現として正しくありません: {0}'],
  notUnicode: [
    'a number in ${unicode:…} is no Unicode character',
    '${unicode:…} にUnicodeの文字でない番号があります',
  ],
  namespaceUnknown: ['there is no variable namespace "{0}"', '「{0}」という変数の名前空間はありません'],
  variableName: ['"{0}" cannot be the name of a variable here', '「{0}」はここで変数名に使えません'],
  globalAfterSet: [
    '"{0}" was used before it was declared global',
    '「{0}」はglobalと宣言する前に使われています',
  ],
  tooManyVariables: ['more than {0} variables', '変数が{0}個を超えています'],
  matchVariableTooHigh: [
    'match variables go up to {1}, not to {0}',
    'マッチ変数は{1}までです（{0}は使えません）',
  ],
  notAddressField: [
    '"{0}" is not a header field with addresses',
    '「{0}」はアドレスのヘッダーではありません',
  ],
  fieldValue: ['the value of a header field cannot have a NUL', 'ヘッダーの値に NUL は使えません'],
  notifyOption: [
    '"{0}" is no option: write name=value',
    '「{0}」はオプションではありません。名前=値 の形で書いてください',
  ],
  fieldName: ['"{0}" cannot be the name of a header field', '「{0}」はヘッダー名として使えません'],
  envelopePartUnknown: ['there is no envelope part "{0}"', 'エンベロープに「{0}」はありません'],
  addressInvalid: ['"{0}" is not one mail address', '「{0}」は1つのメールアドレスではありません'],
  datePartUnknown: ['there is no date part "{0}"', '「{0}」という日付の部分はありません'],
  zoneInvalid: ['"{0}" is not a time zone like +0900', '「{0}」は +0900 のようなタイムゾーンではありません'],
  timeInvalid: [
    '"{0}" is not a time like 2026-01-31T09:00:00+09:00',
    '「{0}」は 2026-01-31T09:00:00+09:00 のような時刻ではありません',
  ],
  specialUse: ['"{0}" is not a special use like \\Junk', '「{0}」は \\Junk のような特別な用途ではありません'],
  notifyMethod: [
    '"{0}" is not a way to notify that this server has (mailto:…)',
    '「{0}」はこのサーバーで使える通知方法（mailto:…）ではありません',
  ],
  importance: [
    'the importance must be "1", "2" or "3", not "{0}"',
    '重要度は「1」「2」「3」のどれかです（「{0}」は使えません）',
  ],
  scriptName: ['"{0}" cannot be the name of a script', '「{0}」はスクリプト名として使えません'],
  loopDepth: ['loops are nested more than {0} deep', 'ループの入れ子が{0}段を超えています'],
  loopUnknown: ['there is no loop "{0}" around this', '「{0}」というループの中ではありません'],
  breakOutside: ['"break" must stand in a loop', '「break」はループの中で使ってください'],
  onlyInLoop: ['"{0}" must stand in a loop over parts', '「{0}」はforeverypartの中で使ってください'],
} as const satisfies Record<string, Sentence>;

const running = {
  tooMuchWork: [
    'the script took too much work for this message and was stopped',
    'このメールに対する処理が多すぎるため、スクリプトを中止しました',
  ],
  tooManyQuestions: [
    'the script asked too much about mailboxes and lists',
    'メールボックスやリストへの問い合わせが多すぎます',
  ],
  tooManyActions: ['more than {0} actions', '動作が{0}個を超えています'],
  tooManyRedirects: ['more than {0} redirects', '転送が{0}件を超えています'],
  tooManyNotifications: ['more than {0} notifications', '通知が{0}件を超えています'],
  tooManyFields: ['more than {0} header fields were added', '追加したヘッダーが{0}個を超えています'],
  tooManyEnclosures: [
    'the message was enclosed more than {0} times',
    'メールを包んだ回数が{0}回を超えています',
  ],
  tooManyIncludes: ['more than {0} scripts were included', '取り込んだスクリプトが{0}個を超えています'],
  includeDepth: [
    'scripts include each other more than {0} deep',
    'スクリプトの取り込みが{0}段を超えています',
  ],
  includesItself: ['the script "{0}" includes itself', 'スクリプト「{0}」が自分自身を取り込んでいます'],
  scriptMissing: ['there is no script "{0}" to include', '取り込むスクリプト「{0}」がありません'],
  scriptInvalid: ['the script "{0}" to include has errors', '取り込むスクリプト「{0}」に誤りがあります'],
  rejectTwice: ['a message can be rejected only once', 'メールの拒否は1回だけです'],
  rejectWithDelivery: [
    'a message that is rejected cannot be delivered or answered too',
    '拒否するメールを同時に配達・返信することはできません',
  ],
  vacationTwice: ['a message can be answered by vacation only once', '自動応答は1通につき1回だけです'],
  redirectLoop: [
    'the mail would come back from {0} and go in circles',
    '{0} への転送はメールの循環になります',
  ],
  copiesLimit: [
    'too many changed copies of the mail have been sent on to send one to {0}',
    '変更した写しの転送が多すぎるため {0} には送れません',
  ],
  listUnknown: ['there is no list "{0}"', '「{0}」というリストはありません'],
  timePassed: ['the time to deliver by has passed', '配達の期限が過ぎています'],
  ownError: ['the script says: {0}', 'スクリプトからのエラー: {0}'],
  mailboxInvalid: ['"{0}" cannot be the name of a mailbox', '「{0}」はメールボックス名として使えません'],
  mailboxMissing: ['there is no mailbox "{0}"', 'メールボックス「{0}」がありません'],
  inner: ['the server failed inside: {0}', 'サーバー内部のエラー: {0}'],
} as const satisfies Record<string, Sentence>;

export const words = { ...syntax, ...meaning, ...running };
