export default {
  title: 'セキュリティとログイン',
  sessions: 'ログイン中の端末',
  sessionsText: '心当たりのないものはログアウトし、パスワードを変更してください。',
  current: 'このブラウザー',
  lastUsed: '最終利用',
  since: 'ログイン',
  end: 'ログアウト',
  endOthers: '他の端末をすべてログアウト',
  ended_other: '他の {{count}} 台をログアウトしました。',
  unknownDevice: '不明な端末',
};
