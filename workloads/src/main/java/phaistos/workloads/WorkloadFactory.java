package phaistos.workloads;

import phaistos.cluster.Cluster;

/** Makes a workload for the cluster of a run. */
public interface WorkloadFactory {
  Workload<?> create(Cluster cluster, WorkloadOptions options);
}
