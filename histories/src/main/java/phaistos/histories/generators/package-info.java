/**
 * What happens next in a run: pure values that give the next invocation, in Jepsen's algebra and
 * under Jepsen's names. They know events and nothing else, so that workloads and nemeses share
 * them.
 */
package phaistos.histories.generators;
