/** CPU time and memory of a process and all its descendants, from /proc. For servers under test that are one tree of processes. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second. */
const ticksPerSecond = 100;

export interface Usage {
  /** User and system time, in milliseconds, of live processes and of children that were waited for. */
  readonly cpuMs: number;
  /** Proportional set size, in MB: shared pages are counted once for all who share them. */
  readonly pssMb: number;
  readonly processes: number;
}

export function usageOf(root: number): Usage {
  let cpuMs = 0;
  let pssKb = 0;
  const tree = treeOf(root);
  for (const pid of tree) {
    cpuMs += cpuOf(pid);
    pssKb += pssOf(pid);
  }
  return { cpuMs, pssMb: pssKb / 1024, processes: tree.length };
}

/** Whether it is among the descendants of this process. */
export const isChild = (pid: number): boolean => treeOf(process.pid).includes(pid);

/** Only the CPU time: cheap enough for before and after a short run. */
export const cpuOfTree = (root: number): number => treeOf(root).reduce((sum, pid) => sum + cpuOf(pid), 0);

/** Bytes that went to the disk so far, those of children that were waited for included. Needs Linux's I/O accounting; 0 without. */
export const writtenByTree = (root: number): number =>
  treeOf(root).reduce((sum, pid) => {
    try {
      return sum + Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1] ?? 0);
    } catch {
      return sum;
    }
  }, 0);

function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (let at = 0; at < tree.length; at++) tree.push(...(children.get(tree[at]!) ?? []));
  return tree;
}

/** Fields of /proc/PID/stat from the third on (state, parent, …): the second may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function cpuOf(pid: number): number {
  const fields = statFields(pid);
  if (fields === undefined) return 0;
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
  return (ticks * 1000) / ticksPerSecond;
}

function pssOf(pid: number): number {
  try {
    const match = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
    return Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}
