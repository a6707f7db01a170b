import { kubernetesScenarios } from '../helpers/kubernetes-scenarios.ts';

kubernetesScenarios('kubernetes', 'patroni.yaml');
