/**
 * A JDBC driver that wraps another and records the answers that an application gets to its commits.
 */
package phaistos.recorder;
