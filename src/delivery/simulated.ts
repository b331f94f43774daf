/** The simulator as others see it (see simulator/simulator.ts). */
export type { Answered } from './simulator/answers.ts';
