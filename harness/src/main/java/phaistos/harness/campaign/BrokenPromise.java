package phaistos.harness.campaign;

/**
 * The first promise between the server's steps that a run broke.
 *
 * @param step the label of the step that broke it: "wal-sync"
 * @param source the place in the project's sources: "phaistos/server/wal/Wal.java:375"
 * @param sentence what was promised and what was seen in this run
 */
public record BrokenPromise(String step, String source, String sentence) {}
