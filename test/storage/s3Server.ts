/** An S3-compatible server as a process of its own, with an empty bucket, on a port of its choice. */
import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3StoreOptions } from '../../src/storage/s3Store.ts';

export interface S3Server {
  readonly archive: Required<Omit<S3StoreOptions, 'region' | 'pageMax'>>;
  /** What a process that archives there is to find in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  close(): Promise<void>;
}

const bucket = 'triad-archive';
const environment = {
  AWS_ACCESS_KEY_ID: 'S3RVER',
  AWS_SECRET_ACCESS_KEY: 'S3RVER',
  AWS_EC2_METADATA_DISABLED: 'true',
};

export async function s3Server(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'triad-s3-'));
  const program = join(import.meta.dirname, '../../node_modules/s3rver/bin/s3rver.js');
  const at = ['--directory', folder, '--address', '127.0.0.1', '--port', '0'];
  // It encrypts where a list goes on by means that are legacy by now.
  const legacy = '--openssl-legacy-provider';
  const wholePuts = join(import.meta.dirname, 'wholePuts.mjs');
  const args = [legacy, '--import', wholePuts, program, ...at, '--configure-bucket', bucket];
  const server = execa(process.execPath, args, { reject: false, all: true, buffer: false });
  let said = '';
  const port = await new Promise<string>((done, failed) => {
    server.all.on('data', (text: Buffer) => {
      said += text.toString();
      const [, found] = /listening on 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (found !== undefined) done(found);
    });
    void server.then(() => failed(new Error(`the S3 server ended: ${said}`)));
  });
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    archive: { bucket, prefix: 'region/one/', endpoint, forcePathStyle: true },
    environment,
    folder,
    async close() {
      server.kill('SIGKILL');
      await server;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
