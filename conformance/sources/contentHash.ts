/**
 * SHA-256 over parts and files. What must hold: equal hashes mean equal content, so each part
 * is written with its length, and each file with its path relative to a root.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export function hashParts(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    hash.update(`${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** Names and contents of the files, in an order of their own. */
export function hashFiles(root: string, paths: Iterable<string>): string {
  const parts: (string | Uint8Array)[] = [];
  for (const path of [...new Set(paths)].sort()) {
    parts.push(relative(root, path).split(sep).join('/'), readFileSync(path));
  }
  return hashParts(parts);
}

/** Every file below a folder, in a defined order. */
export function filesBelow(folder: string, keep: (path: string) => boolean): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path, keep));
    else if (keep(path)) found.push(path);
  }
  return found.sort();
}
