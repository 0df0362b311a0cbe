/** The commit log. */
package phaistos.server.clog;
