// Whether this machine can run TLC: tests that start it are skipped, by name, where Java is missing.

import { findJava } from '../../conformance/tlc/java.ts';
import { getJar, type Jar } from '../../conformance/tlc/jar.ts';

export const hasJava = await findJava().then(
  () => true,
  () => false,
);

/** The jar the tests run, fetched on first use. */
export const presentJar = (): Promise<Jar> => getJar();

export const specs = new URL('./specs/', import.meta.url).pathname;
