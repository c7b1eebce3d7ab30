/** The version of the toolkit that runs, from its own package.json. */
import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  for (const place of ['../../../package.json', '../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      const { name, version } = manifest as { name?: string; version?: string };
      if (name === 'bisim' && version !== undefined) return version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
