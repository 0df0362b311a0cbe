/** Simple least-recently-used buffers of pages, as the commit log's. */
package phaistos.server.slru;
