// Fetches a file of known hash. What must hold: the target appears only whole and verified, by one rename; an
// interrupted or refused download leaves nothing under the target's name, and its temporary file is removed.

import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, interceptors, request } from 'undici';
import { EnvironmentError } from './environmentError.ts';
import { wrongHash } from './hash.ts';

/** TLC is 2–3 MB; a server that sends more than this does not send TLC. */
export const downloadBytesMax = 64 * 1024 * 1024;
const redirectsMax = 5;
const connectMs = 10_000;
const silenceMs = 30_000;

const next =
  'Check the network and the proxy settings, or get the jar elsewhere and pass it with --jar.';

/** The sentence for a failed connection: undici hides the reason in `cause` and in codes. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  const { message, code, cause } = error as NodeJS.ErrnoException;
  if (cause && !message) return reasonOf(cause);
  return code && !message.includes(code) ? `${message} (${code})` : message || String(code);
}

function failed(url: string, reason: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError('download', `${url}: ${reason}`, next, cause);
}

/** Counts and hashes what passes; more than the cap is an error. */
function meter(url: string): { gate: Transform; sha256: () => string; bytes: () => number } {
  const hash = createHash('sha256');
  let bytes = 0;
  const gate = new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      bytes += chunk.length;
      if (bytes > downloadBytesMax) {
        done(failed(url, `more than ${downloadBytesMax} bytes; that is not TLC`));
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { gate, sha256: () => hash.digest('hex'), bytes: () => bytes };
}

export async function download(o: {
  url: string;
  target: string;
  sha256: string;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const temporary = `${o.target}.${randomUUID()}.part`;
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: connectMs },
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  try {
    const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: redirectsMax }));
    const response = await request(o.url, { dispatcher, signal: o.signal ?? null });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw failed(o.url, `the server answered ${response.statusCode}`);
    }
    const { gate, sha256, bytes } = meter(o.url);
    await pipeline(response.body, gate, createWriteStream(temporary, { flags: 'wx' }));
    const found = sha256();
    const promised = Number(response.headers['content-length'] ?? bytes());
    if (bytes() < promised) throw failed(o.url, `cut short at ${bytes()} of ${promised} bytes`);
    if (found !== o.sha256) throw wrongHash(o.url, o.sha256, found);
    await rename(temporary, o.target);
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw failed(o.url, reasonOf(error), error);
  } finally {
    await rm(temporary, { force: true });
    await agent.destroy();
  }
}
