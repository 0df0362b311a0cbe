/** {@code phaistos inspect}: PostgreSQL's files as text and JSON. */
package phaistos.runner.inspect;
