import { sumOfVersions } from './data.ts';
import { type Load, load, rawKey, type Server } from './server-process.ts';
import { fixed, quantile } from './statistics.ts';
import { bulkSize, type Workload } from './workloads.ts';

export interface Work {
  readonly workload: Workload;
  readonly connections: number;
}

/** The medians of the rounds of one server at one work. */
export interface Row extends Work, Load {
  readonly database: string;
  readonly server: string;
  /** To the raw server that comes first: of the requests a second, and of the p99. */
  readonly ratio: number;
  readonly p99Ratio: number;
}

export interface Rounds {
  readonly rounds: number;
  readonly seconds: number;
  readonly users: number;
}

interface Round extends Rounds {
  /** Counted from 0, the one to warm up. */
  readonly number: number;
  /** Another one in every round of every work. */
  readonly names: number;
  /** How many works before this one gave users new addresses. */
  readonly addresses: number;
}

const changing: Workload[] = ['update', 'rest-update', 'email', 'bulk'];

/**
 * Loads all servers with all works, in rounds, so that what is compared was measured close together. The first server is the
 * one that the others are compared with.
 */
export async function measure(database: string, servers: Server[], works: Work[], rounds: Rounds): Promise<Row[]> {
  const lonely = works.find((work) => !works.some((other) => isComparableTo(work)({ work: other })));
  if (lonely) throw new Error(`${lonely.workload} is compared with another work: measure that, too`);
  const measured = works.map((work) => ({ work, loads: new Map(serversOf(work, servers).map(withoutLoads)) }));
  // The first round is for the servers to warm up.
  for (let round = 0; round <= rounds.rounds; round += 1) {
    for (const [i, { work, loads }] of measured.entries()) {
      for (const [server, results] of loads) {
        const addresses = works.slice(0, i).filter(({ workload }) => workload === 'email').length;
        const result = await loadAndCheck(server, work, {
          ...rounds,
          number: round,
          names: i * 100 + round,
          addresses,
        });
        if (round > 0) results.push(result);
      }
    }
  }
  return measured.flatMap(({ work, loads }) => {
    const reference = median(measured.find(isComparableTo(work))?.loads.get(servers[0] as Server) ?? []);
    return [...loads].map(([{ name }, results]) => toRow(database, work, name, median(results), reference));
  });
}

/** The raw servers know no REST. */
function serversOf({ workload }: Work, servers: Server[]): Server[] {
  const able = workload === 'rest-update' ? servers.filter(({ key }) => key !== rawKey) : servers;
  return able.filter(({ workloads }) => !workloads || workloads.includes(workload));
}

function withoutLoads(server: Server): [Server, Load[]] {
  return [server, []];
}

/** Where the raw server did the same; for REST, the update of the same names by GraphQL. */
function isComparableTo({ workload, connections }: Work) {
  const name = workload === 'rest-update' ? 'update' : workload;
  return ({ work }: { work: Work }) => work.workload === name && work.connections === connections;
}

/** Throws where a request failed, or an update that was answered did not happen. */
async function loadAndCheck(server: Server, { workload, connections }: Work, round: Round): Promise<Load> {
  const changes = changing.includes(workload);
  const before = changes ? await sumOfVersions(server.url) : 0;
  // A user can lose their identities only once, so every round has users of its own; names and addresses are always new ones,
  // or nothing would change.
  const share = Math.floor(round.users / (round.rounds + 1));
  const start = workload === 'email' ? round.addresses * round.users + round.number * share : round.names * 1e7 + 1;
  const result = await load(server, [round.seconds, connections, workload, round.users, start]);
  if (result.failures > 0) throw new Error(`${server.name} failed ${result.failures} times at ${workload}`);
  const asked = result.requests * (workload === 'bulk' ? bulkSize : 1);
  const happened = changes ? (await sumOfVersions(server.url)) - before : asked;
  if (happened !== asked) throw new Error(`${server.name}: ${happened} of ${asked} happened`);
  return result;
}

function median(loads: Load[]): Load {
  const [first] = loads;
  if (!first) throw new Error('nothing was measured');
  const names = Object.keys(first) as (keyof Load)[];
  const medians = names.map((name) => [
    name,
    quantile(
      loads.map((result) => result[name]),
      0.5,
    ),
  ]);
  return Object.fromEntries(medians) as Load;
}

function toRow(database: string, work: Work, server: string, load: Load, reference: Load): Row {
  const ratio = load.perSecond / reference.perSecond;
  return { database, ...work, server, ...load, ratio, p99Ratio: load.p99 / reference.p99 };
}

export const head = [
  '| Database | Work | Connections | Server | Requests/s | Ratio | p50 ms | p99 ms | p99 ratio | CPU µs | MiB |',
  '|---|---|---|---|---|---|---|---|---|---|---|',
];

export function describe(row: Row): string {
  const { database, workload, connections, server, perSecond, ratio, p50, p99, p99Ratio, cpuMicroseconds, memoryMiB } =
    row;
  const numbers = [
    fixed(perSecond, 0),
    fixed(ratio, 2),
    fixed(p50, 2),
    fixed(p99, 2),
    fixed(p99Ratio),
    fixed(cpuMicroseconds, 0),
  ];
  return `| ${[database, workload, connections, server, ...numbers, fixed(memoryMiB, 0)].join(' | ')} |`;
}
