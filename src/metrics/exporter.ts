import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { OperatorError } from '../errors.ts';

interface Exporter {
  readonly meter: Meter;
  /** Throws OperatorError where the port cannot be had. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** Metrics in the text format of Prometheus, on a port of their own, which clients need not reach. */
export function openExporter(host: string, port: number): Exporter {
  const exporter = new PrometheusExporter({ host, port, preventServerStart: true, withoutScopeInfo: true });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'roster' }),
    readers: [exporter],
  });
  return {
    meter: provider.getMeter('roster'),
    async listen() {
      try {
        await exporter.startServer();
      } catch (error) {
        throw new OperatorError(`METRICS_PORT: ${host}:${port} cannot be listened on: ${(error as Error).message}.`);
      }
    },
    close: () => provider.shutdown(),
  };
}
