export default {
  title: 'Sign in to Hikyaku',
  address: 'Address',
  password: 'Password',
  showPassword: 'Show the password',
  remember: 'Stay signed in on this device',
  signIn: 'Sign in',
  wrong: 'The address or the password is not right.',
  locked: 'Too many failed sign-ins. Wait a minute, then try again.',
  needsTls: 'This page is not encrypted, so passwords are not taken. Open it with https://.',
  failed: 'The server could not sign you in just now. Try again.',
  unreachable: 'The server cannot be reached. Check the connection.',
};
