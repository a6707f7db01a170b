import { kubernetesScenarios } from '../helpers/kubernetes-scenarios.ts';

kubernetesScenarios('etcd', 'patroni-etcd.yaml');
