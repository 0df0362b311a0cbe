/** Tables: tuples with their versions, visibility, key indexes. */
package phaistos.server.heap;
