// A named pipe between TLC's dump and its reader. What must hold: TLC never blocks for want of a reader, the reader
// ends when the child has exited, even if TLC never opened the pipe; a slow reader slows TLC down, nothing is lost.

import { execFile } from 'node:child_process';
import { close as closeFile, constants, open as openFile } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { EnvironmentError } from './environmentError.ts';

export interface NamedPipe {
  readonly path: string;
  readonly stream: Readable;
  /** No writer is left: what is in the pipe can still be read, then it ends. */
  close(): Promise<void>;
  /** Throws away what is in the pipe. */
  destroy(): Promise<void>;
}

// Plain descriptors, not FileHandles: the socket owns the reader's, and closes it once.
const openDescriptor = promisify(openFile);
const closeDescriptor = promisify(closeFile);

async function make(path: string): Promise<void> {
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
  } catch (cause) {
    throw new EnvironmentError(
      'no-named-pipe',
      `No named pipe could be made at ${path}: ${(cause as Error).message.trim()}`,
      'The graph of a model is read through a named pipe: use Linux or macOS with `mkfifo` on PATH.',
      cause,
    );
  }
}

export async function openPipe(path: string): Promise<NamedPipe> {
  await make(path);
  const { O_RDWR, O_RDONLY, O_NONBLOCK } = constants;
  // The keeper is reader and writer at once: neither side ever waits for the other to open.
  let keeper: number | undefined = await openDescriptor(path, O_RDWR | O_NONBLOCK);
  const reader = await openDescriptor(path, O_RDONLY | O_NONBLOCK);
  const stream = new Socket({ fd: reader, readable: true, writable: false });
  const close = async (): Promise<void> => {
    const held = keeper;
    keeper = undefined;
    if (held !== undefined) await closeDescriptor(held);
  };
  const destroy = async (): Promise<void> => {
    stream.destroy();
    await close();
  };
  return { path, stream, close, destroy };
}
