/** Mail for programs, as others see it (see hook/hook-delivery.ts). */
export type { HookAnswer, PostHook } from './hook/hook-delivery.ts';
