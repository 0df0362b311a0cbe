/** What each setting of synchronous replication survives, measured fault by fault. */
package phaistos.harness.guarantees;
