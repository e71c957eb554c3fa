import type pg from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { effectiveParameters } from '../../config/database-url-parameters.ts';

/** How the driver connects to the server of a URL. The driver would take every other parameter for a setting of its own. */
export function connectionOf(url: string, applicationName: string): pg.ClientConfig {
  const parsed = parseIntoClientConfig(url) as Record<string, unknown>;
  const known = Object.entries(parsed).filter(([name]) => name === 'database' || effectiveParameters.has(name));
  const { dbname, channel_binding: channelBinding, ...config } = Object.fromEntries(known);
  return {
    application_name: applicationName,
    ...config,
    ...(typeof dbname === 'string' && { database: dbname }),
    ...(channelBinding !== undefined && { enableChannelBinding: channelBinding !== 'disable' }),
  };
}
