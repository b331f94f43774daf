export default {
  title: 'Audit log',
  lead: 'Every administrative change and every sign-in to this page.',
  search: 'Action, subject or person',
  when: 'When',
  action: 'Action',
  subject: 'Subject',
  by: 'By',
  ip: 'From',
  none: 'Nothing yet',
  noneText: 'Each change of accounts, domains, keys and settings leaves a line here.',
};
