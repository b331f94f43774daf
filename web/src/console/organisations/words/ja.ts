export default {
  title: '組織一覧',
  lead: 'ドメイン、アカウント、キー、ログは組織ごとに分かれています。開くと切り替わります。',
  add: '組織を作成',
  make: '作成',
  made: '「{{name}}」を作成しました。',
  none: '組織がありません',
  name: '名前',
  kind: '種類',
  operator: 'サーバーを運用',
  tenant: '組織',
  language: '言語',
  since: '作成日',
};
