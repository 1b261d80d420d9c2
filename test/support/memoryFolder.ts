import { Failure } from '../../src/base/errors.js';
import { bytesAccess } from '../../src/base/randomAccess.js';
import type { TraceFolder } from '../../src/trace/importers/importer.js';

/** Files in memory as a folder of trace files. */
export function memoryFolder(files: ReadonlyMap<string, Uint8Array>, name = 'recording'): TraceFolder {
  return {
    name,
    paths: [...files.keys()].sort(),
    open: (path) => {
      const bytes = files.get(path);
      if (bytes === undefined) throw new Failure('not-found', `${name} has no file ${path}.`);
      return bytesAccess(path, bytes);
    },
  };
}
