// SHA-256 of files, and the error that shows two of them.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { EnvironmentError } from './environmentError.ts';

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

export function wrongHash(what: string, expected: string, found: string): EnvironmentError {
  return new EnvironmentError(
    'wrong-hash',
    `${what} is not the file it should be.\n  expected SHA-256 ${expected}\n  found    SHA-256 ${found}`,
    'Nothing was run from it. Delete the file and fetch it again, or pass a TLC you trust with --jar.',
  );
}
