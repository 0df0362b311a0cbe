package phaistos.server.heap;

import java.util.Optional;

/**
 * What an index entry leads to.
 *
 * @param row the version that the snapshot sees
 * @param allDead nobody will ever see a version behind this entry, which may go
 */
public record Fetched(Optional<HeapRow> row, boolean allDead) {}
