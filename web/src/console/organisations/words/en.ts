export default {
  title: 'Organisations',
  lead: 'Each has its own domains, accounts, keys and log. Open one to look at it.',
  add: 'New organisation',
  make: 'Make',
  made: '“{{name}}” was made.',
  none: 'No organisations',
  name: 'Name',
  kind: 'Kind',
  operator: 'Runs the server',
  tenant: 'Organisation',
  language: 'Language',
  since: 'Made',
};
