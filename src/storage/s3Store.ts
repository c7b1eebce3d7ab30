/**
 * An object store in S3, or a service that speaks its protocol. Credentials come from where they
 * usually do: the environment, a profile, the machine's role. What must hold: that of objectStore.ts;
 * requests are bounded in time and fail with what was asked of which bucket. This file is loaded only
 * where a region's config asks for it: the client takes its time and memory.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { setMaxListeners } from 'node:events';
import type { ObjectStore } from './objectStore.ts';

export interface S3StoreOptions {
  readonly bucket: string;
  /** Before the names of all objects. */
  readonly prefix: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly forcePathStyle: boolean;
  /** Names that one page of a list holds; services give 1,000 at most. */
  readonly pageMax?: number;
}

/** The service refused, or was not reached. */
export class S3Failed extends Error {
  override readonly name = 'S3Failed';
}

const connectionTimeout = 5_000;
const requestTimeout = 60_000;
const maxAttempts = 3;

/** Where the service is at hand a region need not be named. */
const anyRegion = 'us-east-1';

function clientOf({ endpoint, region, forcePathStyle }: S3StoreOptions): S3Client {
  const named = region ?? (endpoint === undefined ? undefined : anyRegion);
  return new S3Client({
    ...(endpoint !== undefined && { endpoint }),
    ...(named !== undefined && { region: named }),
    forcePathStyle,
    maxAttempts,
    requestHandler: { connectionTimeout, requestTimeout, throwOnRequestTimeout: true },
    // What is put is read back and compared whole; services that do not know the client's own
    // checksums store their framing as data.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

function failureText(what: string, { bucket, endpoint }: S3StoreOptions, cause: Error): string {
  const where = endpoint === undefined ? bucket : `${bucket} at ${endpoint}`;
  return (
    `${what} in the bucket ${where} failed: ${cause.name}: ${cause.message}. ` +
    "Check the archive of the region's config, and the credentials."
  );
}

export function s3Store(o: S3StoreOptions): ObjectStore {
  const { bucket: Bucket, prefix, pageMax: MaxKeys } = o;
  const client = clientOf(o);
  const closed = new AbortController();
  setMaxListeners(0, closed.signal);
  const options = { abortSignal: closed.signal };
  const asked = <T>(what: string, answer: Promise<T>): Promise<T> =>
    answer.catch((error: Error) => {
      throw new S3Failed(failureText(what, o, error), { cause: error });
    });
  return {
    async put(name, bytes) {
      const put = new PutObjectCommand({ Bucket, Key: prefix + name, Body: bytes });
      await asked(`putting ${name}`, client.send(put, options));
    },
    get(name) {
      const get = new GetObjectCommand({ Bucket, Key: prefix + name });
      const read = client.send(get, options).then(
        async ({ Body }) => {
          const bytes = await Body?.transformToByteArray();
          return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
        },
        (error: Error) => {
          if (error.name !== 'NoSuchKey') throw error;
          return undefined;
        },
      );
      return asked(`getting ${name}`, read);
    },
    async list(begin) {
      const names: string[] = [];
      for (let ContinuationToken: string | undefined, more = true; more;) {
        const page = new ListObjectsV2Command({
          Bucket,
          Prefix: prefix + begin,
          ...(MaxKeys !== undefined && { MaxKeys }),
          ...(ContinuationToken !== undefined && { ContinuationToken }),
        });
        const { Contents = [], NextContinuationToken } = await asked(
          `listing ${begin}`,
          client.send(page, options),
        );
        names.push(...Contents.flatMap(({ Key }) => Key?.slice(prefix.length) ?? []));
        ContinuationToken = NextContinuationToken;
        more = NextContinuationToken !== undefined;
      }
      return names.sort();
    },
    async delete(name) {
      const remove = new DeleteObjectCommand({ Bucket, Key: prefix + name });
      await asked(`deleting ${name}`, client.send(remove, options));
    },
    close() {
      closed.abort();
      client.destroy();
    },
  };
}
