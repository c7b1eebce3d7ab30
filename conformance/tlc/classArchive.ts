// An AppCDS archive of TLC's classes: it saves about 0.15 s of every JVM start (measured). The first run writes it as
// it ends, at a cost of 0.3 s once. What must hold: a broken or missing archive never fails a run.

import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import type { Jar } from './jar.ts';
import type { Java } from './java.ts';

/** Java writes dynamic archives from 13 on; before 17 not with every collector. */
const majorMin = 17;

export interface ClassArchive {
  readonly flags: readonly string[];
  /** Keeps the archive the run wrote, if it wrote one. */
  keep(): Promise<void>;
}

const none: ClassArchive = { flags: [], keep: () => Promise.resolve() };

/** Java itself checks the jar's time and size against the archive; the key spares it the futile attempt. */
async function archivePath(jar: Jar, java: Java, environment: NodeJS.ProcessEnv): Promise<string> {
  const { mtimeMs } = await stat(jar.path);
  const key = [jar.sha256, jar.path, mtimeMs, java.path, java.version].join('\n');
  const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return join(cacheFolder('classes', environment), `${name}.jsa`);
}

/** The JVM flags for this run: use the archive, or write it into `folder`. */
export async function classArchive(o: {
  jar: Jar;
  java: Java;
  folder: string;
  /** Whether this run may write the archive (only a full TLC run knows the classes that matter). */
  write: boolean;
  environment?: NodeJS.ProcessEnv;
}): Promise<ClassArchive> {
  if (o.java.major < majorMin) return none;
  const kept = await archivePath(o.jar, o.java, o.environment ?? process.env);
  const quiet = '-Xlog:disable';
  const exists = await stat(kept).then(
    (found) => found.size > 0,
    () => false,
  );
  if (exists) return { ...none, flags: [`-XX:SharedArchiveFile=${kept}`, '-Xshare:auto', quiet] };
  if (!o.write) return none;
  const written = join(o.folder, 'classes.jsa');
  return {
    flags: [`-XX:ArchiveClassesAtExit=${written}`, quiet],
    keep: async (): Promise<void> => {
      try {
        await mkdir(dirname(kept), { recursive: true });
        // Copied, then renamed: the working folder may stand on another file system.
        const temporary = `${kept}.${randomUUID()}.part`;
        await copyFile(written, temporary);
        await rename(temporary, kept);
      } catch {
        // No space, or no archive written: the next run is as slow as this one, no more.
        return;
      }
    },
  };
}
