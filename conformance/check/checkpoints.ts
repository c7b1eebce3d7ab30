/**
 * A folder of TLC's checkpoints that outlives the run. What must hold: a checkpoint is gone on from
 * only by the search it was made by (spec, cfg and jar by hash); two runs never write one folder;
 * what stands there besides is left alone.
 */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { UsageError } from '../sources/usageError.ts';
import type { TlcVerdict } from '../tlc/result.ts';
import type { Checkpoints } from '../tlc/flags.ts';
import { outFolder } from './outFolder.ts';

/** TLC's own interval. */
const minutesDefault = 30;
const factsName = 'bisim-checkpoint.json';
const lockStaleMs = 30_000;

export interface OpenCheckpoints {
  readonly flags: Checkpoints;
  /** A finished search needs no checkpoint. */
  ended(verdict: TlcVerdict): Promise<void>;
  release(): Promise<void>;
}

/** `minutes` absent: the folder must hold a checkpoint to go on from. */
export async function openCheckpoints(o: {
  folder: string;
  minutes: number | undefined;
  key: string;
}): Promise<OpenCheckpoints> {
  const { folder, minutes, key } = o;
  if (minutes !== undefined) await outFolder(folder);
  else await requireFolder(folder);
  const unlock = await locked(folder);
  try {
    const recover = await newest(folder, key);
    if (recover === undefined && minutes === undefined) {
      throw new UsageError(
        'no-checkpoint',
        `${folder} holds no checkpoint to go on from`,
        'Correct --recover, or add --checkpoint MINUTES to begin a search that writes them there.',
      );
    }
    await writeFile(join(folder, factsName), `${JSON.stringify({ search: key })}\n`);
    const flags = { folder, minutes: minutes ?? minutesDefault };
    return {
      flags: recover === undefined ? flags : { ...flags, recover },
      async ended(verdict) {
        if (verdict !== 'ok' && verdict !== 'violation') return;
        for (const made of await runFolders(folder)) {
          await rm(made, { recursive: true, force: true });
        }
        await rm(join(folder, factsName), { force: true });
      },
      release: unlock,
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new UsageError(
    'no-checkpoint',
    `there is no folder ${folder} to recover from`,
    'Correct --recover, or add --checkpoint MINUTES to begin a search that writes them there.',
  );
}

async function locked(folder: string): Promise<() => Promise<void>> {
  try {
    return await lock(folder, { stale: lockStaleMs });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ELOCKED') throw cause;
    throw new UsageError(
      'busy',
      `another run is writing checkpoints to ${folder}`,
      'Wait for it, or name another folder by --recover.',
      cause,
    );
  }
}

/** TLC makes a folder named by the time for each run: YY-MM-DD-HH-MM-SS, with milliseconds in 1.8. */
async function runFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^\d\d(-\d\d){5}(\.\d+)?$/.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

/** The newest run that got as far as a checkpoint. */
async function newest(folder: string, key: string): Promise<string | undefined> {
  for (const run of (await runFolders(folder)).reverse()) {
    const names = await readdir(run);
    if (!names.some((name) => name.endsWith('.chkpt'))) continue;
    await refuseOtherSearch(folder, key);
    return run;
  }
  return undefined;
}

async function refuseOtherSearch(folder: string, key: string): Promise<void> {
  const text = await readFile(join(folder, factsName), 'utf8').catch(() => '{}');
  let search: unknown;
  try {
    ({ search } = JSON.parse(text) as { search?: unknown });
  } catch {
    search = undefined;
  }
  if (search === key) return;
  throw new UsageError(
    'other-checkpoint',
    `${folder} holds the checkpoint of another spec, cfg or jar`,
    'Name another folder, or remove this one to begin again.',
  );
}
