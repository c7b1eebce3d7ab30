/** The object store that a region's config names. */
import { resolve } from 'node:path';
import { directoryStore } from '../storage/directoryStore.ts';
import type { ObjectStore } from '../storage/objectStore.ts';
import type { ArchiveConfig } from './nodeConfig.ts';

/** `folder` is that of the config file. */
export async function archiveStore(config: ArchiveConfig, folder: string): Promise<ObjectStore> {
  if (config.kind === 'directory') return directoryStore(resolve(folder, config.path));
  throw new Error('an archive in S3 is not built in yet');
}
