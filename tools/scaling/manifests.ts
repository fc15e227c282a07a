import { stringify } from 'yaml';
import { factorSeries } from './rules.ts';
import { steps, type Steps } from './steps.ts';

const about = '# Made by `node tools/run.js tools/scaling/main.ts --write`; what it means is in docs/scaling.md.\n';
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'voicechart' } as const;

const pods = ({ pods: value, periodMs }: Steps['down']) => ({ type: 'Pods', value, periodSeconds: periodMs / 1000 });

/** `behavior` of autoscaling/v2. */
const behavior = {
  scaleUp: {
    stabilizationWindowSeconds: steps.up.settledMs / 1000,
    selectPolicy: 'Max',
    policies: [pods(steps.up), { type: 'Percent', value: steps.up.percent, periodSeconds: steps.up.periodMs / 1000 }],
  },
  scaleDown: {
    stabilizationWindowSeconds: steps.down.settledMs / 1000,
    policies: [pods(steps.down)],
  },
};

/** KEDA's ScaledObject. A Prometheus that does not answer is an error and no zero: nothing is scaled then. */
const scaledObject = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'voicechart' },
  spec: {
    scaleTargetRef: target,
    pollingInterval: 15,
    minReplicaCount: steps.least,
    maxReplicaCount: steps.most,
    advanced: { horizontalPodAutoscalerConfig: { behavior } },
    triggers: [
      {
        type: 'prometheus',
        metricType: 'Value',
        metadata: {
          serverAddress: 'http://prometheus.monitoring.svc:9090',
          query: factorSeries,
          threshold: '1',
          ignoreNullValues: 'false',
        },
      },
    ],
  },
};

/** The name that the metrics API knows it by: without colons. */
const externalName = 'voicechart_scale_factor';

/** The same without KEDA, over prometheus-adapter. */
const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'voicechart' },
  spec: {
    scaleTargetRef: target,
    minReplicas: steps.least,
    maxReplicas: steps.most,
    behavior,
    metrics: [
      { type: 'External', external: { metric: { name: externalName }, target: { type: 'Value', value: '1' } } },
    ],
  },
};

/** Values of prometheus-adapter's chart. */
const adapter = {
  rules: {
    external: [
      {
        seriesQuery: factorSeries,
        resources: { namespaced: false },
        name: { matches: '.*', as: externalName },
        metricsQuery: factorSeries,
      },
    ],
  },
};

const fileOf = (manifest: object): string =>
  about + stringify(manifest, { aliasDuplicateObjects: false, singleQuote: true });

/** By their names in deploy/scaling. */
export const manifests: Readonly<Record<string, string>> = {
  'keda.yaml': fileOf(scaledObject),
  'hpa.yaml': fileOf(autoscaler),
  'prometheus-adapter.yaml': fileOf(adapter),
};
