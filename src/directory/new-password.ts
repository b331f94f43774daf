/** What a new password must be, for whoever asks for one before there is an account. */
export { preparePassword as checkPassword } from './auth/secret.ts';
