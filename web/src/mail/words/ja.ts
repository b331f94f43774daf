export default {
  title: 'メール',
  byProgram: 'メールソフトでメールを読む',
  byProgramText: 'メールソフトに {{address}} を追加してください。サーバーの設定は自動で見つかります。',
};
