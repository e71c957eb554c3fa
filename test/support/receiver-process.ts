// A receiver of webhooks that may be killed: what it has answered stands in a file. Started with a port, 0 for any, and the file.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [port, file] = process.argv.slice(2) as [string, string];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  appendFileSync(file, `${JSON.stringify({ path: request.url, id: request.headers['webhook-id'], body })}\n`);
  response.end();
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
