/**
 * Every state in which a crash may leave the log: the workload is stopped before each operation on
 * the disk, and of what is not synced each change of names and each sector may or may not be there.
 * Where the choices are too many to try all, they are drawn; a fault names the workload, the
 * operation and the choices. What must hold in each: see `judge`.
 */
import fc from 'fast-check';
import { LogFile } from '../../src/storage/logFile.ts';
import { SimulatedDisk } from '../simulation/disk.ts';
import { groups, options, Recovered, run } from './logModel.ts';
import type { Outcome, Workload } from './logModel.ts';

const exhaustiveBits = 8;
/** Where the fates are more than 2 to that. */
const drawn = 60;

const bitsOf = (mask: number, bits: number): boolean[] =>
  Array.from({ length: bits }, (_, bit) => ((mask >> bit) & 1) === 1);

/** All fates of what is not durable where they are few, else some. */
function fatesOf(bits: number): boolean[][] {
  if (bits <= exhaustiveBits) {
    return Array.from({ length: 2 ** bits }, (_, mask) => bitsOf(mask, bits));
  }
  return fc.sample(fc.array(fc.boolean(), { minLength: bits, maxLength: bits }), drawn);
}

export interface Judged {
  readonly isQuarantined: boolean;
  /** What is wrong with the state; undefined: nothing. */
  readonly fault?: string;
}

/**
 * No entry that is handed on differs from what was written; a group that is up has every entry
 * that was acknowledged, and none that was not asked for; a crash is never called corruption, not
 * even when the log is opened again and again.
 */
export async function judge(
  disk: SimulatedDisk,
  { acknowledged, asked }: Pick<Outcome, 'acknowledged' | 'asked'>,
): Promise<Judged> {
  let isQuarantined = false;
  const modes: string[] = [];
  for (const time of ['first', 'second']) {
    const recovered = new Recovered();
    const log = await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
    const fault = (what: string): Judged => ({
      isQuarantined,
      fault: `opened a ${time} time: ${what}`,
    });
    isQuarantined ||= log.mode !== 'up';
    if (recovered.wrong > 0) return fault(`${recovered.wrong} entries are wrong`);
    if (log.reason === 'corrupt') return fault('a crash is called corruption');
    for (const group of groups) {
      if (log.modeOf(group) !== 'up') continue;
      const upTo = recovered.of(group);
      const [least = 0, most = 0] = [acknowledged.get(group), asked.get(group)];
      if (upTo === undefined || upTo < least || upTo > most) {
        return fault(`group ${group} holds ${upTo} of ${least} acknowledged and ${most} asked for`);
      }
    }
    modes.push(groups.map((group) => log.modeOf(group)).join(' '));
    await log.close();
  }
  if (modes[0] !== modes[1]) return { isQuarantined, fault: `modes differ: ${modes.join(' / ')}` };
  return { isQuarantined };
}

export interface Enumerated {
  readonly up: number;
  readonly quarantined: number;
  readonly faults: readonly string[];
}

/** Goes through at least so many states, or until one is wrong. */
export async function enumerateStates(
  statesMin: number,
  o: { readonly make?: () => SimulatedDisk; readonly workloads: fc.Arbitrary<Workload> },
): Promise<Enumerated> {
  const make = o.make ?? (() => new SimulatedDisk());
  const seen = { up: 0, quarantined: 0 };
  while (seen.up + seen.quarantined < statesMin) {
    const [workload = []] = fc.sample(o.workloads, 1);
    const { operations } = await run(make(), workload, -1);
    for (let stop = 0; stop <= operations; stop += 1) {
      const outcome = await run(make(), workload, stop);
      for (const fate of fatesOf(outcome.disk.uncertain)) {
        let at = 0;
        const disk = outcome.disk.crashed(() => fate[at++] === true);
        const { isQuarantined, fault } = await judge(disk, outcome);
        seen[isQuarantined ? 'quarantined' : 'up'] += 1;
        if (fault === undefined) continue;
        const where = `${JSON.stringify(workload)} stopped before operation ${stop}, fates ${fate.map(Number).join('')}`;
        return { ...seen, faults: [`${fault}: ${where}`] };
      }
    }
  }
  return { ...seen, faults: [] };
}
