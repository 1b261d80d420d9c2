/**
 * Building the addon of `@tensorflow/tfjs-node` against a libtensorflow: two C++ files, compiled directly. node-gyp would want
 * Python and Node's own headers, and would fetch those from a place that may not be reached; N-API's alone are enough, of any
 * version from 8 on, because N-API is stable.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { Failure } from '../../../base/errors.js';
import { runProgram } from './program.js';

export const TFJS_NODE_VERSION = '4.22.0';
export const TFJS_NODE = `@tensorflow/tfjs-node@${TFJS_NODE_VERSION}`;
const N_API_HEADERS = 'node-api-headers@1';
const N_API_VERSION = 8;

export interface AddonBuild {
  /** Holds what is built from; removed by the caller. */
  readonly workFolder: string;
  /** Has `tensorflow/c/c_api.h`. */
  readonly include: string;
  /** The libraries to link with, by path. */
  readonly libraries: readonly string[];
  /** Where the libraries are found at run time: `$ORIGIN`, or absolute. */
  readonly runPath: string;
  /** The file to write. */
  readonly addon: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}

/** Failures: `not-found` without npm or a compiler, `bad-input` when one of them fails, `cancelled`. */
export async function buildAddon(build: AddonBuild): Promise<void> {
  const { workFolder, signal, onProgress } = build;
  onProgress(`Fetching the source of ${TFJS_NODE}`);
  const source = join(workFolder, 'tfjs-node');
  await unpackPackage(TFJS_NODE, source, signal);
  const nodeInclude = nodeHeaders() ?? (await fetchedHeaders(workFolder, build));
  await mkdir(dirname(build.addon), { recursive: true });
  onProgress('Compiling the addon');
  const compiler = process.env['CXX'] ?? 'c++';
  await runProgram(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${N_API_VERSION}`],
      ...[`-I${nodeInclude}`, `-I${build.include}`],
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(source, 'binding', name)),
      // The framework's library is wanted by the other one, wherever that looks for it.
      ...['-Wl,--no-as-needed', ...build.libraries, `-Wl,-rpath,${build.runPath}`],
      ...['-o', build.addon],
    ],
    {
      signal,
      doing: 'Compiling the addon',
      remedy: `A C++ compiler is needed: on Debian and Ubuntu the package g++, on Fedora gcc-c++ (CXX names another one).`,
    },
  );
}

/** Where this Node, or the system's, has its headers. */
function nodeHeaders(): string | null {
  const nodeFolder = process.env['npm_config_nodedir'];
  const candidates = [
    ...(nodeFolder === undefined ? [] : [join(nodeFolder, 'include', 'node')]),
    join(dirname(process.execPath), '..', 'include', 'node'),
    '/usr/include/node',
    '/usr/local/include/node',
  ];
  return candidates.find((folder) => existsSync(join(folder, 'node_api.h'))) ?? null;
}

async function fetchedHeaders(workFolder: string, { signal, onProgress }: AddonBuild): Promise<string> {
  onProgress('Fetching the headers of N-API');
  const folder = join(workFolder, 'node-api-headers');
  await unpackPackage(N_API_HEADERS, folder, signal);
  const include = join(folder, 'include');
  if (existsSync(join(include, 'node_api.h'))) return include;
  throw new Failure(
    'not-found',
    `${N_API_HEADERS} has no node_api.h. Install the headers of Node (libnode-dev).`,
  );
}

/** Files of a package as they were published: none of its scripts runs, and none of its dependencies comes with it. */
async function unpackPackage(name: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  await runProgram('npm', ['pack', '--silent', '--pack-destination', folder, name], {
    cwd: folder,
    signal,
    doing: `Fetching ${name}`,
    remedy:
      'npm and its registry are needed: install Node.js with npm, and check that the registry can be reached.',
  });
  const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Failure('not-found', `npm pack left no archive of ${name}.`);
  const entries = createReadStream(join(folder, archive)).pipe(createGunzip()).pipe(extract());
  for await (const entry of entries) {
    const path = entry.header.name.replace(/^package\//, '');
    const isWanted =
      entry.header.type === 'file' && /\.(?:cc|h)$/.test(path) && !path.split('/').includes('..');
    if (!isWanted) {
      entry.resume();
      continue;
    }
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await buffer(entry));
  }
}
