/**
 * A report on disk. What must hold: a reader never sees half of one, a device or pipe that the
 * user names is written to and not replaced, and what fails says which file and what to do.
 */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EnvironmentError } from '../tlc/environmentError.ts';

export function writeReport(file: string, text: string): void {
  const path = resolve(file);
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) writeFileSync(path, text);
    else replace(path, text);
  });
}

export function appendReport(file: string, text: string): void {
  attempt(file, () => appendFileSync(file, text));
}

function replace(path: string, text: string): void {
  const partial = `${path}.${process.pid}.part`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const next = 'Name a file in a folder that can be written, on a disk with space.';
    throw new EnvironmentError('disk', `cannot write ${path}: ${reason}`, next, error);
  }
}
