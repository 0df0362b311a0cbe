/** A JDBC driver that wraps another and records what an application was told of its commits. */
package phaistos.recorder;
