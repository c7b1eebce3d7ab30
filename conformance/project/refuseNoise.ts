/**
 * Files that cannot be what they are given as are refused by their name, their size or their first
 * bytes, before anything reads them whole: a gigabyte of noise takes no longer than a typing error.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '../sources/usageError.ts';
import { specBytesMax } from '../tlc/stage.ts';

const cfgBytesMax = 1024 * 1024;
const headBytes = 64 * 1024;

export function refuseNoModule(path: string): void {
  const name = basename(path, '.tla');
  const next = 'Give the path of the root .tla file.';
  if (!/^\w*[A-Za-z]\w*$/.test(name)) {
    const message = `${path} cannot be a module: names have letters, digits and _ alone`;
    throw new UsageError('no-module', message, `Rename the module and its file. ${next}`);
  }
  const { size } = statSync(path);
  if (size === 0) throw new UsageError('no-module', `${path} is empty`, next);
  const head = headOf(path);
  const isNoise = head.includes(0) || !/MODULE/.test(head.toString('latin1'));
  if (size > specBytesMax || isNoise) {
    const why = isNoise ? 'has no MODULE line' : `has ${size} bytes, more than any module`;
    throw new UsageError('no-module', `${path} is no TLA+ module: it ${why}`, next);
  }
}

export function refuseNoCfg(path: string): void {
  const { size } = statSync(path);
  const next = 'Name a .cfg of TLC by --config.';
  if (size === 0) throw new UsageError('no-cfg', `${path} is empty`, next);
  if (size > cfgBytesMax || headOf(path).includes(0)) {
    throw new UsageError('no-cfg', `${path} is no cfg (${size} bytes)`, next);
  }
}

function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(headBytes);
    return head.subarray(0, readSync(file, head, 0, headBytes, 0));
  } finally {
    closeSync(file);
  }
}
