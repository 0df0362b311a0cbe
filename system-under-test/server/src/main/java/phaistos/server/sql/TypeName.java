package phaistos.server.sql;

import java.util.List;

/**
 * A type as written.
 *
 * @param name folded, without pg_catalog; several words have one blank between them
 * @param modifiers the numbers in parentheses
 */
public record TypeName(String name, List<Integer> modifiers, boolean array) {}
