/** The messages of the frontend/backend protocol. */
package phaistos.server.wire;
