// PostGraphile 5 on the same table: its own generated mutation, served by Grafserv on Node's server, in production mode.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const [connectionString] = process.argv.slice(2) as [string];

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString, schemas: ['public'], pubsub: false })],
  grafserv: { graphiql: false, watch: false },
});

const server = createServer();
await pgl.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())));
