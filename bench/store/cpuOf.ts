/**
 * What processes have used: CPU seconds of all their threads, and memory, from /proc. Only Linux
 * tells it; elsewhere nothing is said.
 */
import { existsSync, readFileSync } from 'node:fs';

/** Ticks a second, which Linux promises to programs. */
const ticks = 100;
const mega = 1 << 20;

export const isTold = existsSync('/proc/self/stat');

/** CPU seconds since it began. */
export function cpuOf(pid: number): number {
  if (!isTold) return NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

const kilobytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? NaN);

export interface Memory {
  /** Resident, what it shares with others included. */
  readonly rssMb: number;
  /** Its own, and its part of what it shares. */
  readonly pssMb: number;
}

export function memoryOf(pid: number): Memory {
  if (!isTold) return { rssMb: NaN, pssMb: NaN };
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (name: string): number => (kilobytes(text, name) * 1_024) / mega;
  return { rssMb: mb('Rss'), pssMb: mb('Pss') };
}
