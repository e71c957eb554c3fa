/**
 * Prisma's clients, used again once they are disconnected, each time with the adapter that is given. They keep no plans, which
 * name the schema of the database: the kept compilers do, for each schema.
 */
export function kept(PrismaClient) {
  const idle = new Map();

  function make({ adapter: { provider, adapterName }, ...others }) {
    const current = { adapter: null };
    const connect = () => current.adapter.connect();
    const client = new PrismaClient({
      ...others,
      adapter: { provider, adapterName, connect },
      queryPlanCacheMaxSize: 0,
    });
    return { client, current };
  }

  /** The client as one owner has it: it may disconnect as often as it likes, and then has no client any more. */
  function lend(lent, others) {
    const { client, current } = lent;
    let isOver = false;
    const disconnect = async () => {
      if (isOver) return;
      isOver = true;
      await client.$disconnect();
      current.adapter = null;
      others.push(lent);
    };
    return new Proxy(client, {
      get(target, name) {
        if (name === '$disconnect') return disconnect;
        if (isOver) throw new Error('This client is disconnected.');
        const value = Reflect.get(target, name);
        return typeof value === 'function' && String(name).startsWith('$') ? value.bind(target) : value;
      },
    });
  }

  /** `new` answers one that nobody has. */
  return function KeptClient(options) {
    const { adapter, ...others } = options;
    const key = JSON.stringify([adapter.provider, adapter.adapterName, others]);
    if (!idle.has(key)) idle.set(key, []);
    const lent = idle.get(key).pop() ?? make(options);
    lent.current.adapter = adapter;
    return lend(lent, idle.get(key));
  };
}
