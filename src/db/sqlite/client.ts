import { PrismaClient } from '../../generated/sqlite/client.ts';
import { clientOptions, connected, type Driver } from '../client.ts';

export const driver: Driver = {
  createClient: (adapter) => new PrismaClient({ adapter: connected(adapter), ...clientOptions }),
  queryableOf: (adapter) => adapter,
};
