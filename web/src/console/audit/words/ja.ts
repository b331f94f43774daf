export default {
  title: '監査ログ',
  lead: '管理上の変更と、この画面へのログインをすべて記録します。',
  search: '操作、対象、実行者',
  when: '日時',
  action: '操作',
  subject: '対象',
  by: '実行者',
  ip: '接続元',
  none: '記録がありません',
  noneText: 'アカウント、ドメイン、キー、設定の変更がここに記録されます。',
};
