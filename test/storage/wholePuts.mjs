/**
 * Loaded before the S3 server of the tests. That server answers a put before its bytes are in their
 * file, and lets two puts of one name write the same file at once; the service answers what is
 * stored, and stores it whole. Here one put at a time is written aside, then takes its name.
 */
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import Store from 's3rver/lib/stores/filesystem.js';

let before = Promise.resolve();

/** When what was asked before has ended. */
function alone(work) {
  const mine = before.then(work);
  before = mine.catch(() => undefined);
  return mine;
}

Store.prototype.putObject = async function putWhole({ bucket, key, content, metadata }) {
  const bytes = Buffer.isBuffer(content) ? content : await buffer(content);
  const md5 = createHash('md5').update(bytes).digest('hex');
  const at = this.getResourcePath(bucket, key, 'object');
  return alone(async () => {
    await mkdir(dirname(at), { recursive: true });
    const aside = join(this.rootDirectory, 'being-put');
    await writeFile(aside, bytes);
    await rename(aside, at);
    await this.putMetadata(bucket, key, metadata, md5);
    return { size: bytes.length, md5 };
  });
};

// What else reads or removes the files of an object would find some of them half written.
for (const name of ['getObject', 'listObjects', 'deleteObject']) {
  const { [name]: method } = Store.prototype;
  Store.prototype[name] = function alsoAlone(...asked) {
    return alone(() => method.apply(this, asked));
  };
}
