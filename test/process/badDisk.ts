/**
 * Disks that fail under real processes: a small one that fills up, an fsync that fails or takes
 * long, a log with a flipped bit. Each says whether this machine can do it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordKinds } from '../../src/services/groupRecords.ts';
import { scanSegment } from '../../src/storage/segment.ts';

const megabyte = 1 << 20;

/** A file system of so many MB at a folder that it makes; undefined where it cannot be mounted. */
export function mountSmall(folder: string, megabytes: number): (() => void) | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => execFileSync('umount', ['-l', folder]);
}

/** Takes all the room that is left in a folder; gives what frees it again. */
export function fill(folder: string): () => void {
  const path = join(folder, 'filler');
  for (let size = megabyte; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size, 1), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  return () => rmSync(path);
}

export const canMount = ((): boolean => {
  const folder = join('/tmp', `triad-mount-${process.pid}`);
  const unmount = mountSmall(folder, 1);
  unmount?.();
  rmSync(folder, { recursive: true });
  return unmount !== undefined;
})();

export const canTrace = ((): boolean => {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/**
 * From now on what `inject` says befalls the fsyncs of a process (strace's words). Gives what ends
 * it; it ends by itself with the process.
 */
export async function onFsync(pid: number, inject: string): Promise<() => Promise<void>> {
  const calls = 'fsync,fdatasync';
  const args = ['-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:${inject}`];
  const tracer = spawn('strace', [...args, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(tracer, 'exit');
  // It says that it is attached.
  await Promise.race([once(tracer.stderr, 'data'), ended]);
  tracer.stderr.resume();
  return async () => {
    tracer.kill('SIGINT');
    await ended;
  };
}

/** Flips a bit of what a node's log holds of a group's commands, not of its last ones. */
export function damageLog(folder: string, group: number): void {
  const names = readdirSync(folder).filter((name) => name.endsWith('.wal'));
  const path = join(folder, names.sort()[0]!);
  const bytes = readFileSync(path);
  const salt = bytes.readUInt32LE(40);
  const found: number[] = [];
  for (const { header, end } of scanSegment(
    { bytes, salt },
    { position: 1, previous: undefined },
  )) {
    if (header?.group === group && header.kind === recordKinds.append) found.push(end);
  }
  if (found.length < 10)
    throw new Error(`${path} holds ${found.length} commands of group ${group}`);
  // The last bytes of a record may pad it; those before are of its body.
  const at = found[Math.floor(found.length / 2)]! - 12;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
  writeFileSync(path, bytes);
}
