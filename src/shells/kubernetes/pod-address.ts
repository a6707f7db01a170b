/** A container in a pod. */
export interface PodAddress {
  readonly namespace: string;
  readonly pod: string;
  /** Needed where the pod has several. */
  readonly container?: string | undefined;
}
