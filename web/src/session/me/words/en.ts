export default {
  title: 'Security and sessions',
  sessions: 'Where you are signed in',
  sessionsText: 'End what you do not know, then change your password.',
  current: 'This browser',
  lastUsed: 'last used',
  since: 'signed in',
  end: 'Sign out',
  endOthers: 'Sign out everywhere else',
  ended_one: '{{count}} other browser was signed out.',
  ended_other: '{{count}} other browsers were signed out.',
  unknownDevice: 'Unknown device',
};
