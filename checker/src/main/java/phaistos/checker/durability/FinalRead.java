package phaistos.checker.durability;

import java.util.Set;

/**
 * What was visible after the faults were over and the nodes had recovered.
 *
 * @param node where it was read
 * @param visible the markers of every visible row
 */
public record FinalRead(String node, Set<Marker> visible) {}
