/** Prisma's action whose text holds the values, so that hardly any comes twice. Prisma keeps no plan of it, either. */
const hasValues = /"action":"createMany/;

/**
 * Prisma's compiler of queries, made once for each process of the tests instead of for each client. It knows the models and
 * nothing of a database, but to read them, and to compile the same queries again, took half the time of a short test: each has
 * a service of its own, with two clients.
 */
export function kept(QueryCompiler) {
  const made = new Map();

  function make(options) {
    const compiler = new QueryCompiler(options);
    const plans = new Map();
    return {
      compile(query) {
        if (hasValues.test(query)) return compiler.compile(query);
        if (!plans.has(query)) plans.set(query, compiler.compile(query));
        return plans.get(query);
      },
      compileBatch: (queries) => compiler.compileBatch(queries),
      free() {}, // the next client goes on with it
    };
  }

  /** `new` answers the one that there is. */
  return function KeptQueryCompiler({ datamodel, provider, connectionInfo }) {
    const key = `${provider} ${JSON.stringify(connectionInfo)} ${datamodel}`;
    if (!made.has(key)) made.set(key, make({ datamodel, provider, connectionInfo }));
    return made.get(key);
  };
}
