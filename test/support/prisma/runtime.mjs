/**
 * Prisma's own runtime, of which the tests keep what they would make anew for each of some five thousand services, and what holds
 * nothing of a database: the compiler of queries, and the clients, each of which unpacks the models.
 */
import { getPrismaClient as getClient } from '../../../node_modules/@prisma/client/runtime/client.js';
import { kept as keptClients } from './kept-clients.mjs';
import { kept as keptCompilers } from './kept-compilers.mjs';

// biome-ignore lint/performance/noBarrelFile: it takes the place of that module
export * from '../../../node_modules/@prisma/client/runtime/client.js';

export function getPrismaClient(config) {
  const { getRuntime } = config.compilerWasm;
  const keeping = async () => {
    const runtime = await getRuntime();
    return { ...runtime, QueryCompiler: keptCompilers(runtime.QueryCompiler) };
  };
  return keptClients(getClient({ ...config, compilerWasm: { ...config.compilerWasm, getRuntime: keeping } }));
}
