/** Settings of suppression, as plain values. */
export { suppressionDefaults } from './policy.ts';
