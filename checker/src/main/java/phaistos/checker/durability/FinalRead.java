package phaistos.checker.durability;

import java.util.Set;

/**
 * The rows visible after the faults had ended and the nodes had recovered.
 *
 * @param node where it was read
 * @param visible the markers of every visible row
 */
public record FinalRead(String node, Set<Marker> visible) {}
